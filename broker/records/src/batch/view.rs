//! A whole batch in a buffer, and walking over a buffer of them. Reads headers only.

use crate::batch::checksum::crc_of;
use crate::batch::header::{BatchError, BatchHeader, CRC_END, CorruptBatch, HEADER_BYTES};

/// One whole batch in somebody's buffer.
#[derive(Clone, Copy, Debug)]
pub struct BatchView<'a> {
    header: BatchHeader,
    bytes: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// The batch at the start of `bytes`; what follows it is left alone.
    ///
    /// # Errors
    /// When the header is wrong or bytes are missing. The checksum is not looked at.
    pub fn read(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let header = BatchHeader::read(bytes)?;
        let needed = header.size_in_bytes();
        match bytes.get(..needed) {
            Some(bytes) => Ok(Self { header, bytes }),
            None => Err(BatchError::Truncated {
                needed,
                available: bytes.len(),
            }),
        }
    }

    #[must_use]
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch, header included.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The records as they were sent, compressed if the header says so.
    #[must_use]
    pub fn records_bytes(&self) -> &'a [u8] {
        &self.bytes[HEADER_BYTES..]
    }

    /// # Errors
    /// When the bytes are not the ones the producer checksummed.
    pub fn check_crc(&self) -> Result<(), CorruptBatch> {
        let stored = self.header.crc;
        let computed = crc_of(&self.bytes[CRC_END..]);
        if stored == computed {
            Ok(())
        } else {
            Err(CorruptBatch::Crc { stored, computed })
        }
    }
}

/// Walks over consecutive batches. Ends after the last whole one, or with one error.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    bytes: &'a [u8],
    position: usize,
    failed: bool,
}

impl<'a> Batches<'a> {
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            failed: false,
        }
    }

    /// Where the next batch starts: the bytes before it were whole batches.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<BatchView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.bytes[self.position..];
        if rest.is_empty() || self.failed {
            return None;
        }
        let batch = BatchView::read(rest);
        match &batch {
            Ok(view) => self.position += view.bytes.len(),
            Err(_) => self.failed = true,
        }
        Some(batch)
    }
}
