//! Settings of brokers, topics and groups: one table of keys, and everything that follows from it.
//! Reading a properties file, finding out what it means, changing it while the broker runs, and
//! describing it. No I/O but the one system implementation of [`providers::Sources`].

mod address;
mod alter;
mod broker;
mod check;
mod describe;
mod error;
mod findings;
mod key;
mod keys;
pub mod properties;
pub mod providers;
mod raw;
pub mod reference;
mod settings;
mod topic;
mod value;
mod values;

pub use alter::{AlterError, AlterOp, Alteration, Change, MAX_ALTERATIONS, Target, alter, replace};
pub use broker::{
    BrokerConfig, ClassicGroupsConfig, CleanerConfig, Codec, ConnectionLimit, ConsumerGroupsConfig,
    Endpoint, FetchConfig, GroupTiming, GroupsConfig, ListenerConfig, ListenerLimit, Listeners,
    MetadataLogConfig, MetricsConfig, MigrationPolicy, NetworkConfig, NodeConfig, OffsetsConfig,
    Protocols, QuorumConfig, ReplicationConfig, SecurityProtocol, ShareGroupsConfig,
    StateTopicConfig, StorageConfig, StreamsGroupsConfig, TimingRange, TopicsConfig,
    TransactionsConfig, Voter, Warning,
};
pub use check::Check;
pub use describe::{
    ConfigEntry, ConfigSynonym, describe_broker, describe_cluster, describe_group, describe_topic,
};
pub use error::{ConfigError, Problem};
pub use key::{Key, Kind, Status, Synonym, Update};
pub use keys::Resource;
pub use raw::{Origin, RawConfig, Setting};
pub use settings::{BrokerLayers, Candidate, Settings, Source};
pub use topic::{
    CleanupPolicy, Compression, ThrottledReplica, ThrottledReplicas, TimestampType, TopicConfig,
};
pub use value::Value;
