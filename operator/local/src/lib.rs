//! The Kubernetes API inside the process: a store with the API server's rules, served to kube's own
//! client without a socket. What becomes of a request can be scripted, so that tests of controllers
//! see failures, conflicts, delays and lost answers. It runs no controller but garbage collection.

mod admit;
mod api;
mod body;
mod correlate;
mod defaults;
mod dispute;
pub mod faults;
mod field_path;
mod fields;
mod json;
mod kinds;
mod refusal;
mod request;
mod respond;
mod revision;
mod schema;
mod script;
mod selector;
mod serve;
mod settled;
mod shape;
mod shared;
mod side_door;
mod store;
mod strategic;
mod time;
mod validate;
mod views;
mod watch;

pub use api::LocalApi;
pub use fields::Conflict;
pub use kinds::{Kind, Scale, definitions, kinds};
pub use refusal::Refusal;
pub use revision::Newest;
pub use script::{Asked, Fate, Verb};
pub use validate::Mistake;
