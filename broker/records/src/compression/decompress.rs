//! One streaming reader over all codecs. Its memory does not grow with what it reads.

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder;

use crate::compression::codec::Compression;
use crate::compression::snappy::SnappyReader;
use crate::compression::zstd_stream::ZstdReader;

/// Why compressed records cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DecompressError {
    #[error("records expand beyond {limit} bytes")]
    TooLarge { limit: usize },
    #[error("{codec} data is corrupt")]
    Corrupt {
        codec: Compression,
        #[source]
        cause: io::Error,
    },
}

/// Reads what was compressed, and fails on anything that a strict client would choke on.
pub(crate) enum Decompressor<'a> {
    Plain(&'a [u8]),
    Gzip(MultiGzDecoder<&'a [u8]>),
    Snappy(SnappyReader<'a>),
    Lz4(FrameDecoder<&'a [u8]>),
    Zstd(ZstdReader<'a>),
}

impl<'a> Decompressor<'a> {
    pub(crate) fn new(codec: Compression, input: &'a [u8]) -> io::Result<Self> {
        Ok(match codec {
            Compression::None => Self::Plain(input),
            Compression::Gzip => Self::Gzip(MultiGzDecoder::new(input)),
            Compression::Snappy => Self::Snappy(SnappyReader::new(input)?),
            Compression::Lz4 => {
                check_lz4_frame(input)?;
                Self::Lz4(FrameDecoder::new(input))
            }
            Compression::Zstd => Self::Zstd(ZstdReader::new(input)?),
        })
    }
}

impl Read for Decompressor<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(input) => input.read(out),
            Self::Gzip(reader) => reader.read(out),
            Self::Snappy(reader) => reader.read(out),
            Self::Lz4(reader) => match reader.read(out)? {
                0 if !reader.get_ref().is_empty() => Err(corrupt("data after the lz4 frame")),
                count => Ok(count),
            },
            Self::Zstd(reader) => reader.read(out),
        }
    }
}

pub(crate) fn corrupt(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

const LZ4_MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
const LZ4_INDEPENDENT_BLOCKS: u8 = 0x20;
const LZ4_CONTENT_CHECKSUM: u8 = 0x04;
const LZ4_END_MARK: [u8; 4] = [0; 4];

/// The frame decoder accepts more than consumers do: linked blocks, which the Java client refuses,
/// and a frame without its end.
fn check_lz4_frame(input: &[u8]) -> io::Result<()> {
    let Some(flags) = input.strip_prefix(&LZ4_MAGIC).and_then(<[u8]>::first) else {
        return Err(corrupt("no lz4 frame"));
    };
    if flags & LZ4_INDEPENDENT_BLOCKS == 0 {
        return Err(corrupt("lz4 blocks are not independent"));
    }
    let checksum_bytes = if flags & LZ4_CONTENT_CHECKSUM == 0 {
        0
    } else {
        4
    };
    let end = input.len() - checksum_bytes;
    if !input[..end].ends_with(&LZ4_END_MARK) {
        return Err(corrupt("lz4 frame has no end"));
    }
    Ok(())
}
