//! The reconcilers. For clusters: dereference, validate, plan, apply, status. For topics the same in
//! batches. They talk to the API server through kube's client and to brokers through the admin trait,
//! and know neither where they run nor who leads.

mod cluster;
mod conditions;
mod context;
mod error;
mod health;
mod metrics;
mod metrics_page;
mod operator;
mod patience;
mod reason;
mod settings;
mod topic;

pub use health::{Health, RunningPass};
pub use metrics::Metrics;
pub use metrics_page::metrics_page;
pub use operator::Operator;
pub use reason::reference_page as conditions_page;
pub use settings::Settings;
