//! The Kubernetes API inside the process: a store with the API server's rules, served to kube's own
//! client without a socket. What becomes of a request can be scripted, so that tests of controllers
//! see failures, conflicts, delays and lost answers. It runs no controller but garbage collection.

mod api;
mod apply;
mod kinds;
mod refusal;
mod request;
mod respond;
mod script;
mod selector;
mod store;
mod watch;

pub use api::LocalApi;
pub use refusal::Refusal;
pub use script::{Asked, Fate, Verb};
