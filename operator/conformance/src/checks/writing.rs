//! Creating, replacing and patching.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::{causes, same};
use crate::ground::Ground;

fn map(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

fn service(ports: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
        "spec": {"clusterIP": "None", "selector": {"x": "y"}, "ports": ports}})
}

pub(super) fn stateful_set(name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name},
        "spec": {"serviceName": "none", "replicas": 0, "selector": {"matchLabels": {"x": name}},
            "template": {"metadata": {"labels": {"x": name}}, "spec": {"containers": [
                {"name": "one", "image": "i:1"}, {"name": "two", "image": "i:1"}]}}}})
}

pub(super) async fn a_new_object_gets_what_the_server_gives(ground: Ground) -> Result<()> {
    let mut asked = map("a", json!({"k": "v"}));
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
    let mut asked = map("", json!({}));
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
    let asked = map("a", json!({}));
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
    let mut versioned = map("b", json!({}));
    versioned["metadata"]["resourceVersion"] = "1".into();
    ground
        .post("configmaps", &versioned)
        .await?
        .with_code(500)?;
    Ok(())
}

pub(super) async fn a_stale_write_conflicts(ground: Ground) -> Result<()> {
    let made = ground
        .post("configmaps", &map("a", json!({"n": "1"})))
        .await?
        .done()?;
    let mut newer = made.clone();
    newer["data"]["n"] = "2".into();
    ground.put("configmaps/a", &newer).await?.done()?;
    let mut stale = made.clone();
    stale["data"]["n"] = "3".into();
    ground
        .put("configmaps/a", &stale)
        .await?
        .refused(409, "Conflict")?;
    let version = &made["metadata"]["resourceVersion"];
    let patch = json!({"metadata": {"resourceVersion": version}, "data": {"n": "4"}});
    ground
        .patch("merge", "configmaps/a", &patch)
        .await?
        .refused(409, "Conflict")?;
    let mut other = made.clone();
    other["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000".into();
    other["metadata"]["resourceVersion"] = "".into();
    ground
        .put("configmaps/a", &other)
        .await?
        .refused(409, "Conflict")?;
    stale["metadata"]["resourceVersion"] = "".into();
    let replaced = ground.put("configmaps/a", &stale).await?.done()?;
    same("data", &replaced["data"], &json!({"n": "3"}))?;
    let topic = json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic",
        "metadata": {"name": "a"}, "spec": {"clusterRef": {"name": "b"}}});
    ground.post("kafkatopics", &topic).await?.done()?;
    let refused = ground
        .put("kafkatopics/a", &topic)
        .await?
        .refused(422, "Invalid")?;
    let expected = (
        "metadata.resourceVersion".into(),
        "FieldValueInvalid".into(),
    );
    ensure!(causes(&refused) == [expected], "{refused}");
    Ok(())
}

pub(super) async fn a_write_that_changes_nothing_leaves_no_trace(ground: Ground) -> Result<()> {
    let made = ground
        .post("configmaps", &map("a", json!({"n": "1"})))
        .await?
        .done()?;
    let put = ground.put("configmaps/a", &made).await?.done()?;
    same("after put", &put, &made)?;
    let patched = ground
        .patch("merge", "configmaps/a", &json!({"data": {"n": "1"}}))
        .await?
        .done()?;
    same("after patch", &patched, &made)?;
    let none = ground
        .patch("merge", "configmaps/a", &json!({"data": {"m": null}}))
        .await?
        .done()?;
    same("after nothing", &none, &made)
}

pub(super) async fn generations_count_specs(ground: Ground) -> Result<()> {
    let generation = |object: &Value| object["metadata"]["generation"].clone();
    let set = ground
        .post("statefulsets", &stateful_set("a"))
        .await?
        .done()?;
    same("at first", &generation(&set), &1.into())?;
    let labelled = json!({"metadata": {"labels": {"a": "b"}}});
    let set = ground
        .patch("merge", "statefulsets/a", &labelled)
        .await?
        .done()?;
    same("after a label", &generation(&set), &1.into())?;
    let scaled = json!({"spec": {"minReadySeconds": 5}});
    let set = ground
        .patch("merge", "statefulsets/a", &scaled)
        .await?
        .done()?;
    same("after a spec", &generation(&set), &2.into())?;
    let map = ground
        .post("configmaps", &map("a", json!({})))
        .await?
        .done()?;
    same("of a map", &generation(&map), &Value::Null)
}

pub(super) async fn patches_of_every_kind_change_what_they_name(ground: Ground) -> Result<()> {
    ground
        .post(
            "configmaps",
            &map("a", json!({"a": "1", "b": "2", "c": "3"})),
        )
        .await?
        .done()?;
    let merge = json!({"data": {"a": null, "b": "4"}});
    let found = ground
        .patch("merge", "configmaps/a", &merge)
        .await?
        .done()?;
    same("merge", &found["data"], &json!({"b": "4", "c": "3"}))?;
    let steps = json!([{"op": "test", "path": "/data/b", "value": "4"},
        {"op": "remove", "path": "/data/c"}, {"op": "add", "path": "/data/d", "value": "5"}]);
    let found = ground.patch("json", "configmaps/a", &steps).await?.done()?;
    same("json", &found["data"], &json!({"b": "4", "d": "5"}))?;
    let wrong = json!([{"op": "test", "path": "/data/b", "value": "1"}]);
    ground
        .patch("json", "configmaps/a", &wrong)
        .await?
        .refused(422, "Invalid")?;
    let strategic = json!({"data": {"b": null, "e": "6"}});
    let found = ground
        .patch("strategic-merge", "configmaps/a", &strategic)
        .await?
        .done()?;
    same("strategic", &found["data"], &json!({"d": "5", "e": "6"}))?;
    let refused = ground.patch("odd", "configmaps/a", &json!({})).await?;
    refused.refused(415, "UnsupportedMediaType")?;
    let topic = json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic",
        "metadata": {"name": "a"}, "spec": {"clusterRef": {"name": "b"}}});
    ground.post("kafkatopics", &topic).await?.done()?;
    let refused = ground
        .patch("strategic-merge", "kafkatopics/a", &json!({}))
        .await?;
    refused.refused(415, "UnsupportedMediaType")?;
    Ok(())
}

pub(super) async fn a_strategic_patch_merges_lists_by_their_keys(ground: Ground) -> Result<()> {
    ground
        .post("statefulsets", &stateful_set("a"))
        .await?
        .done()?;
    let containers = |list: Value| json!({"spec": {"template": {"spec": {"containers": list}}}});
    let images = |set: &Value| -> Value {
        let list = set["spec"]["template"]["spec"]["containers"]
            .as_array()
            .cloned();
        let pairs = list.unwrap_or_default().into_iter();
        pairs
            .map(|one| json!([one["name"], one["image"]]))
            .collect::<Vec<_>>()
            .into()
    };
    let patch = containers(json!([{"name": "two", "image": "i:2"}]));
    let set = ground
        .patch("strategic-merge", "statefulsets/a", &patch)
        .await?
        .done()?;
    same(
        "merged",
        &images(&set),
        &json!([["one", "i:1"], ["two", "i:2"]]),
    )?;
    let patch = containers(json!([{"name": "one", "$patch": "delete"}]));
    let set = ground
        .patch("strategic-merge", "statefulsets/a", &patch)
        .await?
        .done()?;
    same("deleted", &images(&set), &json!([["two", "i:2"]]))?;
    let patch = containers(json!([{"$patch": "replace"}, {"name": "three", "image": "i:3"}]));
    let set = ground
        .patch("strategic-merge", "statefulsets/a", &patch)
        .await?
        .done()?;
    same("replaced", &images(&set), &json!([["three", "i:3"]]))
}

pub(super) async fn ports_are_merged_by_their_number(ground: Ground) -> Result<()> {
    ground
        .post(
            "services",
            &service(json!([{"name": "p", "port": 1}, {"name": "q", "port": 2}])),
        )
        .await?
        .done()?;
    let patch = json!({"spec": {"ports": [{"port": 2, "name": "r"}, {"port": 3, "name": "s"}]}});
    let found = ground
        .patch("strategic-merge", "services/a", &patch)
        .await?
        .done()?;
    let ports = found["spec"]["ports"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut ports: Vec<(u64, String)> = ports
        .iter()
        .map(|port| {
            (
                port["port"].as_u64().unwrap_or_default(),
                port["name"].to_string(),
            )
        })
        .collect();
    ports.sort();
    let named = |name: &str| format!("{name:?}");
    ensure!(
        ports == [(1, named("p")), (2, named("r")), (3, named("s"))],
        "{found}"
    );
    Ok(())
}

pub(super) async fn what_is_only_tried_is_not_stored(ground: Ground) -> Result<()> {
    let tried = ground
        .post("configmaps?dryRun=All", &map("a", json!({"n": "1"})))
        .await?;
    let tried = tried.with_code(201)?;
    ensure!(tried["metadata"]["uid"].is_string(), "{tried}");
    ground.get("configmaps/a").await?.refused(404, "NotFound")?;
    let made = ground
        .post("configmaps", &map("a", json!({"n": "1"})))
        .await?
        .done()?;
    let patch = json!({"data": {"n": "2"}});
    let tried = ground
        .patch("merge", "configmaps/a?dryRun=All", &patch)
        .await?
        .done()?;
    same("tried", &tried["data"], &json!({"n": "2"}))?;
    ground
        .delete("configmaps/a?dryRun=All", &Value::Null)
        .await?
        .done()?;
    let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"]});
    ground.delete("configmaps/a", &options).await?.done()?;
    same("stored", &ground.get("configmaps/a").await?.done()?, &made)
}

pub(super) async fn unknown_fields_are_told_refused_or_dropped(ground: Ground) -> Result<()> {
    let kinds = [
        (
            "configmaps",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "odd": 1}),
        ),
        (
            "kafkatopics",
            json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic",
            "metadata": {"name": "a"}, "spec": {"clusterRef": {"name": "b"}, "odd": 1}}),
        ),
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
        let message = refused["message"].as_str().unwrap_or_default();
        ensure!(
            message.contains("strict decoding error: unknown field") && message.contains("odd"),
            "{refused}"
        );
    }
    Ok(())
}

pub(super) async fn some_fields_stay_as_they_were_created(ground: Ground) -> Result<()> {
    ground
        .post("statefulsets", &stateful_set("a"))
        .await?
        .done()?;
    let patch = json!({"spec": {"serviceName": "other"}});
    let refused = ground
        .patch("merge", "statefulsets/a", &patch)
        .await?
        .refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == [("spec".into(), "FieldValueForbidden".into())],
        "{refused}"
    );
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "none",
            "resources": {"requests": {"storage": "1Gi"}}}});
    ground
        .post("persistentvolumeclaims", &claim)
        .await?
        .done()?;
    let patch = json!({"spec": {"storageClassName": "other"}});
    let refused = ground
        .patch("merge", "persistentvolumeclaims/a", &patch)
        .await?;
    let refused = refused.refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == [("spec".into(), "FieldValueForbidden".into())],
        "{refused}"
    );
    let mut settled = map("a", json!({"n": "1"}));
    settled["immutable"] = true.into();
    ground.post("configmaps", &settled).await?.done()?;
    let patch = json!({"data": {"n": "2"}});
    let refused = ground
        .patch("merge", "configmaps/a", &patch)
        .await?
        .refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == [("data".into(), "FieldValueForbidden".into())],
        "{refused}"
    );
    Ok(())
}

pub(super) async fn what_is_left_out_of_built_in_kinds_is_set(ground: Ground) -> Result<()> {
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
    same("set", &rest, &expected)?;
    let made = ground
        .post("services", &service(json!([{"port": 1}])))
        .await?
        .done()?;
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
