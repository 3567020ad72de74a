//! Answers about the fleet, read off one image. Who asks matters only by the listener they came in
//! on: a client gets addresses that it can reach.

mod cluster;
mod describe_topics;
mod topics;
mod view;

pub use cluster::describe_cluster;
pub use describe_topics::describe_topic_partitions;
pub use topics::{metadata, unknown_topics};
pub use view::Asker;
