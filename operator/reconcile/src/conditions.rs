//! Conditions as kstatus reads them: `Ready` always, `Reconciling` and `Stalled` only while they hold,
//! `Warnings` while the spec has some. A condition's time moves only with its status. Pure.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use crate::reason::{Reason, SPEC_WARNINGS, Standing};

/// Longer messages are cut: a status is for reading.
const MESSAGE_LIMIT: usize = 2_000;

/// How a resource stands, and why in a word and in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) standing: Standing,
    pub(crate) reason: String,
    pub(crate) message: String,
}

impl Finding {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            standing: reason.standing(),
            reason: reason.word().to_owned(),
            message: message.into(),
        }
    }

    pub(crate) fn ready() -> Self {
        Self::new(Reason::AsSpecified, "")
    }
}

/// The conditions after a pass over `generation`, given those before it.
pub(crate) fn conditions(
    before: &[Condition],
    finding: &Finding,
    warnings: &[String],
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    let mut after = Vec::new();
    let mut add = |kind: &str, holds: bool, reason: &str, message: &str| {
        let status = if holds { "True" } else { "False" };
        let since = before
            .iter()
            .find(|condition| condition.type_ == kind && condition.status == status)
            .map_or(Time(now), |condition| {
                condition.last_transition_time.clone()
            });
        after.push(Condition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            message: cut(message),
            observed_generation: Some(generation),
            last_transition_time: since,
        });
    };
    let (reason, message) = (finding.reason.as_str(), finding.message.as_str());
    add(
        "Ready",
        finding.standing == Standing::Ready,
        reason,
        message,
    );
    match finding.standing {
        Standing::Ready => {}
        Standing::Progressing => add("Reconciling", true, reason, message),
        Standing::Stalled => add("Stalled", true, reason, message),
    }
    if !warnings.is_empty() {
        add("Warnings", true, SPEC_WARNINGS, &warnings.join("\n"));
    }
    after
}

fn cut(message: &str) -> String {
    match message.char_indices().nth(MESSAGE_LIMIT) {
        None => message.to_owned(),
        Some((end, _)) => format!("{}…", &message[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn stalled(message: &str) -> Finding {
        Finding::new(Reason::PartitionDecrease, message)
    }

    #[test]
    fn a_condition_keeps_its_time_until_its_status_changes() {
        let first = conditions(&[], &stalled("3 < 6"), &[], 1, at(10));
        let kinds: Vec<_> = first
            .iter()
            .map(|c| (c.type_.as_str(), c.status.as_str()))
            .collect();
        assert_eq!(kinds, [("Ready", "False"), ("Stalled", "True")]);
        let second = conditions(&first, &stalled("2 < 6"), &[], 2, at(20));
        assert_eq!(second[0].last_transition_time, Time(at(10)));
        assert_eq!(second[0].message, "2 < 6");
        let third = conditions(&second, &Finding::ready(), &[], 3, at(30));
        assert_eq!(third.len(), 1);
        assert_eq!(third[0].last_transition_time, Time(at(30)));
    }

    #[test]
    fn the_same_finding_gives_the_same_conditions() {
        let warnings = ["spec.config: x".to_owned()];
        let first = conditions(&[], &Finding::ready(), &warnings, 1, at(10));
        assert_eq!(
            conditions(&first, &Finding::ready(), &warnings, 1, at(99)),
            first
        );
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let cut = conditions(&[], &stalled(&"é".repeat(3_000)), &[], 1, at(1));
        assert_eq!(cut[0].message.chars().count(), MESSAGE_LIMIT + 1);
    }
}
