//! Reading a segment's batches whole, one after the other, through a buffer. Checks their checksums:
//! what is damaged must not be written anew as if it were sound.

use millrace_records::{BatchError, BatchView};

use crate::disk::DiskFile;
use crate::scan::{ScanError, reason};

pub(crate) struct BatchReader<'a> {
    file: &'a dyn DiskFile,
    /// Of the next batch.
    position: u64,
    end: u64,
    /// Filled by every read. A batch that is larger makes it grow to that size.
    buffer: &'a mut Vec<u8>,
    /// What of the buffer has not been handed out; it begins at `position` of the file.
    start: usize,
    filled: usize,
}

impl<'a> BatchReader<'a> {
    pub(crate) fn new(file: &'a dyn DiskFile, end: u64, buffer: &'a mut Vec<u8>) -> Self {
        Self {
            file,
            position: 0,
            end,
            buffer,
            start: 0,
            filled: 0,
        }
    }

    /// Where the batch that [`Self::next`] returns next begins.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn next(&mut self) -> Result<Option<BatchView<'_>>, ScanError> {
        if self.position >= self.end {
            return Ok(None);
        }
        let position = self.position;
        let corrupt = |error| ScanError::Corrupt {
            position,
            reason: reason(error),
        };
        let size = loop {
            match BatchView::read(&self.buffer[self.start..self.filled]) {
                Ok(batch) => {
                    batch.check_crc().map_err(|error| corrupt(error.into()))?;
                    break batch.bytes().len();
                }
                Err(BatchError::Truncated { needed, .. }) if self.left_holds(needed) => {
                    self.fill(needed)?;
                }
                Err(error) => return Err(corrupt(error)),
            }
        };
        let batch = &self.buffer[self.start..self.start + size];
        self.start += size;
        self.position += size as u64;
        BatchView::read(batch).map(Some).map_err(corrupt)
    }

    fn left_holds(&self, needed: usize) -> bool {
        needed as u64 <= self.end - self.position
    }

    /// Reads on so that at least `needed` bytes, which the file has, are there.
    fn fill(&mut self, needed: usize) -> Result<(), ScanError> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        if self.buffer.len() < needed {
            self.buffer.resize(needed, 0);
        }
        let from = self.position + self.filled as u64;
        let left = usize::try_from(self.end - from).unwrap_or(usize::MAX);
        let room = &mut self.buffer[self.filled..];
        let count = room.len().min(left);
        self.file.read_exact_at(&mut room[..count], from)?;
        self.filled += count;
        Ok(())
    }
}
