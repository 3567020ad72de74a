//! StatefulSets: as many pods as they ask for, each with its claims, in order or all at once. A pod is
//! never replaced because its template changed; who owns the set deletes it when its time has come.

use std::sync::Arc;

use millrace_local::LocalApi;
use serde_json::{Value, json};
use siphasher::sip::SipHasher24;

use crate::addresses::PODS_MOST;
use crate::events::{Events, Note, Source};
use crate::json::{holds, is_going, is_owned_by, items, owner, place, selects, text};

/// Of a pod: which template it was made from.
const REVISION: &str = "controller-revision-hash";

/// Reasons of events.
const CREATED: &str = "SuccessfulCreate";
const NOT_CREATED: &str = "FailedCreate";
const DELETED: &str = "SuccessfulDelete";

/// Brings one set about, as far as can be done now.
pub(crate) fn tend(api: &LocalApi, set: &Value, pods: &[Arc<Value>], events: &Events) {
    if is_going(set) {
        return;
    }
    adopt(api, set, pods);
    let own: Vec<&Arc<Value>> = pods.iter().filter(|pod| is_owned_by(pod, set)).collect();
    let wanted = at_most(set, events);
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

/// How many pods the set asks for, or as many of them as can ever be. That there are more is told once.
fn at_most(set: &Value, events: &Events) -> u64 {
    let most = PODS_MOST as u64;
    let wanted = set["spec"]["replicas"].as_u64().unwrap_or(1);
    let is_new = set["status"]["observedGeneration"] != set["metadata"]["generation"];
    if wanted > most && is_new {
        let (pod, of) = (pod_name(set, most), place(set).1);
        let why = format!("one machine runs {most} pods at most: ask for fewer replicas");
        let what = format!("create Pod {pod} in StatefulSet {of} failed error: {why}");
        events.tell(set, Source::Sets, &Note::warning(NOT_CREATED, what));
    }
    wanted.min(most)
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
#[path = "sets_tests.rs"]
mod tests;
