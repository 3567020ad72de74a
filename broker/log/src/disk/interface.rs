//! What a file system has to be able to do.

use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::Arc;

/// `pwritev` takes no more slices than this (`IOV_MAX` on Linux).
pub const MAX_SLICES_PER_WRITE: usize = 1024;

/// A file system. Paths are absolute or relative to the process; no call creates a parent directory
/// except [`Disk::create_dir_all`].
pub trait Disk: Send + Sync + Debug {
    /// Opens an existing file for reading and writing.
    ///
    /// # Errors
    /// `NotFound` when there is no such file; whatever the file system reports.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Creates a file, or empties the one that is there, and opens it for reading and writing.
    ///
    /// # Errors
    /// Whatever the file system reports.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// The length of a file that need not be open.
    ///
    /// # Errors
    /// `NotFound` when there is no such file.
    fn file_len(&self, path: &Path) -> io::Result<u64>;

    /// Renames a file or directory, replacing a file that has the new name.
    ///
    /// # Errors
    /// `NotFound` when there is nothing of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// # Errors
    /// `NotFound` when there is no such file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with everything in it.
    ///
    /// # Errors
    /// `NotFound` when there is no such directory.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Creates a directory and its missing parents.
    ///
    /// # Errors
    /// Whatever the file system reports.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// What a directory holds, in no particular order.
    ///
    /// # Errors
    /// `NotFound` when there is no such directory.
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>>;

    /// Makes creations, removals and renames inside a directory durable.
    ///
    /// # Errors
    /// Whatever the file system reports.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes everything durable that was written to the volume of a directory: one call instead of
    /// thousands when a broker stops.
    ///
    /// # Errors
    /// Whatever the file system reports. After an error nothing is known about what is durable.
    fn sync_volume(&self, dir: &Path) -> io::Result<()>;

    /// # Errors
    /// Whatever the file system reports.
    fn space(&self, dir: &Path) -> io::Result<Space>;

    /// Takes the exclusive lock of a lock file, which it creates when missing, until the returned
    /// value is dropped.
    ///
    /// # Errors
    /// `WouldBlock` when somebody else holds it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn DiskLock>>;
}

/// One open file. All methods take `&self`: a file is shared by one writer and many readers.
pub trait DiskFile: Send + Sync + Debug {
    /// Reads at most `buffer.len()` bytes; 0 means the end of the file.
    ///
    /// # Errors
    /// Whatever the file system reports.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes some of the slices' bytes, of which there are at most [`MAX_SLICES_PER_WRITE`].
    ///
    /// # Errors
    /// Whatever the file system reports.
    fn write_at(&self, slices: &[IoSlice<'_>], position: u64) -> io::Result<usize>;

    /// # Errors
    /// Whatever the file system reports.
    fn len(&self) -> io::Result<u64>;

    /// # Errors
    /// Whatever the file system reports.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Cuts the file, or extends it with zeros.
    ///
    /// # Errors
    /// Whatever the file system reports.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes the data, and the length needed to read it, durable.
    ///
    /// # Errors
    /// Whatever the file system reports. After an error nothing is known about what is durable.
    fn sync_data(&self) -> io::Result<()>;

    /// The descriptor, where there is one, for senders that let the kernel copy.
    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Fills the whole buffer.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file ends first.
    fn read_exact_at(&self, mut buffer: &mut [u8], mut position: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(buffer, position) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    buffer = &mut buffer[read..];
                    position += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes all slices one after the other. The slices are used up.
    ///
    /// # Errors
    /// On an error any part of the bytes may have been written.
    fn write_all_at(&self, mut slices: &mut [IoSlice<'_>], mut position: u64) -> io::Result<()> {
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            let now = &slices[..slices.len().min(MAX_SLICES_PER_WRITE)];
            match self.write_at(now, position) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    position += written as u64;
                    IoSlice::advance_slices(&mut slices, written);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Held while a process owns a directory.
pub trait DiskLock: Send + Sync + Debug {}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    pub name: String,
    pub is_dir: bool,
}

/// Room on the volume of a directory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    pub total: u64,
    pub usable: u64,
}
