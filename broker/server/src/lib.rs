//! The broker as clients see it: listeners, connections, one handler for each API, metrics.
//! Decisions are made in the crates below; what is here reads, asks, and answers.

mod call;
mod close_reason;
mod connection;
mod context;
mod dispatch;
mod fetch_session;
pub mod groups;
mod handlers;
mod listener;
pub mod metadata;
pub mod metrics;
mod producer_ids;
mod reply;
mod send;
mod service;

pub use call::{Call, Peer};
pub use close_reason::CloseReason;
pub use connection::{ConnectionLimits, memory::RequestMemory};
pub use context::Context;
pub use dispatch::Dispatcher;
pub use fetch_session::FetchSessions;
pub use listener::admission::{AdmissionLimits, ListenerShare};
pub use listener::{Listener, ListenerLimits, OpenConnections, stopped};
pub use producer_ids::ProducerIds;
pub use reply::{FileSlice, Piece, Reply};
pub use service::{Finished, Outcome, Service, ServiceFactory};
