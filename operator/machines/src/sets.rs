//! StatefulSets: as many pods as they ask for, each with its claims, in order or all at once. A pod is
//! never replaced because its template changed; who owns the set deletes it when its time has come.

use std::sync::Arc;

use millrace_local::LocalApi;
use serde_json::{Value, json};
use siphasher::sip::SipHasher24;

use crate::events::{Events, Note, Source};
use crate::json::{holds, is_going, is_owned_by, items, owner, place, selects, text};

/// Of a pod: which template it was made from.
const REVISION: &str = "controller-revision-hash";

/// Reasons of events.
const CREATED: &str = "SuccessfulCreate";
const DELETED: &str = "SuccessfulDelete";

/// Brings one set about, as far as can be done now.
pub(crate) fn tend(api: &LocalApi, set: &Value, pods: &[Arc<Value>], events: &Events) {
    if is_going(set) {
        return;
    }
    adopt(api, set, pods);
    let own: Vec<&Arc<Value>> = pods.iter().filter(|pod| is_owned_by(pod, set)).collect();
    let wanted = set["spec"]["replicas"].as_u64().unwrap_or(1);
    let in_order = is_in_order(set);
    let mut all_ready = true;
    for ordinal in 0..wanted {
        let name = pod_name(set, ordinal);
        for template in items(&set["spec"]["volumeClaimTemplates"]) {
            make_claim(api, set, template, &name, events);
        }
        let pod = own.iter().find(|pod| place(pod).1 == name);
        match pod {
            Some(pod) => all_ready &= holds(pod, "Ready") && !is_going(pod),
            None => {
                // A pod of somebody else has the name until they give it up.
                if api.create(made_pod(set, &name, ordinal)).is_ok() {
                    let what = format!(
                        "create Pod {name} in StatefulSet {} successful",
                        place(set).1
                    );
                    events.tell(set, Source::Sets, &Note::new(CREATED, what));
                }
                all_ready = false;
            }
        }
        if in_order && !all_ready {
            break;
        }
    }
    if all_ready || !in_order {
        shrink(api, set, &own, wanted, events);
    }
    tell(api, set);
}

fn is_in_order(set: &Value) -> bool {
    text(&set["spec"]["podManagementPolicy"]) != "Parallel"
}

fn pod_name(set: &Value, ordinal: u64) -> String {
    format!("{}-{ordinal}", place(set).1)
}

fn ordinal_of(set: &Value, pod: &Value) -> Option<u64> {
    let name = place(pod).1.strip_prefix(place(set).1)?;
    name.strip_prefix('-')?.parse().ok()
}

/// Pods that match and belong to nobody are the set's.
fn adopt(api: &LocalApi, set: &Value, pods: &[Arc<Value>]) {
    for pod in pods {
        let (namespace, name) = place(pod);
        let orphan = pod["metadata"].get("ownerReferences").is_none() && !is_going(pod);
        let matches = selects(&set["spec"]["selector"], &pod["metadata"]["labels"]);
        let named = namespace == place(set).0 && ordinal_of(set, pod).is_some();
        if orphan && matches && named {
            let _gone = api.edit("Pod", namespace, name, |pod| {
                pod["metadata"]["ownerReferences"] = json!([owner(set, true)]);
            });
        }
    }
}

/// Deletes pods that are too many, the last first.
fn shrink(api: &LocalApi, set: &Value, own: &[&Arc<Value>], wanted: u64, events: &Events) {
    let extra = own.iter().filter_map(|pod| {
        let ordinal = ordinal_of(set, pod)?;
        (ordinal >= wanted).then_some((ordinal, *pod))
    });
    let mut extra: Vec<(u64, &Arc<Value>)> = extra.collect();
    extra.sort_by_key(|(ordinal, _)| std::cmp::Reverse(*ordinal));
    let at_once = if is_in_order(set) { 1 } else { extra.len() };
    for (_, pod) in extra.into_iter().take(at_once) {
        if is_going(pod) {
            continue;
        }
        let (namespace, name) = place(pod);
        if set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenScaled"] == "Delete" {
            for template in items(&set["spec"]["volumeClaimTemplates"]) {
                let claim = claim_name(template, name);
                own_claim(api, namespace, &claim, &json!([owner(pod, false)]));
            }
        }
        if api.delete("Pod", namespace, name).is_ok() {
            let what = format!(
                "delete Pod {name} in StatefulSet {} successful",
                place(set).1
            );
            events.tell(set, Source::Sets, &Note::new(DELETED, what));
        }
    }
}

fn claim_name(template: &Value, pod: &str) -> String {
    format!("{}-{pod}", place(template).1)
}

/// A claim is there before its pod. It goes with the set when the set says so.
fn make_claim(api: &LocalApi, set: &Value, template: &Value, pod: &str, events: &Events) {
    let (namespace, of) = place(set);
    let name = claim_name(template, pod);
    let policy = &set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenDeleted"];
    let owners = match policy == "Delete" {
        true => json!([owner(set, false)]),
        false => Value::Null,
    };
    if let Some(claim) = api.object("PersistentVolumeClaim", namespace, &name) {
        if is_going(&claim) || claim["metadata"]["ownerReferences"] == owners {
            return;
        }
        own_claim(api, namespace, &name, &owners);
        return;
    }
    let metadata = json!({"name": name, "namespace": namespace,
        "labels": template["metadata"]["labels"], "ownerReferences": owners});
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": metadata, "spec": template["spec"]});
    if api.create(claim).is_ok() {
        let what = format!("create Claim {name} Pod {pod} in StatefulSet {of} success");
        events.tell(set, Source::Sets, &Note::new(CREATED, what));
    }
}

fn own_claim(api: &LocalApi, namespace: &str, name: &str, owners: &Value) {
    let _gone = api.edit("PersistentVolumeClaim", namespace, name, |claim| {
        claim["metadata"]["ownerReferences"] = owners.clone();
    });
}

fn made_pod(set: &Value, name: &str, ordinal: u64) -> Value {
    let template = &set["spec"]["template"];
    let mut labels = template["metadata"]["labels"].clone();
    labels["statefulset.kubernetes.io/pod-name"] = name.into();
    labels["apps.kubernetes.io/pod-index"] = ordinal.to_string().into();
    labels[REVISION] = revision(set).into();
    let mut spec = template["spec"].clone();
    spec["hostname"] = name.into();
    spec["subdomain"] = set["spec"]["serviceName"].clone();
    let claims = items(&set["spec"]["volumeClaimTemplates"]);
    let claims = claims.map(|template| {
        let claim = claim_name(template, name);
        json!({"name": place(template).1, "persistentVolumeClaim": {"claimName": claim}})
    });
    let claims: Vec<Value> = claims.collect();
    let others = items(&template["spec"]["volumes"])
        .filter(|volume| claims.iter().all(|claim| claim["name"] != volume["name"]));
    let volumes: Vec<Value> = claims.iter().chain(others).cloned().collect();
    spec["volumes"] = volumes.into();
    json!({"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {
        "name": name, "namespace": set["metadata"]["namespace"], "labels": labels,
        "annotations": template["metadata"]["annotations"], "ownerReferences": [owner(set, true)],
    }})
}

/// What a template is called.
fn revision(set: &Value) -> String {
    let template = set["spec"]["template"].to_string();
    let hash = SipHasher24::new_with_keys(0, 0).hash(template.as_bytes());
    format!("{}-{:010x}", place(set).1, hash >> 24)
}

/// How the set stands.
fn tell(api: &LocalApi, set: &Value) {
    let (namespace, name) = place(set);
    let pods = api.objects("Pod");
    let own: Vec<&Arc<Value>> = pods
        .iter()
        .filter(|pod| is_owned_by(pod, set) && !is_going(pod))
        .collect();
    let count = |of: &dyn Fn(&Value) -> bool| own.iter().filter(|pod| of(pod)).count();
    let of_revision =
        |revision: &str| count(&|pod| pod["metadata"]["labels"][REVISION] == *revision);
    let update = revision(set);
    let updated = of_revision(&update);
    let before = text(&set["status"]["currentRevision"]);
    // The old template is forgotten when the last of its pods is.
    let current = match before.is_empty() || updated == own.len() {
        true => update.as_str(),
        false => before,
    };
    let ready = count(&|pod| holds(pod, "Ready"));
    let status = json!({
        "observedGeneration": set["metadata"]["generation"],
        "replicas": own.len(), "readyReplicas": ready, "availableReplicas": ready,
        "currentReplicas": of_revision(current), "updatedReplicas": updated,
        "currentRevision": current, "updateRevision": update, "collisionCount": 0,
    });
    if set["status"] != status {
        let _gone = api.edit("StatefulSet", namespace, name, |set| {
            set["status"] = status;
        });
    }
}

#[cfg(test)]
mod tests {
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
}
