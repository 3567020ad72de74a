//! The only door to the file system. Everything the log keeps goes through [`Disk`], so that one
//! suite of tests can run on the real file system, in memory, and on a disk that fails on purpose.
//! Must not know what is in the files.

mod hostile;
mod interface;
mod mem;
mod system;
#[cfg(test)]
mod tests;
mod whole;

#[cfg(any(test, feature = "testing"))]
pub mod conformance;

pub use self::hostile::{Fault, HostileDisk};
pub use self::interface::{DirEntry, Disk, DiskFile, DiskLock, MAX_SLICES_PER_WRITE, Space};
pub use self::mem::MemDisk;
pub use self::system::SystemDisk;
pub use self::whole::{Replace, read_file, replace_file, replace_file_unsynced};
