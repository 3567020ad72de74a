//! What the operator sets in a broker's properties and in its pod, and therefore refuses from a user.

use kube::core::{Rule, validate};
use schemars::Schema;

/// Broker properties that follow from the rest of the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedProperties {
    /// Whole keys.
    pub keys: &'static [&'static str],
    /// Beginnings of keys.
    pub prefixes: &'static [&'static str],
    /// Where they come from, as a user is told.
    pub reason: &'static str,
}

/// Every broker property that `spec.config` may not set, by the reason why.
pub const OWNED_PROPERTIES: &[OwnedProperties] = &[
    OwnedProperties {
        keys: &[
            "listeners",
            "advertised.listeners",
            "listener.security.protocol.map",
            "early.start.listeners",
            "controller.listener.names",
            "inter.broker.listener.name",
            "security.inter.broker.protocol",
        ],
        prefixes: &["listener.name."],
        reason: "listeners are made from spec.listeners",
    },
    OwnedProperties {
        keys: &[
            "node.id",
            "broker.id",
            "broker.id.generation.enable",
            "reserved.broker.max.id",
            "process.roles",
        ],
        prefixes: &["controller.quorum."],
        reason: "ids, roles and the quorum are made from spec.nodePools",
    },
    OwnedProperties {
        keys: &["log.dir", "log.dirs", "metadata.log.dir"],
        prefixes: &[],
        reason: "logs are kept on the volume of spec.nodePools[].storage",
    },
    OwnedProperties {
        keys: &["broker.rack"],
        prefixes: &[],
        reason: "the rack comes from spec.rack",
    },
    OwnedProperties {
        keys: &["millrace.metrics.listener"],
        prefixes: &[],
        reason: "metrics are served as spec.metrics says",
    },
    OwnedProperties {
        keys: &[],
        prefixes: &["config.providers"],
        reason: "the operator sets up the provider env",
    },
];

/// Environment variables of the broker's pod that `spec.nodePools[].template.env` may not set.
pub const OWNED_ENVIRONMENT: &[&str] = &["POD_NAME", "POD_NAMESPACE", "HOST_IP"];

/// Beginnings of labels and annotations that only the operator sets.
pub const OWNED_LABELS: &str = "millrace.dev/";

impl OwnedProperties {
    /// Whether `key` is one of these.
    pub fn holds(&self, key: &str) -> bool {
        self.keys.contains(&key) || self.prefixes.iter().any(|prefix| key.starts_with(prefix))
    }

    /// Refuses these in a map. A key is looked up in the map and not the map searched for it, so the
    /// cost does not grow with the map; only prefixes need a walk.
    pub(crate) fn rule(&self) -> Rule {
        let mut terms = Vec::new();
        if !self.keys.is_empty() {
            terms.push(format!("[{}].all(k, !(k in self))", quoted(self.keys)));
        }
        for prefix in self.prefixes {
            terms.push(format!("self.all(k, !k.startsWith('{prefix}'))"));
        }
        let names: Vec<String> = self
            .keys
            .iter()
            .map(|key| (*key).to_owned())
            .chain(self.prefixes.iter().map(|prefix| format!("{prefix}*")))
            .collect();
        let message = format!("not to be set here: {}; {}", names.join(", "), self.reason);
        Rule::new(terms.join(" && ")).message(message.as_str())
    }
}

/// Why the operator refuses `key` in `spec.config`, if it does.
pub fn why_owned(key: &str) -> Option<&'static str> {
    OWNED_PROPERTIES
        .iter()
        .find(|owned| owned.holds(key))
        .map(|owned| owned.reason)
}

/// A CEL list's content.
fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    words.join(", ")
}

/// Refuses every one of these in the schema of a map.
pub(crate) fn refuse_owned(schema: &mut Schema) {
    for owned in OWNED_PROPERTIES {
        validate(schema, owned.rule()).expect("a rule is JSON");
    }
}

/// Refuses the operator's own variables in a list of environment variables.
pub(crate) fn environment_rule() -> Rule {
    let message = format!(
        "not to be set here: {}; the operator sets them",
        OWNED_ENVIRONMENT.join(", ")
    );
    Rule::new(format!(
        "self.all(e, !(e.name in [{}]))",
        quoted(OWNED_ENVIRONMENT)
    ))
    .message(message.as_str())
}

/// Refuses the operator's own labels or annotations in a map.
pub(crate) fn labels_rule() -> Rule {
    let message = format!("keys that begin with {OWNED_LABELS} are the operator's own");
    Rule::new(format!("self.all(k, !k.startsWith('{OWNED_LABELS}'))")).message(message.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_owned_for_a_reason_or_free() {
        let cases = [
            ("listeners", Some("spec.listeners")),
            (
                "listener.name.plain.max.connections",
                Some("spec.listeners"),
            ),
            ("controller.quorum.voters", Some("spec.nodePools")),
            ("log.dirs", Some("storage")),
            ("config.providers.env.class", Some("env")),
            ("log.retention.ms", None),
            ("num.partitions", None),
        ];
        for (key, expected) in cases {
            let why = why_owned(key);
            assert_eq!(why.is_some(), expected.is_some(), "{key}");
            assert!(
                why.unwrap_or_default()
                    .contains(expected.unwrap_or_default()),
                "{key}"
            );
        }
    }

    #[test]
    fn no_key_is_owned_twice() {
        for owned in OWNED_PROPERTIES {
            for key in owned.keys {
                let owners = OWNED_PROPERTIES.iter().filter(|one| one.holds(key)).count();
                assert_eq!(owners, 1, "{key}");
            }
        }
    }
}
