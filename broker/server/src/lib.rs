//! The broker as clients see it: listeners, connections, one handler for each API, metrics.
//! Decisions are made in the crates below; what is here reads, asks, and answers.

mod call;
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

pub use call::{Call, Peer};
pub use connection::{CloseReason, ConnectionLimits, ServiceFactory};
pub use context::Context;
pub use dispatch::Dispatcher;
pub use fetch_session::FetchSessions;
pub use listener::{Listener, ListenerLimits, OpenConnections, stopped};
pub use producer_ids::ProducerIds;
