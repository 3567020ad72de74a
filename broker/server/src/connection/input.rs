//! Bytes of one connection on their way to be frames. Knows lengths and memory; what a frame says
//! is nobody's business here.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::close_reason::CloseReason;
use crate::connection::memory::{RequestMemory, Share};

/// Every frame opens with its length.
const LENGTH_BYTES: usize = 4;

/// What is read at once when no frame is under way. Each connection may have this much without
/// asking the others.
const READ_AHEAD_BYTES: usize = 16 * 1024;

/// The first buffer of a frame: a larger one is earned by sending, so that announcing 100 MB and
/// sending nothing costs nothing.
const FIRST_BYTES: usize = 64 * 1024;

/// Whoever sent a large frame just now gets as much for the next one at once, up to this.
const TRUSTED_BYTES: usize = 2 * 1024 * 1024;

/// Whether the next bytes can be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Made,
    /// First the connection's share of the memory has to grow to this.
    Wanted(usize),
}

pub(crate) struct Input {
    pub(crate) buffer: BytesMut,
    /// Covers the buffer when it is larger than everybody's read-ahead.
    pub(crate) share: Share,
    frame_bytes_max: usize,
    trusted: usize,
    /// There may be memory, though nothing is in it.
    holds_buffer: bool,
}

impl Input {
    pub(crate) fn new(frame_bytes_max: usize, memory: &Arc<RequestMemory>) -> Self {
        Self {
            buffer: BytesMut::new(),
            share: Share::none_of(memory),
            frame_bytes_max,
            trusted: FIRST_BYTES,
            holds_buffer: false,
        }
    }

    /// The next frame that has arrived whole, with the memory it was counted for.
    pub(crate) fn next_frame(&mut self) -> Result<Option<(Bytes, Share)>, CloseReason> {
        let Some(length) = self.announced_length()? else {
            return Ok(None);
        };
        let whole = LENGTH_BYTES + length;
        if self.buffer.len() < whole {
            return Ok(None);
        }
        let mut frame = self.buffer.split_to(whole).freeze();
        self.trusted = whole.clamp(FIRST_BYTES, TRUSTED_BYTES);
        Ok(Some((frame.split_off(LENGTH_BYTES), self.share.take())))
    }

    /// Whether the client ended where a frame ends.
    pub(crate) fn is_between_frames(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Whether memory is kept for nothing but the next request.
    pub(crate) fn is_reserved(&self) -> bool {
        self.holds_buffer && self.buffer.is_empty()
    }

    /// A connection that is silent for a while holds no memory for its next request.
    pub(crate) fn release(&mut self) {
        self.buffer = BytesMut::new();
        self.trusted = FIRST_BYTES;
        self.holds_buffer = false;
        drop(self.share.take());
    }

    /// Sizes the buffer for the frame under way and the length of the one behind it, so that a
    /// stream of large frames is read without moving a byte twice.
    pub(crate) fn make_room(&mut self) -> Result<Room, CloseReason> {
        let have = self.buffer.len();
        let want = match self.announced_length()? {
            None => READ_AHEAD_BYTES,
            Some(length) => {
                let whole = LENGTH_BYTES + length + LENGTH_BYTES;
                let spare = self.buffer.capacity() - have;
                let enough = if spare >= READ_AHEAD_BYTES {
                    have + spare
                } else {
                    have * 2
                };
                whole.min(enough.max(self.trusted)).max(have + 1)
            }
        };
        if want > READ_AHEAD_BYTES && !self.share.try_grow(want) {
            return Ok(Room::Wanted(want));
        }
        self.buffer.reserve(want.saturating_sub(have));
        self.holds_buffer = true;
        Ok(Room::Made)
    }

    fn announced_length(&self) -> Result<Option<usize>, CloseReason> {
        let Some(prefix) = self.buffer.first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let announced = i32::from_be_bytes(*prefix);
        let allowed = self.frame_bytes_max;
        match usize::try_from(announced) {
            Ok(length) if (1..=allowed).contains(&length) => Ok(Some(length)),
            _ => Err(CloseReason::FrameSize {
                announced: announced.into(),
                allowed,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 10 * 1024 * 1024;
    const MIB: usize = 1024 * 1024;

    fn framed(length: usize) -> Vec<u8> {
        let mut bytes = u32::try_from(length).unwrap().to_be_bytes().to_vec();
        bytes.resize(LENGTH_BYTES + length, b'x');
        bytes
    }

    /// Fills the room that was made, as a socket with enough to say does; the rest comes back.
    fn receive<'a>(input: &mut Input, bytes: &'a [u8]) -> &'a [u8] {
        assert_eq!(input.make_room().unwrap(), Room::Made);
        let room = input.buffer.capacity() - input.buffer.len();
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        input.buffer.extend_from_slice(now);
        later
    }

    #[test]
    fn frames_come_out_as_they_went_in_however_they_are_cut() {
        let sizes = [1, 3, 100, 16 * 1024, 1, 70_000, 5, MIB, 2];
        let all: Vec<u8> = sizes.iter().flat_map(|&size| framed(size)).collect();
        for cut in [1000, 4096, 1 << 20] {
            let memory = RequestMemory::new(u64::MAX);
            let mut input = Input::new(MAX, &memory);
            let mut found = Vec::new();
            for mut piece in all.chunks(cut) {
                while !piece.is_empty() {
                    piece = receive(&mut input, piece);
                    while let Some((frame, _)) = input.next_frame().unwrap() {
                        found.push(frame.len());
                    }
                }
            }
            assert_eq!(found, sizes, "in pieces of {cut}");
            assert!(input.is_between_frames());
        }
    }

    #[test]
    fn lengths_that_are_not_allowed_are_refused() {
        for length in [0, -1, i32::MIN, i32::MAX, i32::try_from(MAX).unwrap() + 1] {
            let mut input = Input::new(MAX, &RequestMemory::new(u64::MAX));
            input.buffer.extend_from_slice(&length.to_be_bytes());
            assert!(input.next_frame().is_err(), "{length}");
            assert!(input.make_room().is_err(), "{length}");
        }
    }

    /// What was announced, what of it came, and what may be held for it at most.
    #[test]
    fn memory_comes_with_what_is_sent_not_with_what_is_announced() {
        let cases = [
            (10 * MIB, 0, FIRST_BYTES),
            (10 * MIB, 1000, FIRST_BYTES),
            (10 * MIB, 40_000, FIRST_BYTES),
            (10 * MIB, MIB, 2 * MIB),
            (100, 50, READ_AHEAD_BYTES),
        ];
        for (announced, sent, held) in cases {
            let mut input = Input::new(MAX, &RequestMemory::new(u64::MAX));
            let frame = framed(announced);
            let mut rest = &frame[..LENGTH_BYTES + sent];
            while !rest.is_empty() {
                rest = receive(&mut input, rest);
            }
            assert_eq!(input.make_room().unwrap(), Room::Made);
            let capacity = input.buffer.capacity();
            assert!(
                capacity <= held + held / 4,
                "{announced} {sent}: {capacity}"
            );
        }
    }

    #[test]
    fn a_large_frame_earns_room_for_the_next_until_silence() {
        let mut input = Input::new(MAX, &RequestMemory::new(u64::MAX));
        let room_for_a_frame = |input: &mut Input| {
            input.buffer.extend_from_slice(&framed(MIB)[..LENGTH_BYTES]);
            input.make_room().unwrap();
            input.buffer.capacity()
        };
        assert!(room_for_a_frame(&mut input) < MIB);
        let frame = framed(MIB);
        let mut rest = &frame[LENGTH_BYTES..];
        while !rest.is_empty() {
            rest = receive(&mut input, rest);
        }
        assert!(input.next_frame().unwrap().is_some());
        assert!(room_for_a_frame(&mut input) > MIB);
        input.release();
        assert!(room_for_a_frame(&mut input) < MIB);
    }

    #[test]
    fn a_frame_waits_for_memory_that_others_have() {
        let memory = RequestMemory::new(MIB as u64);
        let mut others = Share::none_of(&memory);
        assert!(others.try_grow(MIB));
        let mut input = Input::new(MAX, &memory);
        // Small frames need nobody's leave.
        assert!(receive(&mut input, &framed(1000)).is_empty());
        assert!(input.next_frame().unwrap().is_some());
        input.buffer.extend_from_slice(&framed(MIB)[..LENGTH_BYTES]);
        assert_eq!(input.make_room().unwrap(), Room::Wanted(FIRST_BYTES));
        drop(others);
        assert_eq!(input.make_room().unwrap(), Room::Made);
    }

    #[test]
    fn a_frame_takes_its_memory_along() {
        let memory = RequestMemory::new(MIB as u64);
        let mut input = Input::new(MAX, &memory);
        let frame = framed(MIB - 2 * LENGTH_BYTES);
        let mut rest = &frame[..];
        while !rest.is_empty() {
            rest = receive(&mut input, rest);
        }
        let (_, share) = input.next_frame().unwrap().expect("a whole frame");
        assert!(input.share.is_empty());
        let mut others = Share::none_of(&memory);
        assert!(!others.try_grow(1));
        drop(share);
        assert!(others.try_grow(MIB));
    }
}
