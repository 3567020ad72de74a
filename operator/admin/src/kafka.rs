//! A cluster over the network. Long lists are cut into requests that a broker takes, a few of which
//! are on their way at once; all of a call ends by one deadline.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use millrace_client::admin::{
    ConfigItem, ConfigOp, ConfigOpKind, ConfigResource, ConfigResourceKind, CreatedTopic, LogDir,
    NewPartitions, NewTopic, Quorum, TopicRef,
};
use millrace_client::{Client, ClientError, ClientOptions, PlainTcp, TopicView, Transport};
use millrace_types::NodeId;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::admin::{
    Admin, BrokerConfig, BrokerScope, Cluster, ConfigChange, ConfigSource, Outcome, Reply,
    TopicConfigs,
};
use crate::error::AdminError;

/// When a call has failed, however many items it has.
pub const CALL_DEADLINE: Duration = Duration::from_secs(30);
/// Items of one request; a broker answers that many in a quarter of a second.
pub const TOPICS_PER_REQUEST: usize = 2_500;
/// Topics whose settings are asked for at once: an answer has some forty of each.
pub const TOPICS_PER_DESCRIBE: usize = 500;
/// Requests of one cluster on their way at once, over all calls.
pub const REQUESTS_MAX: usize = 4;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Leaves room in a call for a second broker when the first one hangs.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(12);
const RETRIES_END: Duration = Duration::from_secs(10);

type Answer<K, T> = Result<Vec<(K, Result<T, ClientError>)>, ClientError>;

/// One cluster and its connections. A broker that moved is found again by its name, or through
/// the bootstrap servers.
pub struct Kafka {
    client: Client,
    requests: Semaphore,
}

impl Kafka {
    /// Connects to nothing yet. `bootstrap` is where to begin, as `host:port`.
    #[must_use]
    pub fn new(bootstrap: Vec<String>) -> Self {
        Self::over(Arc::new(PlainTcp), bootstrap)
    }

    /// The same, connecting in a way of the caller's own.
    #[must_use]
    pub fn over(transport: Arc<dyn Transport>, bootstrap: Vec<String>) -> Self {
        let mut options = ClientOptions::new(bootstrap);
        options.client_id = "millrace-operator".into();
        options.transport = transport;
        options.connect_timeout = CONNECT_TIMEOUT;
        options.request_timeout = REQUEST_TIMEOUT;
        options.retry.give_up_after = RETRIES_END;
        Self {
            client: Client::new(options),
            requests: Semaphore::new(REQUESTS_MAX),
        }
    }

    /// A call of one request.
    async fn one<T>(&self, call: impl Future<Output = Result<T, ClientError>>) -> Outcome<T> {
        self.by(Instant::now() + CALL_DEADLINE, call).await
    }

    /// A call of as many requests as its items need.
    async fn each<'a, I, K, T, F>(
        &self,
        items: &'a [I],
        per_request: usize,
        key: impl Fn(&I) -> K,
        request: impl Fn(&'a [I]) -> F,
    ) -> Vec<Outcome<T>>
    where
        K: Ord,
        F: Future<Output = Answer<K, T>>,
    {
        let deadline = Instant::now() + CALL_DEADLINE;
        let chunks = items.chunks(per_request);
        let answers = chunks.map(|chunk| {
            let answer = self.by(deadline, request(chunk));
            async move { (chunk, answer.await) }
        });
        let mut outcomes = Vec::with_capacity(items.len());
        for (chunk, answer) in join_all(answers).await {
            match answer {
                Ok(answer) => {
                    let mut answered: BTreeMap<K, _> = answer.into_iter().collect();
                    outcomes.extend(chunk.iter().map(|item| match answered.remove(&key(item)) {
                        Some(outcome) => outcome.map_err(AdminError::from),
                        None => Err(AdminError::Unanswered),
                    }));
                }
                Err(error) => outcomes.extend(chunk.iter().map(|_| Err(error.clone()))),
            }
        }
        outcomes
    }

    async fn by<T>(
        &self,
        deadline: Instant,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Outcome<T> {
        let bounded = async {
            let permit = self.requests.acquire().await;
            let _held = permit.expect("the semaphore is never closed");
            call.await
        };
        match timeout_at(deadline, bounded).await {
            Ok(answer) => answer.map_err(AdminError::from),
            Err(_) => Err(AdminError::Deadline {
                after: CALL_DEADLINE,
            }),
        }
    }
}

impl Admin for Kafka {
    fn describe_cluster(&self) -> Reply<'_, Outcome<Cluster>> {
        Box::pin(async {
            let look = || self.client.refresh(&[]);
            let view = self.one(self.client.retrying(look)).await?;
            Ok(Cluster {
                id: view.cluster_id.clone(),
                controller: view.controller,
                brokers: view.brokers.clone(),
            })
        })
    }

    fn list_topics(&self) -> Reply<'_, Outcome<Vec<TopicView>>> {
        Box::pin(async {
            let topics = self.one(self.client.describe_topics(None)).await?;
            let views = topics.into_iter().map(|(_, topic)| topic);
            // A list with holes would look like a cluster without them.
            views.collect::<Result<_, _>>().map_err(AdminError::from)
        })
    }

    fn describe_topics<'a>(&'a self, names: &'a [Arc<str>]) -> Reply<'a, Vec<Outcome<TopicView>>> {
        let ask = |names| self.client.describe_topics(Some(names));
        Box::pin(self.each(names, TOPICS_PER_REQUEST, Arc::clone, ask))
    }

    fn create_topics<'a>(
        &'a self,
        topics: &'a [NewTopic],
    ) -> Reply<'a, Vec<Outcome<CreatedTopic>>> {
        let ask = |topics| self.client.create_topics(topics, false);
        Box::pin(self.each(topics, TOPICS_PER_REQUEST, new_name, ask))
    }

    fn validate_topics<'a>(&'a self, topics: &'a [NewTopic]) -> Reply<'a, Vec<Outcome<()>>> {
        let ask = |topics| self.client.create_topics(topics, true);
        let checked = self.each(topics, TOPICS_PER_REQUEST, new_name, ask);
        Box::pin(async {
            let outcomes = checked.await.into_iter();
            outcomes.map(|outcome| outcome.map(drop)).collect()
        })
    }

    fn delete_topics<'a>(&'a self, topics: &'a [TopicRef]) -> Reply<'a, Vec<Outcome<()>>> {
        let ask = |topics| self.client.delete_topic_refs(topics);
        Box::pin(self.each(topics, TOPICS_PER_REQUEST, TopicRef::clone, ask))
    }

    fn create_partitions<'a>(&'a self, topics: &'a [NewPartitions]) -> Reply<'a, Vec<Outcome<()>>> {
        let ask = |topics| self.client.create_partitions(topics, false);
        let name = |topic: &NewPartitions| Arc::clone(&topic.topic);
        Box::pin(self.each(topics, TOPICS_PER_REQUEST, name, ask))
    }

    fn describe_topic_configs<'a>(
        &'a self,
        names: &'a [Arc<str>],
    ) -> Reply<'a, Vec<Outcome<TopicConfigs>>> {
        let ask = move |names: &'a [Arc<str>]| async move {
            let resources: Vec<_> = names.iter().map(topic_resource).collect();
            let described = self.client.describe_many_configs(&resources).await?;
            let own = described.into_iter().map(|(name, items)| {
                let set = items.map(|items| items.into_iter().filter_map(set_on_topic).collect());
                (name, set)
            });
            Ok(own.collect())
        };
        Box::pin(self.each(names, TOPICS_PER_DESCRIBE, Arc::clone, ask))
    }

    fn alter_topic_configs<'a>(
        &'a self,
        changes: &'a [(Arc<str>, Vec<ConfigChange>)],
    ) -> Reply<'a, Vec<Outcome<()>>> {
        let ask = move |changes: &'a [(Arc<str>, Vec<ConfigChange>)]| async move {
            let changes: Vec<_> = changes
                .iter()
                .map(|(name, changes)| (topic_resource(name), changes.iter().map(op).collect()))
                .collect();
            self.client.alter_configs(&changes, false).await
        };
        let name = |(name, _): &(Arc<str>, Vec<ConfigChange>)| Arc::clone(name);
        Box::pin(self.each(changes, TOPICS_PER_REQUEST, name, ask))
    }

    fn describe_broker_configs(&self, broker: NodeId) -> Reply<'_, Outcome<Vec<BrokerConfig>>> {
        Box::pin(async move {
            let resource = broker_resource(BrokerScope::One(broker));
            let items = self.one(self.client.describe_configs(&resource)).await?;
            Ok(items.into_iter().map(broker_config).collect())
        })
    }

    fn alter_broker_configs<'a>(
        &'a self,
        scope: BrokerScope,
        changes: &'a [ConfigChange],
    ) -> Reply<'a, Outcome<()>> {
        Box::pin(async move {
            let change = [(broker_resource(scope), changes.iter().map(op).collect())];
            let altered = self.one(self.client.alter_configs(&change, false)).await?;
            let outcome = altered.into_iter().next().ok_or(AdminError::Unanswered)?;
            outcome.1.map_err(AdminError::from)
        })
    }

    fn log_dirs(&self, broker: NodeId) -> Reply<'_, Outcome<Vec<LogDir>>> {
        Box::pin(self.one(self.client.log_dirs(broker)))
    }

    fn quorum(&self) -> Reply<'_, Outcome<Quorum>> {
        Box::pin(self.one(self.client.describe_quorum()))
    }
}

fn new_name(topic: &NewTopic) -> Arc<str> {
    Arc::clone(&topic.name)
}

fn topic_resource(name: &Arc<str>) -> ConfigResource {
    ConfigResource {
        kind: ConfigResourceKind::Topic,
        name: Arc::clone(name),
    }
}

fn broker_resource(scope: BrokerScope) -> ConfigResource {
    ConfigResource {
        kind: ConfigResourceKind::Broker,
        name: match scope {
            BrokerScope::All => Arc::default(),
            BrokerScope::One(node) => node.to_string().into(),
        },
    }
}

fn set_on_topic(item: ConfigItem) -> Option<(Arc<str>, Arc<str>)> {
    let value = item.value?;
    (source(item.source) == ConfigSource::Topic).then_some((item.name, value))
}

fn broker_config(item: ConfigItem) -> BrokerConfig {
    BrokerConfig {
        source: source(item.source),
        name: item.name,
        value: item.value,
        read_only: item.read_only,
        sensitive: item.sensitive,
    }
}

/// Kafka's numbers.
const fn source(number: i8) -> ConfigSource {
    match number {
        1 => ConfigSource::Topic,
        2 => ConfigSource::Broker,
        3 => ConfigSource::AllBrokers,
        4 => ConfigSource::File,
        5 => ConfigSource::Default,
        _ => ConfigSource::Other,
    }
}

fn op(change: &ConfigChange) -> ConfigOp {
    match change {
        ConfigChange::Set { name, value } => ConfigOp {
            kind: ConfigOpKind::Set,
            name: Arc::clone(name),
            value: Some(Arc::clone(value)),
        },
        ConfigChange::Delete { name } => ConfigOp {
            kind: ConfigOpKind::Delete,
            name: Arc::clone(name),
            value: None,
        },
    }
}
