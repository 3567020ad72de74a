//! Committed offsets: where they are kept, how they are committed and fetched.

mod commit;
mod fetch;
mod forms;
mod store;

pub use forms::{join_offset_fetch, split_offset_fetch};
pub use store::CommittedOffset;
pub(crate) use store::OffsetStore;
