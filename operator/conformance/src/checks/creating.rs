//! Creating: what the server gives, what it takes from a client, what it sets by default.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::{causes, same, text};
use crate::ground::Ground;
use crate::specimens::{map, map_of, service, stateful_set, topic};

pub(super) async fn a_new_object_gets_what_the_server_gives(ground: Ground) -> Result<()> {
    let mut asked = map_of("a", json!({"k": "v"}));
    asked["metadata"]["uid"] = "mine".into();
    asked["metadata"]["creationTimestamp"] = "2001-01-01T00:00:00Z".into();
    let made = ground.post("configmaps", &asked).await?.with_code(201)?;
    let metadata = &made["metadata"];
    ensure!(
        metadata["uid"].as_str().is_some_and(|uid| uid.len() == 36),
        "{made}"
    );
    ensure!(
        metadata["creationTimestamp"] != "2001-01-01T00:00:00Z",
        "{made}"
    );
    ensure!(metadata.get("generation").is_none(), "{made}");
    same(
        "namespace",
        &metadata["namespace"],
        &ground.namespace.as_str().into(),
    )?;
    let managers = &metadata["managedFields"];
    same("manager", &managers[0]["manager"], &"conformance".into())?;
    same("operation", &managers[0]["operation"], &"Update".into())?;
    same(
        "fields",
        &managers[0]["fieldsV1"],
        &json!({"f:data": {".": {}, "f:k": {}}}),
    )?;
    let read = ground.get("configmaps/a").await?.done()?;
    same("what is read", &read, &made)
}

pub(super) async fn a_name_is_generated(ground: Ground) -> Result<()> {
    let mut asked = map("");
    asked["metadata"] = json!({"generateName": "some-"});
    let one = ground.post("configmaps", &asked).await?.with_code(201)?;
    let other = ground.post("configmaps", &asked).await?.with_code(201)?;
    let (one, other) = (&one["metadata"]["name"], &other["metadata"]["name"]);
    ensure!(one != other, "{one} twice");
    ensure!(
        one.as_str()
            .is_some_and(|name| name.starts_with("some-") && name.len() == 10),
        "{one}"
    );
    let nameless = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}});
    let refused = ground
        .post("configmaps", &nameless)
        .await?
        .refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == [("metadata.name".into(), "FieldValueRequired".into())],
        "{refused}"
    );
    Ok(())
}

pub(super) async fn an_object_is_created_once(ground: Ground) -> Result<()> {
    let asked = map("a");
    ground.post("configmaps", &asked).await?.with_code(201)?;
    let refused = ground
        .post("configmaps", &asked)
        .await?
        .refused(409, "AlreadyExists")?;
    same(
        "details",
        &refused["details"],
        &json!({"name": "a", "kind": "configmaps"}),
    )?;
    let mut versioned = map("b");
    versioned["metadata"]["resourceVersion"] = "1".into();
    ground
        .post("configmaps", &versioned)
        .await?
        .with_code(500)?;
    Ok(())
}

pub(super) async fn unknown_fields_are_told_refused_or_dropped(ground: Ground) -> Result<()> {
    let kinds = [
        (
            "configmaps",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "odd": 1}),
        ),
        ("kafkatopics", topic(json!({"odd": 1}))),
    ];
    for (plural, object) in kinds {
        let path = |how: &str| format!("{plural}?dryRun=All&fieldValidation={how}");
        let told = ground.post(&path("Warn"), &object).await?;
        ensure!(
            told.warnings
                .iter()
                .any(|one| one.contains("unknown field")),
            "{told:?}"
        );
        let body = told.with_code(201)?;
        ensure!(!body.to_string().contains("odd"), "{body}");
        let quiet = ground.post(&path("Ignore"), &object).await?;
        ensure!(quiet.warnings.is_empty(), "{quiet:?}");
        quiet.with_code(201)?;
        let refused = ground
            .post(&path("Strict"), &object)
            .await?
            .refused(400, "BadRequest")?;
        let message = text(&refused["message"]);
        ensure!(
            message.contains("strict decoding error: unknown field") && message.contains("odd"),
            "{refused}"
        );
    }
    Ok(())
}

pub(super) async fn what_is_left_out_of_a_set_is_set(ground: Ground) -> Result<()> {
    let mut set = stateful_set("a");
    set["spec"]["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]);
    let pod = &mut set["spec"]["template"]["spec"];
    pod["serviceAccountName"] = "x".into();
    pod["volumes"] =
        json!([{"name": "v", "configMap": {"name": "c"}}, {"name": "e", "emptyDir": {}}]);
    pod["containers"] = json!([{"name": "one", "image": "a.b/i", "ports": [{"containerPort": 1}],
        "readinessProbe": {"httpGet": {"port": 1}}, "livenessProbe": {"tcpSocket": {"port": 1}},
        "env": [{"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}]);
    let made = ground.post("statefulsets", &set).await?.done()?;
    let probe = json!({"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3});
    let with = |mut probe: Value, what: &str, how: Value| {
        probe[what] = how;
        probe
    };
    let container = json!({"name": "one", "image": "a.b/i", "imagePullPolicy": "Always", "resources": {},
        "ports": [{"containerPort": 1, "protocol": "TCP"}],
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "readinessProbe": with(probe.clone(), "httpGet", json!({"port": 1, "path": "/", "scheme": "HTTP"})),
        "livenessProbe": with(probe, "tcpSocket", json!({"port": 1})),
        "env": [{"name": "N", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}]});
    let expected = json!({"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
        "schedulerName": "default-scheduler", "securityContext": {}, "terminationGracePeriodSeconds": 30,
        "serviceAccount": "x", "serviceAccountName": "x", "volumes": [
            {"name": "v", "configMap": {"name": "c", "defaultMode": 420}}, {"name": "e", "emptyDir": {}}]});
    same("pod", &made["spec"]["template"]["spec"], &expected)?;
    let claim = json!([{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem",
            "resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": "Pending"}}]);
    same("claims", &made["spec"]["volumeClaimTemplates"], &claim)?;
    let mut rest = made["spec"].clone();
    rest["template"] = Value::Null;
    rest["volumeClaimTemplates"] = Value::Null;
    let expected = json!({"serviceName": "none", "replicas": 0, "selector": {"matchLabels": {"x": "a"}},
        "template": null, "volumeClaimTemplates": null, "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}});
    same("set", &rest, &expected)
}

pub(super) async fn what_is_left_out_of_services_and_policies_is_set(ground: Ground) -> Result<()> {
    let asked = service(json!({"clusterIP": "None", "ports": [{"port": 1}]}));
    let made = ground.post("services", &asked).await?.done()?;
    same(
        "ports",
        &made["spec"]["ports"],
        &json!([{"port": 1, "protocol": "TCP", "targetPort": 1}]),
    )?;
    let some =
        ["type", "sessionAffinity", "internalTrafficPolicy"].map(|field| &made["spec"][field]);
    same(
        "service",
        &json!(some),
        &json!(["ClusterIP", "None", "Cluster"]),
    )?;
    let policy = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "a"},
        "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 1}]}]}});
    let made = ground.post("networkpolicies", &policy).await?.done()?;
    let expected = json!({"podSelector": {}, "ingress": [{"ports": [{"port": 1, "protocol": "TCP"}]}],
        "policyTypes": ["Ingress"]});
    same("policy", &made["spec"], &expected)
}
