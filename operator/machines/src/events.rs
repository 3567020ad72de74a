//! What happens to sets, claims and pods, as Events in the words of a cluster's controllers and kubelets.
//! What happens again is counted, and none is kept for ever: those of everybody else are forgotten here
//! too, as an API server forgets them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use millrace_local::LocalApi;
use serde_json::{Value, json};
use siphasher::sip::SipHasher24;
use tokio::time::Instant;

use crate::json::{place, seconds, text, uid};

/// An event that nothing happened to for so long is forgotten, as by an API server.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(1);
/// Beyond so many the oldest ones are forgotten at once.
const KEPT_MOST: usize = 1_000;
/// Between looks for what is to be forgotten.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Who tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Sets,
    Services,
    Volumes,
    Scheduler,
    Kubelet,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) is_warning: bool,
    /// One word in CamelCase.
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// Of a pod: the container that it happened to.
    pub(crate) container: Option<String>,
}

/// Writes events.
pub(crate) struct Events {
    api: LocalApi,
    node: String,
    looked: Option<Instant>,
}

impl Note {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            is_warning: false,
            reason,
            message: message.into(),
            container: None,
        }
    }

    pub(crate) fn warning(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            is_warning: true,
            ..Self::new(reason, message)
        }
    }

    pub(crate) fn of_container(self, name: &str) -> Self {
        Self {
            container: Some(name.to_owned()),
            ..self
        }
    }
}

impl Source {
    const fn component(self) -> &'static str {
        match self {
            Self::Sets => "statefulset-controller",
            Self::Services => "service-controller",
            Self::Volumes => "persistentvolume-controller",
            Self::Scheduler => "default-scheduler",
            Self::Kubelet => "kubelet",
        }
    }
}

impl Events {
    pub(crate) const fn new(api: LocalApi, node: String) -> Self {
        Self {
            api,
            node,
            looked: None,
        }
    }

    /// Tells what happened to an object. Not to be called for what is merely as it was: an event is a change
    /// of the API, and brings the next look at everything.
    pub(crate) fn tell(&self, about: &Value, by: Source, note: &Note) {
        let now = seconds(Timestamp::now());
        let (namespace, of) = place(about);
        let event = self.event(about, by, note);
        let identity = SipHasher24::new_with_keys(0, 0).hash(event.to_string().as_bytes());
        let name = format!("{of}.{identity:016x}");
        let again = self.api.edit("Event", namespace, &name, |event| {
            let count = event["deprecatedCount"].as_u64().unwrap_or_default();
            event["deprecatedCount"] = count.saturating_add(1).into();
            event["deprecatedLastTimestamp"] = now.clone();
        });
        if again.is_ok() {
            return;
        }
        let mut event = event;
        event["metadata"] = json!({"name": name, "namespace": namespace});
        event["deprecatedFirstTimestamp"] = now.clone();
        event["deprecatedLastTimestamp"] = now;
        event["deprecatedCount"] = 1.into();
        // A namespace that is going takes none, and then nobody asks.
        let _refused = self.api.create(event);
    }

    /// What does not change however often it happens.
    fn event(&self, about: &Value, by: Source, note: &Note) -> Value {
        let (namespace, name) = place(about);
        let mut regarding = json!({"apiVersion": about["apiVersion"], "kind": about["kind"],
            "namespace": namespace, "name": name, "uid": uid(about)});
        if let Some(container) = &note.container {
            regarding["fieldPath"] = format!("spec.containers{{{container}}}").into();
        }
        let mut source = json!({"component": by.component()});
        if by == Source::Kubelet {
            source["host"] = self.node.as_str().into();
        }
        json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "regarding": regarding,
            "type": if note.is_warning { "Warning" } else { "Normal" },
            "reason": note.reason, "note": note.message, "deprecatedSource": source,
            "reportingController": by.component(), "reportingInstance": source["host"]})
    }

    /// Forgets what is old or too much, now and then.
    pub(crate) fn forget(&mut self, now: Instant, stamp: Timestamp) {
        if self.looked.is_some_and(|looked| now < looked + LOOK_EVERY) {
            return;
        }
        self.looked = Some(now);
        let mut events = self.api.objects("Event");
        // The last one that was written to comes first.
        events.sort_by_key(|event| std::cmp::Reverse(version(event)));
        let horizon = stamp.saturating_sub(KEPT_FOR).unwrap_or(stamp);
        let old = |event: &Value| last(event).is_some_and(|last| last < horizon);
        for (rank, event) in events.iter().enumerate() {
            if rank >= KEPT_MOST || old(event) {
                let (namespace, name) = place(event);
                // Whoever took it away was faster.
                let _gone = self.api.delete("Event", namespace, name);
            }
        }
    }
}

fn version(event: &Value) -> u64 {
    let version = text(&event["metadata"]["resourceVersion"]);
    version.parse().unwrap_or_default()
}

/// When it happened last.
fn last(event: &Value) -> Option<Timestamp> {
    let said = [
        "/series/lastObservedTime",
        "/deprecatedLastTimestamp",
        "/eventTime",
    ];
    said.iter()
        .find_map(|pointer| event.pointer(pointer)?.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod() -> Value {
        json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web-0", "namespace": "n", "uid": "u"}})
    }

    fn told(api: &LocalApi) -> Vec<String> {
        let events = api.objects("Event");
        let mut told: Vec<String> = events
            .iter()
            .map(|event| format!("{} {}", event["note"], event["deprecatedCount"]))
            .collect();
        told.sort();
        told
    }

    #[test]
    fn what_happens_again_is_counted() {
        let api = LocalApi::new(Timestamp::UNIX_EPOCH);
        let events = Events::new(api.clone(), "here".to_owned());
        let pulled = Note::new("Started", "a").of_container("web");
        let failed = Note::warning("BackOff", "b");
        for note in [&pulled, &failed, &failed, &pulled, &failed] {
            events.tell(&pod(), Source::Kubelet, note);
        }
        assert_eq!(told(&api), ["\"a\" 2", "\"b\" 3"]);
        let event = &api.objects("Event")[0];
        assert_eq!(event["regarding"]["uid"], "u");
        assert_eq!(event["deprecatedSource"]["host"], "here");
    }

    #[tokio::test(start_paused = true)]
    async fn events_are_forgotten_when_they_are_old_or_too_many() {
        let api = LocalApi::new(Timestamp::UNIX_EPOCH);
        let mut events = Events::new(api.clone(), "here".to_owned());
        for number in 0..KEPT_MOST + 3 {
            let note = Note::new("Started", format!("{number:04}"));
            events.tell(&pod(), Source::Kubelet, &note);
        }
        // Of the oldest one it is told once more.
        events.tell(&pod(), Source::Kubelet, &Note::new("Started", "0000"));
        let stamp = Timestamp::now();
        events.forget(Instant::now(), stamp);
        let kept = told(&api);
        assert_eq!((kept.len(), kept[0].as_str()), (KEPT_MOST, "\"0000\" 2"));
        assert_eq!(kept[1], "\"0004\" 1");
        let later = stamp + KEPT_FOR + SignedDuration::from_secs(2);
        events.forget(Instant::now(), later);
        assert_eq!(told(&api).len(), KEPT_MOST, "it has just looked");
        events.forget(Instant::now() + LOOK_EVERY, later);
        assert_eq!(told(&api), Vec::<String>::new());
    }
}
