//! Compressing and decompressing the records of a batch. Every decompression streams and stops at
//! its caller's limit: sizes that the data declares about itself are never believed.

mod codec;
mod compress;
mod decompress;
mod snappy;
#[cfg(test)]
mod tests;
mod window;
mod zstd_stream;

pub use codec::{Compression, UnknownCodec};
pub use compress::{CompressError, CompressionLevels, compress};
pub use decompress::DecompressError;
pub(crate) use window::Window;
pub use window::{Scratch, decompress};
