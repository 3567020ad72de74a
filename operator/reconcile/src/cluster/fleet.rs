//! What the brokers tell of themselves: asked once in a pass, and where they give no answer, why.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use millrace_admin::{Admin, AdminError, BrokerConfig, Cluster, ConfigSource};
use millrace_plan::configs::{Source, Told};
use millrace_plan::roll::{Fleet, Partition, Voter};
use millrace_types::NodeId;

use crate::context::Context;
use crate::error::ReconcileError;

/// A voter this far behind counts as caught up: in a fleet in use nobody is ever at the very end.
const VOTER_LAG_LIMIT: i64 = 1_000;
const MIN_ISR: &str = "min.insync.replicas";

/// What the brokers told.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) cluster: Cluster,
    pub(crate) configs: BTreeMap<NodeId, Vec<BrokerConfig>>,
    pub(crate) volumes: BTreeMap<NodeId, Volume>,
}

/// A broker's disks taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) total: u64,
    pub(crate) free: u64,
}

impl Answers {
    /// Settings that brokers change while they run.
    pub(crate) fn dynamic(&self) -> BTreeSet<String> {
        let all = self.configs.values().flatten();
        all.filter(|config| !config.read_only)
            .map(|config| config.name.to_string())
            .collect()
    }
}

/// Asks what every pass needs.
pub(crate) async fn ask(context: &Context, admin: &dyn Admin) -> Result<Answers, ReconcileError> {
    let cluster = counted(context, "describe_cluster", admin.describe_cluster().await)?;
    let mut answers = Answers::default();
    for &broker in cluster.brokers.keys() {
        let configs = admin.describe_broker_configs(broker).await;
        let configs = counted(context, "describe_configs", configs)?;
        answers.configs.insert(broker, configs);
        let dirs = counted(context, "log_dirs", admin.log_dirs(broker).await)?;
        let sum = |of: fn(&millrace_admin::LogDir) -> Option<i64>| {
            let bytes = dirs.iter().filter_map(of);
            bytes
                .map(|bytes| u64::try_from(bytes).unwrap_or_default())
                .sum()
        };
        let volume = Volume {
            total: sum(|dir| dir.total_bytes),
            free: sum(|dir| dir.usable_bytes),
        };
        answers.volumes.insert(broker, volume);
    }
    answers.cluster = cluster;
    Ok(answers)
}

/// Asks what a restart is decided on: every partition, and how far the voters are.
pub(crate) async fn ask_fleet(
    context: &Context,
    admin: &dyn Admin,
    answers: &Answers,
) -> Result<Fleet, ReconcileError> {
    let topics = counted(context, "describe_topics", admin.list_topics().await)?;
    let names: Vec<Arc<str>> = topics.iter().map(|topic| Arc::clone(&topic.name)).collect();
    let configs = admin.describe_topic_configs(&names).await;
    let mut own: HashMap<&str, usize> = HashMap::new();
    for (name, configs) in names.iter().zip(configs) {
        let configs = counted(context, "describe_configs", configs)?;
        if let Some(min) = configs.get(MIN_ISR).and_then(|value| value.parse().ok()) {
            own.insert(name, min);
        }
    }
    let default = default_min_isr(answers);
    let quorum = counted(context, "describe_quorum", admin.quorum().await)?;
    let voters = quorum.voters.iter().map(|voter| Voter {
        id: voter.id,
        caught_up: quorum.high_watermark - voter.log_end_offset <= VOTER_LAG_LIMIT,
    });
    let partitions = topics.iter().flat_map(|topic| {
        let min_isr = own.get(&*topic.name).copied().unwrap_or(default);
        topic.partitions.iter().map(move |partition| Partition {
            topic: Arc::clone(&topic.name),
            index: partition.index,
            replicas: partition.replicas.clone(),
            isr: partition.isr.clone(),
            min_isr,
        })
    });
    Ok(Fleet {
        brokers: answers.cluster.brokers.keys().copied().collect(),
        controller: answers.cluster.controller,
        voters: voters.collect(),
        partitions: partitions.collect(),
    })
}

fn default_min_isr(answers: &Answers) -> usize {
    let mut all = answers.configs.values().flatten();
    let config = all.find(|config| &*config.name == MIN_ISR);
    let value = config.and_then(|config| config.value.as_ref()?.parse().ok());
    value.unwrap_or(1)
}

/// A broker's own account as the planner reads it.
pub(crate) fn told(configs: &[BrokerConfig]) -> Vec<Told> {
    let told = configs.iter().map(|config| Told {
        name: Arc::clone(&config.name),
        value: config.value.clone(),
        source: match config.source {
            ConfigSource::Broker => Source::ThisBroker,
            ConfigSource::AllBrokers => Source::AllBrokers,
            ConfigSource::File => Source::File,
            ConfigSource::Topic | ConfigSource::Default | ConfigSource::Other => Source::Default,
        },
        read_only: config.read_only,
        sensitive: config.sensitive,
    });
    told.collect()
}

/// Counts an answer, and says what was asked where it failed.
pub(crate) fn counted<T>(
    context: &Context,
    call: &str,
    answer: Result<T, AdminError>,
) -> Result<T, ReconcileError> {
    let answered = answer
        .as_ref()
        .err()
        .is_none_or(|error| error.code().is_some());
    let outcome = if answered { "answered" } else { "failed" };
    let requests = &context.metrics.admin_requests;
    requests.with_label_values(&[call, outcome]).inc();
    answer.map_err(|source| ReconcileError::Kafka {
        action: call.replace('_', " "),
        source,
    })
}
