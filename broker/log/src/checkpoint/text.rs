//! Lines of text in small files.

use std::io;
use std::path::Path;

use crate::disk::{Disk, Replace, read_file};
use crate::error::{IoContext, LogError, Result};

/// The first line of every checkpoint.
const VERSION: &str = "0";
/// Larger checkpoints are not ours: a million partitions with long names fit.
const MAX_CHECKPOINT_BYTES: u64 = 256 << 20;
/// Larger metadata files are not ours.
pub(crate) const MAX_METADATA_BYTES: u64 = 64 << 10;

/// Writes a checkpoint whose `body` has `count` lines.
pub(crate) fn write_lines(
    disk: &dyn Disk,
    path: &Path,
    (count, body): (usize, &str),
    replace: Replace,
) -> Result<()> {
    let text = format!("{VERSION}\n{count}\n{body}");
    replace(disk, path, text.as_bytes()).context("write", path)
}

/// Hands the fields of each line behind the header to `take`, which refuses malformed ones.
pub(crate) fn read_lines(
    disk: &dyn Disk,
    path: &Path,
    mut take: impl FnMut(&[&str]) -> Option<()>,
) -> Result<()> {
    let Some(text) = read_text(disk, path, MAX_CHECKPOINT_BYTES)? else {
        return Ok(());
    };
    let mut lines = text.lines();
    if lines.next() != Some(VERSION) {
        return Err(malformed(path, "the version is not 0"));
    }
    let expected = lines.next().and_then(|line| line.parse::<usize>().ok());
    let mut count = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(' ').collect();
        take(&fields).ok_or_else(|| malformed(path, line))?;
        count += 1;
    }
    if expected == Some(count) {
        Ok(())
    } else {
        Err(malformed(
            path,
            "the number of lines is not what the header says",
        ))
    }
}

/// Nothing when there is no such file.
pub(crate) fn read_text(disk: &dyn Disk, path: &Path, limit: u64) -> Result<Option<String>> {
    match read_file(disk, path, limit) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(malformed(path, "it is not text")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("read", path),
    }
}

pub(crate) fn malformed(path: &Path, reason: impl Into<String>) -> LogError {
    LogError::Malformed {
        path: path.to_owned(),
        reason: reason.into(),
    }
}
