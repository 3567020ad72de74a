//! Fields of objects and who manages them: sets of fields, what differs between two objects, and
//! server-side apply over both. Pure.

mod managed;
mod manager;
mod set;
mod typed;

pub(crate) use managed::{Change, applied, updated};
pub use manager::Conflict;
pub(crate) use manager::Writer;
