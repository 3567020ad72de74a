//! Walking over the batch headers of a segment's file. Reads a window at a time into a buffer of the
//! caller's, so a short walk costs one system call and no allocation. Checks no checksums.

use std::io;

use millrace_records::batch::HEADER_BYTES;
use millrace_records::{BatchError, BatchHeader, CorruptBatch};

use crate::disk::DiskFile;

/// A window that fits the stack and mostly holds what lies between two index entries.
pub(crate) const SHORT_WALK_BYTES: usize = 4096;
/// A window for walks over a whole segment.
pub(crate) const LONG_WALK_BYTES: usize = 256 << 10;

/// A batch and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) header: BatchHeader,
    pub(crate) position: u64,
}

impl Located {
    /// Where the next batch begins.
    pub(crate) fn end(&self) -> u64 {
        self.position + self.header.size_in_bytes() as u64
    }
}

#[derive(Debug)]
pub(crate) enum ScanError {
    Io(io::Error),
    /// What is at `position` is not a whole batch.
    Corrupt {
        position: u64,
        reason: &'static str,
    },
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Yields the batches of `position..end`.
pub(crate) struct Scanner<'a> {
    file: &'a dyn DiskFile,
    position: u64,
    end: u64,
    window: &'a mut [u8],
    window_start: u64,
    window_len: usize,
}

impl<'a> Scanner<'a> {
    /// `window` has room for a header at least.
    pub(crate) fn new(
        file: &'a dyn DiskFile,
        position: u64,
        end: u64,
        window: &'a mut [u8],
    ) -> Self {
        Self {
            file,
            position,
            end,
            window,
            window_start: 0,
            window_len: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Located>, ScanError> {
        if self.position >= self.end {
            return Ok(None);
        }
        let position = self.position;
        let corrupt = |reason| ScanError::Corrupt { position, reason };
        let raw = self.bytes(HEADER_BYTES)?;
        let header = BatchHeader::read(raw).map_err(|error| corrupt(reason(error)))?;
        let located = Located { header, position };
        if located.end() > self.end {
            return Err(corrupt("the last batch is cut off"));
        }
        self.position = located.end();
        Ok(Some(located))
    }

    /// At most `count` bytes from the current position on; fewer at the end.
    fn bytes(&mut self, count: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        let count = count.min(left);
        let window_end = self.window_start + self.window_len as u64;
        let there =
            self.window_start <= self.position && self.position + count as u64 <= window_end;
        if !there {
            let fill = self.window.len().min(left);
            self.file
                .read_exact_at(&mut self.window[..fill], self.position)?;
            (self.window_start, self.window_len) = (self.position, fill);
        }
        let start =
            usize::try_from(self.position - self.window_start).expect("it is in the window");
        Ok(&self.window[start..start + count])
    }
}

pub(crate) fn reason(error: BatchError) -> &'static str {
    match error {
        BatchError::Truncated { .. } => "the last batch is cut off",
        BatchError::Corrupt(corrupt) => match corrupt {
            CorruptBatch::Length(_) => "a batch is shorter than its header",
            CorruptBatch::Magic(_) => "a batch is not of format 2",
            CorruptBatch::OffsetRange { .. } => "a batch ends before it begins",
            CorruptBatch::RecordCount(_) => "a batch has a negative record count",
            CorruptBatch::Crc { .. } => "the checksum of a batch is wrong",
        },
    }
}
