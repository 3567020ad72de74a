//! What the broker counts, and how a scrape sees it. Counters are handles that live where they
//! count; here they get their names.

pub mod catalog;
pub mod families;
pub mod fleet;
pub mod groups;
pub mod process;
mod rate;
pub mod replicas;
mod requests;
pub mod traffic;
mod workers;

pub use requests::{RequestMeters, Timeline};

use std::sync::Arc;
use std::time::Duration;

use millrace_replication::{Flusher, TopicMeter};
use tokio::runtime::Handle;

use crate::listener::OpenConnections;
use crate::metadata::Committed;
use families::Families;
use rate::Rate;
use workers::Workers;

/// Counters that belong to no topic or partition, and those who keep some of them.
pub struct Metrics {
    pub requests: RequestMeters,
    /// All topics together, also those that are gone.
    pub all_topics: TopicMeter,
    pub connections: Arc<OpenConnections>,
    metadata: Arc<Committed>,
    flusher: Arc<Flusher>,
    workers: Workers,
    accepting: Rate,
    writing_metadata: Rate,
    runtime: Handle,
}

impl Metrics {
    /// What asynchronous parts of the broker are asked on.
    #[must_use]
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    #[must_use]
    pub fn new(flusher: Arc<Flusher>, metadata: Arc<Committed>, runtime: Handle) -> Self {
        Self {
            requests: RequestMeters::default(),
            all_topics: TopicMeter::default(),
            connections: Arc::default(),
            metadata,
            flusher,
            workers: Workers::default(),
            accepting: Rate::default(),
            writing_metadata: Rate::default(),
            runtime,
        }
    }

    /// What needs no more than these counters.
    pub fn scrape(&self, now: Duration, families: &mut Families) {
        self.requests.scrape(now, families);
        self.scrape_connections(now, families);
        self.scrape_metadata(now, families);
        let idle = self.workers.idle_share(now, &self.runtime.metrics());
        families.value(&catalog::NETWORK_IDLE, idle);
        families.value(&catalog::HANDLER_IDLE, idle);
        let flushes = self.flusher.times().summarize(now);
        families.of(&catalog::LOG_FLUSH_TIME).latency(&[], &flushes);
        let version = env!("CARGO_PKG_VERSION");
        families.of(&catalog::BUILD_INFO).sample(&[version], 1.0);
        process::scrape(families);
    }

    fn scrape_connections(&self, now: Duration, families: &mut Families) {
        let connections = &self.connections;
        let accepted = connections.accepted() as f64;
        let rate = self.accepting.per_second(now, accepted);
        families.value(&catalog::CONNECTIONS, connections.count() as f64);
        families.value(&catalog::CONNECTIONS_ACCEPTED, accepted);
        families.value(&catalog::CONNECTION_RATE, rate);
        families.value(&catalog::CONNECTIONS_REFUSED, connections.refused() as f64);
    }

    /// How the metadata log makes its way through this node.
    fn scrape_metadata(&self, now: Duration, families: &mut Families) {
        let meters = self.metadata.meters();
        let load_errors = meters.load_errors.value() as f64;
        families.value(&catalog::CONTROLLER_METADATA_ERRORS, load_errors);
        families.value(&catalog::METADATA_LOAD_ERRORS, load_errors);
        let apply_errors = meters.apply_errors.value() as f64;
        families.value(&catalog::METADATA_APPLY_ERRORS, apply_errors);
        families.value(&catalog::METADATA_LAG, self.metadata.lag_ms() as f64);
        let written = meters.written.value() as f64;
        let rate = self.writing_metadata.per_second(now, written);
        families.value(&catalog::RAFT_APPEND_RATE, rate);
        let commits = meters.commits.summarize(now);
        families.value(&catalog::RAFT_COMMIT_MEAN, commits.mean_ms);
        families.value(&catalog::RAFT_COMMIT_MAX, commits.max_ms);
    }
}
