//! Settings that bound each other, and numbers whose limits the table cannot say.

use crate::findings::Findings;
use crate::values::Values;

/// The first must not be above the second.
const ORDERED: &[(&str, &str)] = &[
    (
        "log.cleaner.min.compaction.lag.ms",
        "log.cleaner.max.compaction.lag.ms",
    ),
    (
        "group.min.session.timeout.ms",
        "group.max.session.timeout.ms",
    ),
    ("replica.fetch.wait.max.ms", "replica.lag.time.max.ms"),
    (
        "group.share.min.record.lock.duration.ms",
        "group.share.record.lock.duration.ms",
    ),
    (
        "group.share.record.lock.duration.ms",
        "group.share.max.record.lock.duration.ms",
    ),
    (
        "group.streams.num.standby.replicas",
        "group.streams.max.standby.replicas",
    ),
    (
        "socket.connection.setup.timeout.ms",
        "socket.connection.setup.timeout.max.ms",
    ),
    ("broker.heartbeat.interval.ms", "broker.session.timeout.ms"),
];

/// -1 for "no limit", or at least 1.
const UNLIMITED_OR_POSITIVE: &[&str] = &[
    "log.retention.ms",
    "log.retention.minutes",
    "log.retention.hours",
    "queued.max.request.bytes",
];

/// At least 1, though the table has no such bound for them.
const POSITIVE: &[&str] = &[
    "default.replication.factor",
    "broker.heartbeat.interval.ms",
    "replica.lag.time.max.ms",
];

pub(crate) fn check(values: &Values, findings: &mut Findings<'_>) {
    for (low, high) in ORDERED {
        ordered(low, high, values, findings);
    }
    for group in ["consumer", "share", "streams"] {
        for what in ["session.timeout.ms", "heartbeat.interval.ms"] {
            let name = |bound: &str| format!("group.{group}.{bound}{what}");
            ordered(&name("min."), &name(""), values, findings);
            ordered(&name(""), &name("max."), values, findings);
        }
        let heartbeat = format!("group.{group}.heartbeat.interval.ms");
        let session = format!("group.{group}.session.timeout.ms");
        if values.number(&heartbeat) == values.number(&session) {
            findings.refuse(&heartbeat, format!("must be less than {session}"));
        }
        ordered(&heartbeat, &session, values, findings);
    }
    for key in UNLIMITED_OR_POSITIVE {
        if values.number_if_set(key).is_some_and(|n| n < 1 && n != -1) {
            findings.refuse(key, "must be -1 for no limit, or at least 1");
        }
    }
    for key in POSITIVE {
        if values.number(key) < 1 {
            findings.refuse(key, "must be at least 1");
        }
    }
    check_memory(values, findings);
}

fn ordered(low: &str, high: &str, values: &Values, findings: &mut Findings<'_>) {
    let (small, large) = (values.number(low), values.number(high));
    if small <= large {
        return;
    }
    // Blame the one that somebody set.
    if findings.was_said(low) || !findings.was_said(high) {
        findings.refuse(low, format!("must not be above {high}, which is {large}"));
    } else {
        findings.refuse(high, format!("must not be below {low}, which is {small}"));
    }
}

fn check_memory(values: &Values, findings: &mut Findings<'_>) {
    const DEDUPE: &str = "log.cleaner.dedupe.buffer.size";
    const QUEUED: &str = "queued.max.request.bytes";
    /// Less cannot hold the keys of one segment of small records.
    const MIN_DEDUPE_BYTES_PER_THREAD: i64 = 1024 * 1024;
    let threads = values.number("log.cleaner.threads").max(1);
    if values.number(DEDUPE) / threads <= MIN_DEDUPE_BYTES_PER_THREAD {
        findings.refuse(DEDUPE, "must be above 1048576 for each cleaner thread");
    }
    let request = values.number("socket.request.max.bytes");
    if (1..request).contains(&values.number(QUEUED)) {
        let reason = format!("must not be below socket.request.max.bytes, which is {request}");
        findings.refuse(QUEUED, reason);
    }
    let load = values.double("log.cleaner.io.buffer.load.factor");
    if !(load > 0.0 && load <= 1.0) {
        let reason = "must be above 0 and at most 1";
        findings.refuse("log.cleaner.io.buffer.load.factor", reason);
    }
}
