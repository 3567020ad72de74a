//! One frame on disk: length, checksum, payload. Pure; it knows bytes, not files.
//!
//! ```text
//! | magic 4 | payload length 4 | synced 8 | CRC-32C 4 | payload … |
//! ```
//! The checksum also covers the file's number and the frame's place in it, so that bytes that
//! once were a frame somewhere else never pass for one here. `synced` says how much of the file
//! was durable when the frame was written: a sound frame thereby proves that a damaged one in
//! front of that mark is no torn write but a loss of what had been promised to last.

use crc_fast::{CrcAlgorithm, Digest};

/// Marks the start of a frame, so that recovery can look for frames behind a damaged one.
const MAGIC: [u8; 4] = *b"MLQ1";

/// Bytes in front of every payload.
pub(crate) const HEADER_LEN: usize = 20;

/// The longest payload that is believed. Batches are bounded far below, see `MAX_BATCH_BYTES`.
pub(crate) const MAX_PAYLOAD: usize = 16 << 20;

/// Where a frame starts: which file, and how far into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub file: u64,
    pub offset: u64,
}

impl Place {
    /// The place `bytes` further into the same file.
    #[must_use]
    pub(crate) fn plus(self, bytes: usize) -> Self {
        Self {
            offset: self.offset + bytes as u64,
            ..self
        }
    }
}

/// A frame that was read back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub synced: u64,
    pub payload: &'a [u8],
}

impl Frame<'_> {
    /// How many bytes the frame takes on disk.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        HEADER_LEN + self.payload.len()
    }
}

/// Appends a frame to `out`. `place` is where its first byte will be on disk.
pub(crate) fn encode(out: &mut Vec<u8>, place: Place, synced: u64, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("payloads are bounded by MAX_PAYLOAD");
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&synced.to_le_bytes());
    out.extend_from_slice(&checksum(place, length, synced, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// Reads the frame at the start of `bytes`; `None` when there is no whole and sound one.
#[must_use]
pub(crate) fn decode(bytes: &[u8], place: Place) -> Option<Frame<'_>> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (synced, rest) = rest.split_first_chunk::<8>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    if *magic != MAGIC {
        return None;
    }
    let length = u32::from_le_bytes(*length);
    let synced = u64::from_le_bytes(*synced);
    let payload_len = usize::try_from(length).ok()?;
    if payload_len > MAX_PAYLOAD {
        return None;
    }
    let payload = rest.get(..payload_len)?;
    (checksum(place, length, synced, payload) == u32::from_le_bytes(*crc))
        .then_some(Frame { synced, payload })
}

/// How long the payload says it is, in bytes that start with a whole header.
#[must_use]
pub(crate) fn payload_len(header: &[u8]) -> Option<usize> {
    let (_, rest) = header.split_first_chunk::<4>()?;
    let (length, _) = rest.split_first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

/// Every sound frame that starts anywhere in `bytes`, after its very beginning.
pub(crate) fn find_all(bytes: &[u8], place: Place) -> impl Iterator<Item = Frame<'_>> {
    (1..bytes.len()).filter_map(move |skip| decode(&bytes[skip..], place.plus(skip)))
}

fn checksum(place: Place, length: u32, synced: u64, payload: &[u8]) -> u32 {
    let mut digest = Digest::new(CrcAlgorithm::Crc32Iscsi);
    digest.update(&place.file.to_le_bytes());
    digest.update(&place.offset.to_le_bytes());
    digest.update(&length.to_le_bytes());
    digest.update(&synced.to_le_bytes());
    digest.update(payload);
    u32::try_from(digest.finalize()).expect("a 32-bit checksum fits in 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place = Place {
        file: 3,
        offset: 40,
    };

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(&mut bytes, HERE, 7, payload);
        bytes
    }

    #[test]
    fn a_frame_reads_back() {
        for payload in [&b""[..], b"x", &[0xab; 5000]] {
            let bytes = frame(payload);
            let read = decode(&bytes, HERE).unwrap();
            assert_eq!(read, Frame { synced: 7, payload });
            assert_eq!(read.len(), bytes.len());
        }
    }

    #[test]
    fn any_flipped_bit_and_any_lost_byte_is_noticed() {
        let bytes = frame(b"a batch of records");
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&damaged, HERE), None, "bit {bit}");
        }
        for len in 0..bytes.len() {
            assert_eq!(decode(&bytes[..len], HERE), None, "length {len}");
        }
    }

    #[test]
    fn a_frame_is_only_sound_where_it_was_written() {
        let bytes = frame(b"moved");
        assert_eq!(decode(&bytes, HERE.plus(1)), None);
        assert_eq!(decode(&bytes, Place { file: 4, ..HERE }), None);
    }

    #[test]
    fn finds_the_frame_behind_a_damaged_one() {
        let mut bytes = frame(b"damaged");
        let second = HERE.plus(bytes.len());
        bytes[HEADER_LEN] ^= 1;
        encode(&mut bytes, second, 8, b"sound");
        let found: Vec<_> = find_all(&bytes, HERE).collect();
        assert_eq!(
            found,
            [Frame {
                synced: 8,
                payload: b"sound"
            }]
        );
    }
}
