//! What the broker counts, and how a scrape sees it. Counters are handles that live where they
//! count; here they get their names.

pub mod catalog;
pub mod families;
pub mod fleet;
pub mod groups;
pub mod process;
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
use crate::metadata::MetadataErrors;
use families::Families;
use workers::Workers;

/// Topics that have series of their own in a scrape: a dashboard of more is no dashboard.
const SERIES_TOPICS_MAX: usize = 10_000;

/// Counters that belong to no topic or partition, and those who keep some of them.
pub struct Metrics {
    pub requests: RequestMeters,
    /// All topics together, also those that are gone.
    pub all_topics: TopicMeter,
    pub connections: Arc<OpenConnections>,
    pub metadata_errors: Arc<MetadataErrors>,
    flusher: Arc<Flusher>,
    workers: Workers,
    runtime: Handle,
}

impl Metrics {
    /// What asynchronous parts of the broker are asked on.
    #[must_use]
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    #[must_use]
    pub fn new(
        flusher: Arc<Flusher>,
        metadata_errors: Arc<MetadataErrors>,
        runtime: Handle,
    ) -> Self {
        Self {
            requests: RequestMeters::default(),
            all_topics: TopicMeter::default(),
            connections: Arc::default(),
            metadata_errors,
            flusher,
            workers: Workers::default(),
            runtime,
        }
    }

    /// What needs no more than these counters.
    pub fn scrape(&self, now: Duration, families: &mut Families) {
        self.requests.scrape(now, families);
        let connections = &self.connections;
        families.value(&catalog::CONNECTIONS, connections.count() as f64);
        families.value(
            &catalog::CONNECTIONS_ACCEPTED,
            connections.accepted() as f64,
        );
        families.value(&catalog::CONNECTIONS_REFUSED, connections.refused() as f64);
        let idle = self.workers.idle_share(now, &self.runtime.metrics());
        families.value(&catalog::NETWORK_IDLE, idle);
        families.value(&catalog::HANDLER_IDLE, idle);
        let flushes = self.flusher.times().summarize(now);
        families.of(&catalog::LOG_FLUSH_TIME).latency(&[], &flushes);
        let version = env!("CARGO_PKG_VERSION");
        families.of(&catalog::BUILD_INFO).sample(&[version], 1.0);
        process::scrape(families);
    }
}
