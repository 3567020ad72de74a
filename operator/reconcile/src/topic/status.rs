//! A topic's status from what was found out about it. Pure; what was not found out stays as it was.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use millrace_crds::{DriftReport, KafkaTopicStatus};
use millrace_plan::topics::Drift;

use crate::conditions::{Finding, conditions};
use crate::reason::Reason;
use crate::topic::entry::Entry;

/// A size is written anew only when it moved by more than one in so many parts: a topic in use would
/// otherwise be written to at every comparison.
const SIZE_STEP: u64 = 4;

/// What a pass found out about a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) topic_id: Option<String>,
    pub(crate) partitions: Option<i32>,
    pub(crate) replicas: Option<i32>,
    pub(crate) offline: Option<i32>,
    pub(crate) under_replicated: Option<i32>,
    pub(crate) size: Option<u64>,
}

/// The status after a pass.
pub(crate) fn status(
    entry: &Entry,
    finding: &Finding,
    facts: &Facts,
    now: Timestamp,
) -> KafkaTopicStatus {
    let before = &entry.status;
    KafkaTopicStatus {
        observed_generation: Some(entry.generation),
        topic_name: before
            .topic_name
            .clone()
            .or_else(|| facts.topic_id.as_ref().map(|_| entry.topic_name.clone())),
        topic_id: facts.topic_id.clone().or_else(|| before.topic_id.clone()),
        partitions: facts.partitions.or(before.partitions),
        replicas: facts.replicas.or(before.replicas),
        offline_partitions: facts.offline.or(before.offline_partitions),
        under_replicated_partitions: facts
            .under_replicated
            .or(before.under_replicated_partitions),
        size: size(before.size.as_ref(), facts.size),
        conditions: conditions(
            &before.conditions,
            finding,
            &entry.warnings,
            entry.generation,
            now,
        ),
        ..before.clone()
    }
}

/// The status from the moment that a topic was found changed until it is as specified again.
pub(crate) fn reverting(entry: &Entry, drift: &[Drift], now: Timestamp) -> KafkaTopicStatus {
    let before = &entry.status;
    let reverted: Vec<String> = drift.iter().map(Drift::to_string).collect();
    let finding = Finding::new(Reason::Reverting, reverted.join("; "));
    KafkaTopicStatus {
        drift: Some(DriftReport {
            at: Time(now),
            reverted,
        }),
        conditions: conditions(
            &before.conditions,
            &finding,
            &entry.warnings,
            entry.generation,
            now,
        ),
        ..before.clone()
    }
}

fn size(before: Option<&Quantity>, found: Option<u64>) -> Option<Quantity> {
    let Some(found) = found else {
        return before.cloned();
    };
    let known = before.and_then(|quantity| millrace_model::quantity_bytes(&quantity.0));
    match known {
        Some(known) if known.abs_diff(found) <= known / SIZE_STEP => before.cloned(),
        _ => Some(Quantity(two_digits(found))),
    }
}

/// `1234567` as `1200k`: two digits, in a unit of thousands.
fn two_digits(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["", "k", "M", "G", "T", "P"];
    let mut step = 1;
    while bytes / step >= 100 {
        step *= 10;
    }
    let mut rounded = (bytes + step / 2) / step * step;
    let mut unit = 0;
    while rounded >= 10_000 && rounded.is_multiple_of(1_000) && unit + 1 < UNITS.len() {
        rounded /= 1_000;
        unit += 1;
    }
    format!("{rounded}{}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits() {
        for (bytes, expected) in [
            (0, "0"),
            (7, "7"),
            (99, "99"),
            (1_234, "1200"),
            (12_345, "12k"),
            (1_234_567, "1200k"),
            (99_600_000, "100M"),
            (10_737_418_240, "11G"),
        ] {
            assert_eq!(two_digits(bytes), expected, "{bytes}");
        }
    }

    #[test]
    fn a_size_is_written_anew_only_when_it_moved() {
        let before = Quantity("1200k".to_owned());
        for (found, expected) in [
            (1_200_000, "1200k"),
            (1_400_000, "1200k"),
            (1_600_000, "1600k"),
            (0, "0"),
        ] {
            let after = size(Some(&before), Some(found)).expect("a size");
            assert_eq!(after.0, expected, "{found}");
        }
        assert_eq!(size(Some(&before), None), Some(before));
    }
}
