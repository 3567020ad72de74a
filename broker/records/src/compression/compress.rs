//! Compression as Kafka's own clients write it, so that every client can read it.

use std::cell::RefCell;
use std::io::{self, Write};

use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};

use crate::compression::codec::Compression;
use crate::compression::snappy;

/// How hard each codec that has levels tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompressionLevels {
    /// 1 to 9; Kafka's -1 means 6.
    pub gzip: i32,
    /// Negative to 22.
    pub zstd: i32,
}

/// Zlib's own default, which it also takes -1 for.
const DEFAULT_GZIP_LEVEL: u32 = 6;

impl Default for CompressionLevels {
    fn default() -> Self {
        Self {
            gzip: -1,
            zstd: zstd::DEFAULT_COMPRESSION_LEVEL,
        }
    }
}

/// The codec refused to compress: out of memory, or a level it does not have.
#[derive(Debug, thiserror::Error)]
#[error("cannot compress with {codec}")]
pub struct CompressError {
    codec: Compression,
    #[source]
    cause: io::Error,
}

/// Appends `input` to `out`, compressed.
///
/// # Errors
/// When the codec does not know the level.
pub fn compress(
    codec: Compression,
    levels: CompressionLevels,
    input: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CompressError> {
    match codec {
        Compression::None => {
            out.extend_from_slice(input);
            Ok(())
        }
        Compression::Gzip => gzip(levels.gzip, input, out),
        Compression::Snappy => snappy::compress(input, out),
        Compression::Lz4 => lz4(input, out),
        Compression::Zstd => zstd(levels.zstd, input, out),
    }
    .map_err(|cause| CompressError { codec, cause })
}

fn gzip(level: i32, input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let level = u32::try_from(level).unwrap_or(DEFAULT_GZIP_LEVEL).min(9);
    let mut encoder = GzEncoder::new(out, flate2::Compression::new(level));
    encoder.write_all(input)?;
    encoder.finish().map(drop)
}

/// The Java client reads independent blocks only.
fn lz4(input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let frame = FrameInfo::new()
        .block_mode(BlockMode::Independent)
        .block_size(BlockSize::Max64KB);
    let mut encoder = FrameEncoder::with_frame_info(frame, out);
    encoder.write_all(input)?;
    encoder.finish().map(drop).map_err(io::Error::from)
}

thread_local! {
    /// A context is hundreds of kilobytes: making one costs more than compressing a small batch.
    static ZSTD: RefCell<zstd::bulk::Compressor<'static>> = RefCell::default();
}

fn zstd(level: i32, input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    ZSTD.with_borrow_mut(|compressor| {
        compressor.set_compression_level(level)?;
        let start = out.len();
        out.resize(start + zstd::compress_bound(input.len()), 0);
        let written = compressor.compress_to_buffer(input, &mut out[start..])?;
        out.truncate(start + written);
        Ok(())
    })
}
