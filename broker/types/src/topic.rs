//! Topic names: which are legal, which collide, which belong to the fleet itself.

use std::fmt;
use std::sync::Arc;

use crate::PartitionIndex;

pub const CONSUMER_OFFSETS_TOPIC: &str = "__consumer_offsets";
pub const TRANSACTION_STATE_TOPIC: &str = "__transaction_state";
pub const SHARE_GROUP_STATE_TOPIC: &str = "__share_group_state";

/// File names hold the topic name, a dash and the partition: 255 bytes less that tail.
const MAX_TOPIC_NAME_BYTES: usize = 249;

/// One partition of one topic, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    pub topic: Arc<str>,
    pub partition: PartitionIndex,
}

impl TopicPartition {
    pub fn new(topic: impl Into<Arc<str>>, partition: PartitionIndex) -> Self {
        Self {
            topic: topic.into(),
            partition,
        }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Whether the topic holds the fleet's own state, which ordinary clients may not write.
#[must_use]
pub fn is_internal_topic(name: &str) -> bool {
    matches!(
        name,
        CONSUMER_OFFSETS_TOPIC | TRANSACTION_STATE_TOPIC | SHARE_GROUP_STATE_TOPIC
    )
}

/// Why a topic name is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTopicName {
    pub reason: &'static str,
}

impl fmt::Display for InvalidTopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl std::error::Error for InvalidTopicName {}

/// # Errors
/// When the name is not one that Kafka accepts.
pub fn validate_topic_name(name: &str) -> Result<(), InvalidTopicName> {
    let refuse = |reason| Err(InvalidTopicName { reason });
    if name.is_empty() {
        return refuse("the topic name is empty");
    }
    if name == "." || name == ".." {
        return refuse("the topic name cannot be \".\" or \"..\"");
    }
    if name.len() > MAX_TOPIC_NAME_BYTES {
        return refuse("the topic name is longer than 249 characters");
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !name.bytes().all(legal) {
        return refuse(
            "the topic name has a character other than ASCII letters, digits, '.', '_' and '-'",
        );
    }
    Ok(())
}

/// Metrics write both '.' and '_' as '_', so two names that differ only there are one.
#[must_use]
pub fn topic_names_collide(one: &str, other: &str) -> bool {
    let same = |a: u8, b: u8| a == b || (matches!(a, b'.' | b'_') && matches!(b, b'.' | b'_'));
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(a, b)| same(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_and_refuses_names_as_kafka_does() {
        let longest = "x".repeat(MAX_TOPIC_NAME_BYTES);
        for name in ["a", "A.b_c-9", "...", longest.as_str()] {
            assert_eq!(validate_topic_name(name), Ok(()), "{name}");
        }
        let too_long = "x".repeat(MAX_TOPIC_NAME_BYTES + 1);
        for name in ["", ".", "..", "a b", "a/b", "\u{e4}", too_long.as_str()] {
            assert!(validate_topic_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn names_collide_when_their_metrics_would() {
        assert!(topic_names_collide("a.b", "a_b"));
        assert!(topic_names_collide("a.b", "a.b"));
        assert!(!topic_names_collide("a.b", "a-b"));
        assert!(!topic_names_collide("a.b", "a.bc"));
    }
}
