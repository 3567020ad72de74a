//! The partitions whose logs are on this broker: opened at the start, made, changed and deleted as
//! the metadata says, closed at the end. May block on the disk; never called by those who serve
//! clients.

mod changes;
mod cleaner;
mod cleaning;
mod deleting;
mod housekeeping;
mod log_config;
mod making;
mod start;
mod state;
mod topic_settings;

pub use state::{Replicas, ReplicasOptions};
pub use topic_settings::TopicConfigs;
