//! Small files that are read and replaced as a whole.

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::interface::{Disk, DiskFile};

/// A small file as a whole.
///
/// # Errors
/// `InvalidData` when it is larger than `limit`.
pub fn read_file(disk: &dyn Disk, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = disk.open(path)?;
    let len = file.len()?;
    let size = usize::try_from(len).ok().filter(|_| len <= limit);
    let Some(size) = size else {
        let reason = format!("the file has {len} bytes, more than the {limit} it may have");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    };
    let mut content = vec![0; size];
    file.read_exact_at(&mut content, 0)?;
    Ok(content)
}

/// One of the ways to replace a file that are below.
pub type Replace = fn(&dyn Disk, &Path, &[u8]) -> io::Result<()>;

/// Replaces a file as a whole: after a crash there is either the old content or the new.
///
/// # Errors
/// On an error the old content is still there.
pub fn replace_file(disk: &dyn Disk, path: &Path, content: &[u8]) -> io::Result<()> {
    let (temporary, file) = write_beside(disk, path, content)?;
    file.sync_data()?;
    disk.rename(&temporary, path)?;
    match path.parent() {
        Some(dir) => disk.sync_dir(dir),
        None => Ok(()),
    }
}

/// Replaces a file as a whole, without making it durable: after a power loss it may be empty.
///
/// # Errors
/// On an error the old content is still there.
pub fn replace_file_unsynced(disk: &dyn Disk, path: &Path, content: &[u8]) -> io::Result<()> {
    let (temporary, _) = write_beside(disk, path, content)?;
    disk.rename(&temporary, path)
}

fn write_beside(
    disk: &dyn Disk,
    path: &Path,
    content: &[u8],
) -> io::Result<(PathBuf, Arc<dyn DiskFile>)> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    let file = disk.create(&temporary)?;
    file.write_all_at(&mut [IoSlice::new(content)], 0)?;
    Ok((temporary, file))
}
