//! The model as Kubernetes objects and broker properties. Pure: the same cluster and the same facts
//! make the same objects, and nothing is asked or written.

mod addresses;
mod config_map;
mod disruption_budget;
mod kept_storage;
mod labels;
mod network_policy;
mod pod;
mod properties;
mod rendered;
mod restart;
mod service_account;
mod services;
mod stateful_set;

pub use addresses::{MissingFact, Observed, Waiting, bootstrap_servers};
pub use kept_storage::keep_storage;
pub use labels::{BROKER_LABEL, CLUSTER_LABEL, LISTENER_LABEL, POOL_LABEL};
pub use properties::BrokerProperties;
pub use rendered::{Object, Rendered, render};
pub use restart::{RESTART_ANNOTATION, RestartInputs};
pub use stateful_set::{ImmutableChange, immutable_change};
