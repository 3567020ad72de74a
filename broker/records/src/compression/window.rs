//! A sliding view of decompressed bytes in a buffer that its owner reuses from batch to batch.

use std::io::Read;

use crate::compression::codec::Compression;
use crate::compression::decompress::{DecompressError, Decompressor};

/// Fits the second-level cache beside the codec's own tables.
const WINDOW_BYTES: usize = 64 * 1024;
/// A buffer that one large batch has grown beyond this is given back.
const MAX_KEPT_BYTES: usize = 1024 * 1024;

/// Room for decompressed records, kept between batches.
#[derive(Debug, Default)]
pub struct Scratch {
    bytes: Vec<u8>,
}

impl Scratch {
    /// Bytes held right now.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Gives back what one large batch has left, for owners that live longer than their work.
    pub fn trim(&mut self) {
        if self.bytes.len() > MAX_KEPT_BYTES {
            self.bytes = Vec::new();
        }
    }
}

/// Decompresses all of `input`, which may not expand beyond `limit` bytes.
///
/// # Errors
/// When it does, or is damaged.
pub fn decompress<'s>(
    codec: Compression,
    input: &[u8],
    limit: usize,
    scratch: &'s mut Scratch,
) -> Result<&'s [u8], DecompressError> {
    let mut window = Window::new(codec, input, limit, scratch)?;
    window.fill(usize::MAX)?;
    let end = window.end;
    drop(window);
    Ok(&scratch.bytes[..end])
}

/// The decompressed bytes that have been read and not yet consumed.
pub(crate) struct Window<'a, 's> {
    codec: Compression,
    reader: Decompressor<'a>,
    scratch: &'s mut Scratch,
    start: usize,
    end: usize,
    limit: usize,
    allowance: usize,
}

impl<'a, 's> Window<'a, 's> {
    pub(crate) fn new(
        codec: Compression,
        input: &'a [u8],
        limit: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Self, DecompressError> {
        scratch.trim();
        let reader = Decompressor::new(codec, input)
            .map_err(|cause| DecompressError::Corrupt { codec, cause })?;
        Ok(Self {
            codec,
            reader,
            scratch,
            start: 0,
            end: 0,
            limit,
            allowance: limit,
        })
    }

    pub(crate) fn available(&self) -> &[u8] {
        &self.scratch.bytes[self.start..self.end]
    }

    pub(crate) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start);
        self.start += count;
    }

    /// Refuses what could only be had by passing the limit, before anything of it is unpacked.
    pub(crate) fn check_room(&self, wanted: usize) -> Result<(), DecompressError> {
        if wanted > self.available().len() + self.allowance {
            return Err(DecompressError::TooLarge { limit: self.limit });
        }
        Ok(())
    }

    /// Reads on until `wanted` bytes are available or there are no more. The buffer grows with the
    /// bytes that arrive, never to a size that they declare.
    pub(crate) fn fill(&mut self, wanted: usize) -> Result<(), DecompressError> {
        while self.end - self.start < wanted {
            self.make_room();
            let room = &mut self.scratch.bytes[self.end..];
            let count = self.reader.read(room).map_err(|cause| {
                let codec = self.codec;
                DecompressError::Corrupt { codec, cause }
            })?;
            if count == 0 {
                break;
            }
            if count > self.allowance {
                return Err(DecompressError::TooLarge { limit: self.limit });
            }
            self.allowance -= count;
            self.end += count;
        }
        Ok(())
    }

    fn make_room(&mut self) {
        let bytes = &mut self.scratch.bytes;
        if self.start > 0 {
            bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == bytes.len() {
            bytes.resize((bytes.len() * 2).max(WINDOW_BYTES), 0);
        }
    }
}
