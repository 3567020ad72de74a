//! What the metadata's way through this node is measured by.

use millrace_replication::{Count, Latency};

#[derive(Debug, Default)]
pub struct MetadataMeters {
    /// Steps that did not fit the image. It does not happen to a sound broker.
    pub load_errors: Count,
    /// Steps that the broker failed to act on. Neither does this.
    pub apply_errors: Count,
    /// Records that this node's controller wrote.
    pub written: Count,
    /// From a controller's proposal until the quorum held it.
    pub commits: Latency,
}
