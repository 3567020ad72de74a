//! Settings that bound each other: of one topic, group or broker, or of a group and its broker.

use crate::broker::check_ranges;
use crate::error::ConfigError;
use crate::findings::Findings;
use crate::keys::Resource;
use crate::raw::RawConfig;
use crate::settings::{BrokerLayers, Settings};
use crate::values::Values;

/// What is wrong, in Kafka's words.
pub(crate) fn check_topic(own: &dyn Settings, broker: &BrokerLayers<'_>) -> Result<(), String> {
    let values = Values::of(Resource::Topic, own, broker);
    let min = values.number("min.compaction.lag.ms");
    let max = values.number("max.compaction.lag.ms");
    if min > max {
        return Err(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > \
             max.compaction.lag.ms ({max})"
        ));
    }
    if values.flag("remote.storage.enable") {
        return Err(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be \
                    configured with remote log storage."
                .to_owned(),
        );
    }
    Ok(())
}

/// What is wrong. The broker as it is was found right at its start, so the change is to blame.
pub(crate) fn check_broker(broker: &BrokerLayers<'_>) -> Result<(), String> {
    let nothing_said = RawConfig::default();
    let mut findings = Findings::about(&nothing_said);
    check_ranges(&Values::of_broker(broker), &mut findings);
    match findings.into_result() {
        Err(ConfigError::Invalid { problems }) => {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            Err(problems.join("; "))
        }
        _ => Ok(()),
    }
}

/// A group's setting, and the broker's that it must not fall below or rise above.
const BOUNDS: &[(&str, Option<&str>, Option<&str>)] = &[
    (
        "consumer.session.timeout.ms",
        Some("group.consumer.min.session.timeout.ms"),
        Some("group.consumer.max.session.timeout.ms"),
    ),
    (
        "consumer.heartbeat.interval.ms",
        Some("group.consumer.min.heartbeat.interval.ms"),
        Some("group.consumer.max.heartbeat.interval.ms"),
    ),
    (
        "share.session.timeout.ms",
        Some("group.share.min.session.timeout.ms"),
        Some("group.share.max.session.timeout.ms"),
    ),
    (
        "share.heartbeat.interval.ms",
        Some("group.share.min.heartbeat.interval.ms"),
        Some("group.share.max.heartbeat.interval.ms"),
    ),
    (
        "share.record.lock.duration.ms",
        Some("group.share.min.record.lock.duration.ms"),
        Some("group.share.max.record.lock.duration.ms"),
    ),
    (
        "streams.session.timeout.ms",
        Some("group.streams.min.session.timeout.ms"),
        Some("group.streams.max.session.timeout.ms"),
    ),
    (
        "streams.heartbeat.interval.ms",
        Some("group.streams.min.heartbeat.interval.ms"),
        Some("group.streams.max.heartbeat.interval.ms"),
    ),
    (
        "streams.num.standby.replicas",
        None,
        Some("group.streams.max.standby.replicas"),
    ),
];

/// What is wrong, in Kafka's words. Only what the group says itself is held against the bounds.
pub(crate) fn check_group(own: &dyn Settings, broker: &BrokerLayers<'_>) -> Result<(), String> {
    let group = Values::of(Resource::Group, own, broker);
    let limits = Values::of_broker(broker);
    for &(name, min, max) in BOUNDS {
        if own.text(name).is_none() {
            continue;
        }
        let value = group.number(name);
        if let Some(min) = min.filter(|min| value < limits.number(min)) {
            return Err(format!("{name} must be greater than or equal to {min}"));
        }
        if let Some(max) = max.filter(|max| value > limits.number(max)) {
            return Err(format!("{name} must be less than or equal to {max}"));
        }
    }
    for kind in ["consumer", "share", "streams"] {
        let session = format!("{kind}.session.timeout.ms");
        let heartbeat = format!("{kind}.heartbeat.interval.ms");
        if group.number(&session) <= group.number(&heartbeat) {
            return Err(format!("{session} must be greater than {heartbeat}"));
        }
    }
    Ok(())
}
