//! How clusters and topics stand, as their own statuses tell it. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A cluster or a topic as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) ready: bool,
    /// It does not become ready by itself.
    pub(crate) stalled: bool,
    pub(crate) reason: String,
    pub(crate) message: String,
    /// Where clients of a cluster connect: its listeners and their addresses.
    pub(crate) listeners: Vec<(String, String)>,
    /// In a few words, what there is of it.
    pub(crate) summary: String,
    /// A topic that keeps the last record of each key takes none without.
    pub(crate) wants_keys: bool,
}

impl Standing {
    pub(crate) fn of(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let status = &object["status"];
        let condition = |kind: &str| {
            let mut conditions = status["conditions"].as_array().into_iter().flatten();
            conditions.find(|one| one["type"] == kind)
        };
        let holds = |kind: &str| condition(kind).is_some_and(|one| one["status"] == "True");
        // A status of an older spec says nothing of this one.
        let current = status["observedGeneration"] == object["metadata"]["generation"];
        let of_ready = |field: &str| {
            let ready = condition("Ready").filter(|_| current);
            ready.map(|ready| text(&ready[field])).unwrap_or_default()
        };
        let listeners = status["listeners"].as_array().into_iter().flatten();
        let listeners = listeners
            .map(|one| (text(&one["name"]), text(&one["bootstrapServers"])))
            .filter(|(_, servers)| !servers.is_empty());
        Self {
            kind: text(&object["kind"]),
            namespace: text(&object["metadata"]["namespace"]),
            name: text(&object["metadata"]["name"]),
            ready: current && holds("Ready"),
            stalled: current && holds("Stalled"),
            reason: of_ready("reason"),
            message: of_ready("message"),
            listeners: listeners.collect(),
            summary: summary(object),
            wants_keys: object["spec"]["cleanupPolicy"]
                .as_array()
                .is_some_and(|policies| policies.iter().any(|policy| policy == "compact")),
        }
    }

    /// What it waits for.
    pub(crate) fn why(&self) -> String {
        match (self.reason.as_str(), self.message.as_str()) {
            ("", _) => "not looked at yet".to_owned(),
            (reason, "") => reason.to_owned(),
            (_, message) => message.to_owned(),
        }
    }

    /// Such as `KafkaTopic orders`; the namespace only where it is another one.
    pub(crate) fn title(&self, usual_namespace: &str) -> String {
        match self.namespace == usual_namespace {
            true => format!("{} {}", self.kind, self.name),
            false => format!("{} {}/{}", self.kind, self.namespace, self.name),
        }
    }
}

fn summary(object: &Value) -> String {
    let status = &object["status"];
    match object["kind"].as_str() {
        Some("KafkaCluster") => match status["ready"].as_str() {
            Some(ready) => format!("{ready} brokers ready"),
            None => String::new(),
        },
        _ => match status["partitions"].as_i64() {
            Some(1) => "1 partition".to_owned(),
            Some(count) => format!("{count} partitions"),
            None => String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_counts_only_for_the_spec_that_it_is_of() {
        let object = |observed: i64, ready: &str, stalled: &str| {
            json!({"kind": "KafkaCluster", "metadata": {"name": "c", "namespace": "n", "generation": 2},
            "status": {"observedGeneration": observed, "ready": "1/1", "conditions": [
                {"type": "Ready", "status": ready, "reason": "R", "message": "m"},
                {"type": "Stalled", "status": stalled}],
                "listeners": [{"name": "plain", "bootstrapServers": "127.0.0.1:9092"},
                    {"name": "later", "bootstrapServers": ""}]}})
        };
        let cases = [
            (object(2, "True", "False"), (true, false, "m")),
            (object(2, "False", "True"), (false, true, "m")),
            (
                object(1, "True", "True"),
                (false, false, "not looked at yet"),
            ),
            (
                json!({"kind": "KafkaTopic"}),
                (false, false, "not looked at yet"),
            ),
        ];
        for (object, (ready, stalled, why)) in cases {
            let standing = Standing::of(&object);
            let found = (standing.ready, standing.stalled, standing.why());
            assert_eq!(found, (ready, stalled, why.to_owned()), "{object}");
        }
        let standing = Standing::of(&object(2, "True", "False"));
        assert_eq!(
            standing.listeners,
            [("plain".to_owned(), "127.0.0.1:9092".to_owned())]
        );
        assert_eq!(standing.title("n"), "KafkaCluster c");
        assert_eq!(standing.title("default"), "KafkaCluster n/c");
    }
}
