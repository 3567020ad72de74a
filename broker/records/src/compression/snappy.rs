//! Snappy as the Java client frames it (the "xerial" header, then length-prefixed raw blocks), and
//! the single raw block without any frame that some clients send.

use std::io::{self, Read};

use crate::compression::decompress::corrupt;

/// Magic, then version and oldest compatible version.
const XERIAL_HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
const XERIAL_MAGIC_BYTES: usize = 8;
/// What the Java client uses.
const BLOCK_BYTES: usize = 32 * 1024;
/// Three bytes of input copy at most 64 bytes of output: a block that claims more lies.
const MAX_EXPANSION: usize = 22;

pub(crate) fn compress(input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder = snap::raw::Encoder::new();
    out.extend_from_slice(&XERIAL_HEADER);
    for block in input.chunks(BLOCK_BYTES) {
        let length_at = out.len();
        let block_at = length_at + 4;
        out.resize(block_at + snap::raw::max_compress_len(block.len()), 0);
        let written = encoder.compress(block, &mut out[block_at..])?;
        out.truncate(block_at + written);
        let length = u32::try_from(written).map_err(io::Error::other)?;
        out[length_at..block_at].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Decompresses block after block; only one is ever held.
pub(crate) struct SnappyReader<'a> {
    input: &'a [u8],
    framed: bool,
    block: Vec<u8>,
    taken: usize,
}

impl<'a> SnappyReader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> io::Result<Self> {
        let framed = input.starts_with(&XERIAL_HEADER[..XERIAL_MAGIC_BYTES]);
        let input = if framed {
            let header = input.get(XERIAL_HEADER.len()..);
            header.ok_or_else(|| corrupt("snappy header is cut off"))?
        } else {
            input
        };
        Ok(Self {
            input,
            framed,
            block: Vec::new(),
            taken: 0,
        })
    }

    fn next_block(&mut self) -> io::Result<()> {
        let block = if self.framed {
            self.split_block()?
        } else {
            std::mem::take(&mut self.input)
        };
        let claimed = snap::raw::decompress_len(block)?;
        if claimed > block.len().saturating_mul(MAX_EXPANSION) {
            return Err(corrupt("snappy block claims an impossible size"));
        }
        self.block.clear();
        self.block.resize(claimed, 0);
        let written = snap::raw::Decoder::new().decompress(block, &mut self.block)?;
        self.block.truncate(written);
        self.taken = 0;
        Ok(())
    }

    fn split_block(&mut self) -> io::Result<&'a [u8]> {
        let cut_off = || corrupt("snappy block is cut off");
        let (length, rest) = self.input.split_first_chunk::<4>().ok_or_else(cut_off)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(io::Error::other)?;
        let (block, rest) = rest.split_at_checked(length).ok_or_else(cut_off)?;
        self.input = rest;
        Ok(block)
    }
}

impl Read for SnappyReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.block.len() && !self.input.is_empty() {
            self.next_block()?;
        }
        let count = (&self.block[self.taken..]).read(out)?;
        self.taken += count;
        Ok(count)
    }
}
