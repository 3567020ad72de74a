//! The questions. Whoever asks about many items gets one outcome for each, in the order in which
//! they were asked: what fails as a whole fails every item of it, and nothing else.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use millrace_client::admin::{CreatedTopic, LogDir, NewPartitions, NewTopic, Quorum, TopicRef};
use millrace_client::{BrokerView, TopicView};
use millrace_types::NodeId;

use crate::error::AdminError;

/// What became of one item, or of a call about one thing.
pub type Outcome<T> = Result<T, AdminError>;

/// An answer to come; boxed, so that a cluster can be an `Arc<dyn Admin>`.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is set on a topic itself; everything else is the cluster's default.
pub type TopicConfigs = BTreeMap<Arc<str>, Arc<str>>;

/// The fleet as it sees itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    pub id: Option<Arc<str>>,
    pub controller: Option<NodeId>,
    /// Brokers that are registered and not fenced.
    pub brokers: BTreeMap<NodeId, BrokerView>,
}

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigSource {
    /// Set on the topic.
    Topic,
    /// Set on this broker while it runs.
    Broker,
    /// Set on all brokers while they run.
    AllBrokers,
    /// In the broker's properties file.
    File,
    Default,
    /// Of a kind that does not concern topics and brokers.
    Other,
}

/// One setting of a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerConfig {
    pub name: Arc<str>,
    /// `None` when it is not set, or sensitive.
    pub value: Option<Arc<str>>,
    pub source: ConfigSource,
    /// Only a restart changes it.
    pub read_only: bool,
    pub sensitive: bool,
}

/// One change of one setting; a deleted one goes back to its default.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigChange {
    Set { name: Arc<str>, value: Arc<str> },
    Delete { name: Arc<str> },
}

/// Whose settings are changed while the fleet runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BrokerScope {
    All,
    One(NodeId),
}

/// What the operator asks of one Kafka cluster. Every call ends by its deadline, and asking twice
/// for the same thing does no harm.
pub trait Admin: Send + Sync {
    fn describe_cluster(&self) -> Reply<'_, Outcome<Cluster>>;

    /// Every topic, the internal ones too.
    fn list_topics(&self) -> Reply<'_, Outcome<Vec<TopicView>>>;

    /// A topic that does not exist is an error that [`AdminError::is_missing_topic`].
    fn describe_topics<'a>(&'a self, names: &'a [Arc<str>]) -> Reply<'a, Vec<Outcome<TopicView>>>;

    fn create_topics<'a>(&'a self, topics: &'a [NewTopic])
    -> Reply<'a, Vec<Outcome<CreatedTopic>>>;

    /// Whether topics could be created, without creating them.
    fn validate_topics<'a>(&'a self, topics: &'a [NewTopic]) -> Reply<'a, Vec<Outcome<()>>>;

    fn delete_topics<'a>(&'a self, topics: &'a [TopicRef]) -> Reply<'a, Vec<Outcome<()>>>;

    /// Gives topics more partitions; they never get fewer.
    fn create_partitions<'a>(&'a self, topics: &'a [NewPartitions]) -> Reply<'a, Vec<Outcome<()>>>;

    /// What is set on each topic itself.
    fn describe_topic_configs<'a>(
        &'a self,
        names: &'a [Arc<str>],
    ) -> Reply<'a, Vec<Outcome<TopicConfigs>>>;

    /// All changes of a topic are made, or none; settings that are not named stay.
    fn alter_topic_configs<'a>(
        &'a self,
        changes: &'a [(Arc<str>, Vec<ConfigChange>)],
    ) -> Reply<'a, Vec<Outcome<()>>>;

    /// Every setting of a broker that runs, by its own account.
    fn describe_broker_configs(&self, broker: NodeId) -> Reply<'_, Outcome<Vec<BrokerConfig>>>;

    /// All changes are made, or none.
    fn alter_broker_configs<'a>(
        &'a self,
        scope: BrokerScope,
        changes: &'a [ConfigChange],
    ) -> Reply<'a, Outcome<()>>;

    /// What lies on a broker's disks, and how much room they have.
    fn log_dirs(&self, broker: NodeId) -> Reply<'_, Outcome<Vec<LogDir>>>;

    /// Who votes on the metadata, and how far each is.
    fn quorum(&self) -> Reply<'_, Outcome<Quorum>>;
}
