//! What users wrote, validated and resolved: raw resources in, a model or reasons out. After this
//! nobody reads a raw spec. Pure: no client, no clock, no knowledge of what exists already.

mod cluster;
mod duration;
mod key;
pub mod names;
mod one_machine;
mod placeholders;
mod problem;
mod quantity;
mod resolve;
mod restart;
mod syntax;
mod topic;

pub use cluster::{
    Advertised, AllowedNamespaces, Broker, Cluster, Listener, Metrics, Platform, Pool, PoolStorage,
    Reserved,
};
pub use key::ObjectKey;
pub use one_machine::without_effect;
pub use problem::{Problem, Resolved};
pub use quantity::quantity_bytes;
pub use resolve::Defaults;
pub use restart::RestartCause;
pub use topic::{TOPIC_FINALIZER, Topic};

pub use millrace_crds::{DeletionPolicy, ListenerType, Role, UnavailablePartitions};
