//! What the broker counts, and how a scrape sees it.

pub mod families;
pub mod latency;
mod requests;

pub use requests::RequestMeters;

use millrace_replication::{Count, TopicMeter};

/// Counters that belong to no topic or partition.
#[derive(Debug, Default)]
pub struct Metrics {
    pub requests: RequestMeters,
    /// All topics together, also those that are gone.
    pub all_topics: TopicMeter,
    pub connections_accepted: Count,
    pub connections_refused: Count,
}
