//! Classic groups: members vote for a protocol, one of them makes the assignment, the coordinator
//! only carries it. Each file holds one part of the protocol; `group` holds the state.

mod describe;
mod group;
mod join;
mod members;
mod persist;
mod rebalance;
mod session;
mod static_members;
mod sync;

pub(crate) use group::{ClassicGroup, State};
pub(crate) use join::Join;
pub(crate) use persist::ExpiryBase;
pub(crate) use session::leave_response;
pub use static_members::StaticRejoin;
