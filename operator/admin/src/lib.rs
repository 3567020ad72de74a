//! What the operator asks of a Kafka cluster: one trait, batched calls only, each with a deadline.
//! [`Kafka`] answers over the network, [`fake::FakeKafka`] from memory; one conformance suite holds
//! both to the same meaning. It knows nothing of Kubernetes and decides nothing.

mod admin;
mod clusters;
mod error;
pub mod fake;
mod kafka;

pub use admin::{
    Admin, BrokerConfig, BrokerScope, Cluster, ConfigChange, ConfigSource, Outcome, Reply,
    TopicConfigs,
};
pub use clusters::{Clusters, Connect};
pub use error::AdminError;
pub use kafka::{CALL_DEADLINE, Kafka, REQUESTS_MAX, TOPICS_PER_DESCRIBE, TOPICS_PER_REQUEST};

pub use millrace_client::admin::{
    CreatedTopic, LogDir, NewPartitions, NewTopic, Quorum, QuorumReplica, ReplicaOnDisk, TopicRef,
};
pub use millrace_client::{BrokerView, PartitionView, TopicView};
