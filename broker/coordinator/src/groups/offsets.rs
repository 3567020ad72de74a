//! Committed offsets: where they are kept, how they are committed and fetched.

mod commit;
mod fetch;
mod store;

pub(crate) use commit::Commit;
pub use store::CommittedOffset;
pub(crate) use store::OffsetStore;
