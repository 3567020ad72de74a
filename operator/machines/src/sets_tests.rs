//! A set's pods and claims, round by round.

use jiff::Timestamp;

use super::*;

fn api() -> LocalApi {
    LocalApi::new(Timestamp::UNIX_EPOCH)
}

fn set(policy: &str, replicas: u64, retention: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "n"}, "spec": {
        "replicas": replicas, "podManagementPolicy": policy, "serviceName": "webs",
        "updateStrategy": {"type": "OnDelete"},
        "selector": {"matchLabels": {"app": "web"}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": retention},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}}}}],
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
            "containers": [{"name": "a", "image": "i"}]}}}})
}

fn round(api: &LocalApi) {
    let set = api.object("StatefulSet", "n", "web").expect("a set");
    let events = Events::new(api.clone(), "here".to_owned());
    tend(api, &set, &api.objects("Pod"), &events);
}

fn names(api: &LocalApi, kind: &str) -> Vec<String> {
    let objects = api.objects(kind);
    objects.iter().map(|one| place(one).1.to_owned()).collect()
}

fn make_ready(api: &LocalApi, pod: &str) {
    api.edit("Pod", "n", pod, |pod| {
        pod["status"] = json!({"conditions": [{"type": "Ready", "status": "True"}]});
    })
    .expect("a pod");
}

#[test]
fn in_order_each_pod_waits_for_the_one_before_it() {
    let api = api();
    api.create(set("OrderedReady", 2, "Retain")).expect("a set");
    round(&api);
    round(&api);
    assert_eq!(names(&api, "Pod"), ["web-0"]);
    make_ready(&api, "web-0");
    round(&api);
    assert_eq!(names(&api, "Pod"), ["web-0", "web-1"]);
    assert_eq!(
        names(&api, "PersistentVolumeClaim"),
        ["data-web-0", "data-web-1"]
    );
}

#[test]
fn pods_that_are_too_many_go_and_their_claims_as_the_set_says() {
    for (retention, left) in [("Retain", 2), ("Delete", 1)] {
        let api = api();
        api.create(set("Parallel", 2, retention)).expect("a set");
        round(&api);
        assert_eq!(names(&api, "Pod"), ["web-0", "web-1"]);
        // One that no machine has taken goes at once.
        api.edit("Pod", "n", "web-1", |pod| {
            pod["spec"]["nodeName"] = "machine".into();
        })
        .expect("a pod");
        api.edit("StatefulSet", "n", "web", |set| {
            set["spec"]["replicas"] = 1.into();
        })
        .expect("a set");
        round(&api);
        round(&api);
        let going = api
            .object("Pod", "n", "web-1")
            .expect("it has to stop first");
        assert!(is_going(&going));
        api.finish("Pod", "n", "web-1").expect("a pod");
        round(&api);
        assert_eq!(names(&api, "Pod"), ["web-0"]);
        assert_eq!(
            names(&api, "PersistentVolumeClaim").len(),
            left,
            "{retention}"
        );
    }
}

#[test]
fn a_set_of_more_pods_than_there_can_be_gets_as_many_as_can_be_and_is_told_once() {
    let api = api();
    let too_many = PODS_MOST as u64 + 1;
    api.create(set("Parallel", too_many, "Retain"))
        .expect("a set");
    round(&api);
    round(&api);
    assert_eq!(api.objects("Pod").len(), PODS_MOST);
    let events = api.objects("Event");
    let warnings: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "Warning")
        .collect();
    let expected = "create Pod web-250 in StatefulSet web failed error: \
                    one machine runs 250 pods at most: ask for fewer replicas";
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0]["note"], expected);
    assert_eq!(warnings[0]["deprecatedCount"], 1);
}

#[test]
fn a_changed_template_is_told_and_replaces_no_pod() {
    let api = api();
    api.create(set("Parallel", 1, "Retain")).expect("a set");
    round(&api);
    make_ready(&api, "web-0");
    api.edit("StatefulSet", "n", "web", |set| {
        set["spec"]["template"]["spec"]["containers"][0]["image"] = "j".into();
    })
    .expect("a set");
    let before = api.object("Pod", "n", "web-0");
    round(&api);
    assert_eq!(api.object("Pod", "n", "web-0"), before);
    let status = &api.object("StatefulSet", "n", "web").expect("a set")["status"];
    assert_eq!(
        (&status["replicas"], &status["readyReplicas"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&status["updatedReplicas"], &status["currentReplicas"]),
        (&json!(0), &json!(1))
    );
    assert_ne!(status["currentRevision"], status["updateRevision"]);
}

#[test]
fn a_set_made_anew_adopts_the_pods_it_finds() {
    let api = api();
    let first = api.create(set("Parallel", 1, "Retain")).expect("a set");
    round(&api);
    api.edit("Pod", "n", "web-0", |pod| {
        pod["metadata"]["ownerReferences"] = Value::Null;
    })
    .expect("a pod");
    round(&api);
    let pod = api.object("Pod", "n", "web-0").expect("a pod");
    assert!(is_owned_by(&pod, &first));
}
