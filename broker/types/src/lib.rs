//! The nouns every layer shares: ids, offsets, epochs, error codes, and the clock as a value.
//! No I/O beyond the one system clock, no async, no dependency on any other crate of the project.

mod clock;
mod error_code;
mod ids;
mod topic;

pub use clock::{Clock, ManualClock, Moment, SteadyMs, SystemClock, Timestamp};
pub use error_code::ErrorCode;
pub use ids::{
    LeaderEpoch, NO_LEADER_EPOCH, NO_OFFSET, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE,
    NO_TIMESTAMP, NodeId, Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence, Uuid,
};
pub use topic::{
    CONSUMER_OFFSETS_TOPIC, InvalidTopicName, SHARE_GROUP_STATE_TOPIC, TRANSACTION_STATE_TOPIC,
    TopicPartition, is_internal_topic, topic_names_collide, validate_topic_name,
};
