//! The settings that the fake knows, and which values they take. A few of each kind are enough.

use std::sync::Arc;

use millrace_types::ErrorCode;

use crate::error::AdminError;

pub(crate) enum Values {
    /// Numbers from here on.
    From(i64),
    OneOf(&'static [&'static str]),
    /// A comma between them.
    SomeOf(&'static [&'static str]),
    Any,
}

pub(crate) const TOPIC: &[(&str, Values)] = &[
    ("cleanup.policy", Values::SomeOf(&["delete", "compact"])),
    (
        "compression.type",
        Values::OneOf(&["producer", "uncompressed", "zstd", "lz4", "snappy", "gzip"]),
    ),
    ("flush.messages", Values::From(1)),
    ("max.message.bytes", Values::From(0)),
    ("min.insync.replicas", Values::From(1)),
    ("retention.bytes", Values::From(-1)),
    ("retention.ms", Values::From(-1)),
    ("segment.bytes", Values::From(1_048_576)),
    ("segment.ms", Values::From(1)),
    (
        "unclean.leader.election.enable",
        Values::OneOf(&["true", "false"]),
    ),
];

pub(crate) struct BrokerKey {
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) values: Values,
    pub(crate) read_only: bool,
}

const fn key(name: &'static str, default: &'static str, values: Values) -> BrokerKey {
    BrokerKey {
        name,
        default,
        values,
        read_only: false,
    }
}

const fn fixed(name: &'static str, default: &'static str) -> BrokerKey {
    BrokerKey {
        name,
        default,
        values: Values::Any,
        read_only: true,
    }
}

pub(crate) const BROKER: &[BrokerKey] = &[
    fixed("default.replication.factor", "1"),
    fixed("log.dirs", "/var/lib/millrace"),
    key("log.retention.ms", "604800000", Values::From(-1)),
    key("message.max.bytes", "1048588", Values::From(0)),
    key("min.insync.replicas", "1", Values::From(1)),
    fixed("node.id", "0"),
    fixed("num.partitions", "1"),
];

impl Values {
    pub(crate) fn check(&self, name: &str, value: &str) -> Result<(), AdminError> {
        let fits = match self {
            Self::From(least) => value.parse::<i64>().is_ok_and(|number| number >= *least),
            Self::OneOf(words) => words.contains(&value),
            Self::SomeOf(words) => value.split(',').all(|word| words.contains(&word.trim())),
            Self::Any => true,
        };
        if fits {
            return Ok(());
        }
        Err(invalid(format!("Invalid value {value} for {name}")))
    }
}

pub(crate) fn check_topic(name: &str, value: &str) -> Result<(), AdminError> {
    let known = TOPIC.iter().find(|(known, _)| *known == name);
    let (_, values) = known.ok_or_else(|| invalid(format!("Unknown topic config name: {name}")))?;
    values.check(name, value)
}

fn invalid(message: String) -> AdminError {
    refused(ErrorCode::InvalidConfig, message)
}

pub(crate) fn refused(code: ErrorCode, message: impl Into<Arc<str>>) -> AdminError {
    AdminError::Refused {
        code,
        message: Some(message.into()),
    }
}
