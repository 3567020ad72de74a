//! Pods that Kubernetes refuses to create: only the events of their StatefulSets say why. They are read
//! while a set's controller has tried and pods are still missing, and not often then.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Event;
use kube::ResourceExt;
use kube::api::{Api, ListParams};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::cluster::restarts::Member;
use crate::context::Context;
use crate::error::{ReconcileError, kubernetes};

/// Between two looks at a set's events.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// So many events of a set are looked at; the same again counts as one.
const EVENTS_LIMIT: u32 = 500;

/// Why each pod is refused, by its name.
pub(crate) type Refused = BTreeMap<String, String>;

/// What was told lately, by the set's uid.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    told: Mutex<HashMap<String, (Instant, Refused)>>,
}

impl Refusals {
    /// Why members have no pod, as far as Kubernetes refuses it.
    pub(crate) async fn find(
        &self,
        context: &Context,
        sets: &[StatefulSet],
        members: &[Member],
    ) -> Refused {
        let missing = members.iter().filter(|member| member.pod.is_none());
        let missing: BTreeSet<&str> = missing.map(|member| member.broker.pod.as_str()).collect();
        let mut refused = Refused::new();
        if missing.is_empty() {
            return refused;
        }
        for set in sets.iter().filter(|set| lacks_pods(set)) {
            refused.extend(self.of_set(context, set).await);
        }
        // Of others its events may speak too, which were created since.
        refused.retain(|pod, _| missing.contains(pod.as_str()));
        refused
    }

    async fn of_set(&self, context: &Context, set: &StatefulSet) -> Refused {
        let uid = set.uid().unwrap_or_default();
        if let Some(refused) = self.told_lately(&uid) {
            return refused;
        }
        let refused = match events(context, set).await {
            Ok(events) => newest_of_each(&events),
            Err(error) => {
                let set = set.name_any();
                tracing::warn!(
                    error = error.sentence(),
                    set,
                    "why pods are missing is not known"
                );
                Refused::new()
            }
        };
        let told = (Instant::now(), refused.clone());
        self.told.lock().insert(uid, told);
        refused
    }

    fn told_lately(&self, uid: &str) -> Option<Refused> {
        let mut told = self.told.lock();
        told.retain(|_, (at, _)| at.elapsed() < ASK_EVERY);
        told.get(uid).map(|(_, refused)| refused.clone())
    }
}

/// Whether the set's controller has seen the newest spec and could not make all pods of it.
fn lacks_pods(set: &StatefulSet) -> bool {
    let wanted = set.spec.as_ref().and_then(|spec| spec.replicas);
    set.status.as_ref().is_some_and(|status| {
        status.observed_generation == set.metadata.generation
            && status.replicas < wanted.unwrap_or(1)
    })
}

async fn events(context: &Context, set: &StatefulSet) -> Result<Vec<Event>, ReconcileError> {
    let (namespace, name) = (set.namespace().unwrap_or_default(), set.name_any());
    let about = format!(
        "involvedObject.kind=StatefulSet,involvedObject.name={name},involvedObject.uid={},\
         type=Warning,reason=FailedCreate",
        set.uid().unwrap_or_default()
    );
    let api: Api<Event> = Api::namespaced(context.client.clone(), &namespace);
    let params = ListParams::default().fields(&about).limit(EVENTS_LIMIT);
    let request = api.list(&params);
    let listed = kubernetes(|| format!("read the events of StatefulSet {name}"), request).await?;
    Ok(listed.items)
}

fn newest_of_each(events: &[Event]) -> Refused {
    let mut events: Vec<&Event> = events.iter().collect();
    events.sort_by_key(|event| told_at(event));
    events
        .into_iter()
        .filter_map(|event| refusal(event.message.as_deref()?))
        .collect()
}

fn told_at(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref();
    let repeated = series.and_then(|series| series.last_observed_time.as_ref());
    let repeated = repeated.map(|time| time.0);
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    let first = event.event_time.as_ref().map(|time| time.0);
    repeated.max(last).max(first)
}

/// The pod and the words of `create Pod a-0 in StatefulSet a failed error: words`; where its claim is
/// refused, `Claim data-a-0` stands before the pod.
fn refusal(message: &str) -> Option<(String, String)> {
    let (what, words) = message.split_once(" failed error: ")?;
    let (_, pod) = what.split_once("Pod ")?;
    let (pod, _) = pod.split_once(" in ")?;
    Some((pod.to_owned(), words.to_owned()))
}

/// What to do, by words that tell who refuses.
const ADVICE: &[(&str, &str)] = &[
    (
        "PodSecurity",
        "make the pool's template.securityContext keep to that profile, or have the namespace enforce another: \
         its label pod-security.kubernetes.io/enforce",
    ),
    (
        "quota",
        "ask for less in the pool's resources and storage, or raise that ResourceQuota",
    ),
    (
        "admission webhook",
        "do what the webhook asks for, or ask whoever runs it",
    ),
];

/// What to do about a refusal.
pub(crate) fn advice(words: &str) -> &'static str {
    let mut known = ADVICE.iter();
    let found = known.find(|(who, _)| words.contains(who));
    found.map_or("change what it names", |(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_word_about_each_pod_counts() {
        let event = |second: u32, message: &str| -> Event {
            serde_json::from_value(
                json!({"metadata": {}, "involvedObject": {}, "message": message,
                "lastTimestamp": format!("2026-01-01T00:00:{second:02}Z")}),
            )
            .expect("an event")
        };
        let found = newest_of_each(&[
            event(
                5,
                "create Pod a-0 in StatefulSet a failed error: exceeded quota: q",
            ),
            event(3, "create Pod a-0 in StatefulSet a failed error: timeout"),
            event(
                1,
                "create Claim data-a-1 Pod a-1 in StatefulSet a failed error: no: really",
            ),
            event(9, "something else"),
        ]);
        let expected = [("a-0", "exceeded quota: q"), ("a-1", "no: really")];
        let expected = expected.map(|(pod, words)| (pod.to_owned(), words.to_owned()));
        assert_eq!(found, Refused::from(expected));
    }

    #[test]
    fn a_set_lacks_pods_once_its_controller_has_tried() {
        for (generation, status, expected) in [
            (2, json!(null), false),
            (2, json!({"replicas": 0}), false),
            (2, json!({"replicas": 0, "observedGeneration": 1}), false),
            (2, json!({"replicas": 2, "observedGeneration": 2}), true),
            (2, json!({"replicas": 3, "observedGeneration": 2}), false),
        ] {
            let set: StatefulSet =
                serde_json::from_value(json!({"metadata": {"generation": generation},
                "spec": {"replicas": 3, "selector": {}, "template": {}}, "status": status}))
                .expect("a set");
            assert_eq!(lacks_pods(&set), expected, "{status}");
        }
    }

    #[test]
    fn advice_follows_from_who_refuses() {
        for (words, expected) in [
            (
                "violates PodSecurity \"restricted:latest\": …",
                "securityContext",
            ),
            (
                "is forbidden: exceeded quota: q, requested: …",
                "ResourceQuota",
            ),
            ("admission webhook \"w\" denied the request: no", "webhook"),
            ("no PriorityClass with name high was found", "what it names"),
        ] {
            assert!(advice(words).contains(expected), "{words}");
        }
    }
}
