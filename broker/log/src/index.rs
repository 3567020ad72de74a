//! Kafka's sparse indexes: entries of fixed size in ascending order. The newest entries are kept in
//! memory and written many at a time; the rest is searched in the file, a window at a time, so an
//! index costs next to no memory and no system call per append.
//! An index is a hint: whoever uses a position from it checks what is there.

mod entry;
mod offset;
mod sparse;
mod time;
mod txn;

pub(crate) use self::entry::Entry;
pub(crate) use self::offset::OffsetEntry;
pub(crate) use self::sparse::{
    SparseIndex, TAIL_ENTRIES, floor_in_file, guess_slot, write_pending,
};
pub(crate) use self::time::TimeEntry;
pub use self::txn::AbortedTxn;
pub(crate) use self::txn::{append_aborted, collect_aborted};
