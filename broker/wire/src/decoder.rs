//! Reads primitives, arrays and tagged fields from a frame. Whatever the bytes say, it neither
//! panics nor takes more memory than it is allowed to.

use std::any::type_name;
use std::mem::size_of;
use std::sync::Arc;

use bytes::Bytes;
use millrace_types::Uuid;

use crate::error::{DecodeError, DecodeProblem};
use crate::message::Fields;
use crate::payload::Records;

/// Memory that one message may take besides its frame. Records and byte fields are slices of the
/// frame and cost nothing here. A metadata response about a million partitions fits.
pub const DECODED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Kafka refuses longer strings in either encoding.
const STRING_BYTES_MAX: usize = i16::MAX as usize;

/// What an `Arc<str>` holds besides its text.
const STRING_OVERHEAD: usize = 2 * size_of::<usize>();

/// A 32-bit number takes at most this many groups of seven bits.
const VARINT_BYTES_MAX: usize = 5;

type Result<T> = std::result::Result<T, DecodeError>;

/// A cursor over one frame.
#[derive(Debug)]
pub struct Decoder {
    frame: Bytes,
    at: usize,
    flexible: bool,
    memory_limit: usize,
    memory_left: usize,
}

macro_rules! numbers {
    ($($name:ident: $type:ty;)*) => {
        $(
            pub fn $name(&mut self) -> Result<$type> {
                self.fixed().map(<$type>::from_be_bytes)
            }
        )*
    };
}

impl Decoder {
    #[must_use]
    pub fn new(frame: Bytes) -> Self {
        Self::with_memory_limit(frame, DECODED_BYTES_MAX)
    }

    #[must_use]
    pub fn with_memory_limit(frame: Bytes, limit: usize) -> Self {
        Self {
            frame,
            at: 0,
            flexible: false,
            memory_limit: limit,
            memory_left: limit,
        }
    }

    /// Whether lengths are varints and structures end in tagged fields.
    pub(crate) fn set_flexible(&mut self, flexible: bool) {
        self.flexible = flexible;
    }

    #[must_use]
    pub fn remaining(&self) -> usize {
        self.frame.len() - self.at
    }

    /// The end of the message must be the end of the frame.
    pub fn finish(&self) -> Result<()> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(self.error(DecodeProblem::Trailing(left))),
        }
    }

    #[cold]
    pub(crate) fn error(&self, problem: DecodeProblem) -> DecodeError {
        DecodeError {
            problem,
            offset: self.at,
            within: "",
        }
    }

    numbers! {
        int8: i8;
        int16: i16;
        uint16: u16;
        int32: i32;
        uint32: u32;
        int64: i64;
        float64: f64;
    }

    pub fn bool(&mut self) -> Result<bool> {
        Ok(self.int8()? != 0)
    }

    pub fn uuid(&mut self) -> Result<Uuid> {
        self.fixed().map(Uuid)
    }

    pub fn unsigned_varint(&mut self) -> Result<u32> {
        let mut value: u32 = 0;
        for group in 0..VARINT_BYTES_MAX {
            let [byte] = self.fixed()?;
            let bits = u32::from(byte & 0x7f);
            if group == VARINT_BYTES_MAX - 1 && bits > 0x0f {
                break;
            }
            value |= bits << (7 * group);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.error(DecodeProblem::Varint))
    }

    pub fn string(&mut self) -> Result<Arc<str>> {
        self.nullable_string()?
            .ok_or_else(|| self.error(DecodeProblem::Null))
    }

    pub fn nullable_string(&mut self) -> Result<Option<Arc<str>>> {
        let length = if self.flexible {
            self.compact_length()?
        } else {
            let length = self.int16()?;
            self.length(length.into())?
        };
        let Some(length) = length else {
            return Ok(None);
        };
        if length > STRING_BYTES_MAX {
            return Err(self.error(DecodeProblem::Length(length.try_into().unwrap_or(i64::MAX))));
        }
        if length == 0 {
            return Ok(Some(Arc::default()));
        }
        self.spend(STRING_OVERHEAD + length)?;
        let at = self.at;
        let raw = self.advance(length)?;
        match std::str::from_utf8(&self.frame[raw]) {
            Ok(text) => Ok(Some(text.into())),
            Err(_) => {
                self.at = at;
                Err(self.error(DecodeProblem::Utf8))
            }
        }
    }

    pub fn bytes(&mut self) -> Result<Bytes> {
        self.nullable_bytes()?
            .ok_or_else(|| self.error(DecodeProblem::Null))
    }

    pub fn nullable_bytes(&mut self) -> Result<Option<Bytes>> {
        let Some(length) = self.long_length()? else {
            return Ok(None);
        };
        let range = self.advance(length)?;
        Ok(Some(self.frame.slice(range)))
    }

    pub fn records(&mut self) -> Result<Records> {
        Ok(self.nullable_bytes()?.map_or(Records::Null, Records::Bytes))
    }

    pub fn array<T: Fields>(&mut self, version: i16) -> Result<Vec<T>> {
        self.nullable_array(version)?
            .ok_or_else(|| self.error(DecodeProblem::Null))
    }

    pub fn nullable_array<T: Fields>(&mut self, version: i16) -> Result<Option<Vec<T>>> {
        let Some(count) = self.long_length()? else {
            return Ok(None);
        };
        self.check_count(count, T::MIN_SIZE, size_of::<T>())?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            let element = T::read(self, version).map_err(|error| error.within(type_name::<T>()))?;
            elements.push(element);
        }
        Ok(Some(elements))
    }

    pub fn nullable_struct<T: Fields>(&mut self, version: i16) -> Result<Option<T>> {
        if self.int8()? < 0 {
            Ok(None)
        } else {
            T::read(self, version).map(Some)
        }
    }

    /// In a tagged field the mark in front of a structure counts like a length.
    pub fn nullable_tagged_struct<T: Fields>(&mut self, version: i16) -> Result<Option<T>> {
        if self.unsigned_varint()? == 0 {
            Ok(None)
        } else {
            T::read(self, version).map(Some)
        }
    }

    /// Hands each tagged field to `read`, which says whether it knew the tag. Does nothing where
    /// the version has no tagged fields.
    pub fn tags(&mut self, mut read: impl FnMut(&mut Self, u32) -> Result<bool>) -> Result<()> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.unsigned_varint()? {
            let tag = self.unsigned_varint()?;
            let size = self.unsigned_varint()?;
            let announced = self.size(size)?;
            let start = self.at;
            if !read(self, tag)? {
                self.advance(announced)?;
            }
            let used = self.at - start;
            if used != announced {
                return Err(self.error(DecodeProblem::TaggedSize { announced, used }));
            }
        }
        Ok(())
    }

    pub fn skip_tags(&mut self) -> Result<()> {
        self.tags(|_, _| Ok(false))
    }

    /// Refuses a count before anything is allocated for it.
    fn check_count(&mut self, count: usize, min_size: usize, memory: usize) -> Result<()> {
        let left = self.remaining();
        if count > left / min_size.max(1) {
            return Err(self.error(DecodeProblem::Count { count, left }));
        }
        self.spend(count.saturating_mul(memory))
    }

    fn spend(&mut self, memory: usize) -> Result<()> {
        match self.memory_left.checked_sub(memory) {
            Some(left) => {
                self.memory_left = left;
                Ok(())
            }
            None => Err(self.error(DecodeProblem::Memory {
                limit: self.memory_limit,
            })),
        }
    }

    /// Length of bytes, records and arrays.
    fn long_length(&mut self) -> Result<Option<usize>> {
        if self.flexible {
            return self.compact_length();
        }
        let length = self.int32()?;
        self.length(length.into())
    }

    /// One more than the length, so that 0 can mean null.
    fn compact_length(&mut self) -> Result<Option<usize>> {
        match self.unsigned_varint()?.checked_sub(1) {
            Some(length) => self.size(length).map(Some),
            None => Ok(None),
        }
    }

    fn length(&self, length: i64) -> Result<Option<usize>> {
        if length == -1 {
            return Ok(None);
        }
        let checked = usize::try_from(length).map(Some);
        checked.map_err(|_| self.error(DecodeProblem::Length(length)))
    }

    fn size(&self, size: u32) -> Result<usize> {
        usize::try_from(size).map_err(|_| self.error(DecodeProblem::Length(size.into())))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        match self.frame[self.at..].first_chunk() {
            Some(&chunk) => {
                self.at += N;
                Ok(chunk)
            }
            None => Err(self.truncated(N)),
        }
    }

    fn advance(&mut self, wanted: usize) -> Result<std::ops::Range<usize>> {
        if wanted > self.remaining() {
            return Err(self.truncated(wanted));
        }
        let start = self.at;
        self.at += wanted;
        Ok(start..self.at)
    }

    #[cold]
    fn truncated(&self, wanted: usize) -> DecodeError {
        self.error(DecodeProblem::Truncated {
            wanted,
            left: self.remaining(),
        })
    }
}
