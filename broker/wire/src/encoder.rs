//! Writes primitives, arrays and tagged fields. Large records stay where they are: the frame is
//! then a list of pieces, for a vectored write.

use bytes::{BufMut, Bytes, BytesMut};
use millrace_types::Uuid;

use crate::error::EncodeError;
use crate::message::{Fields, VersionRange};
use crate::payload::Records;

/// Records from this size on become a piece of their own. Copying fewer bytes costs less than
/// one more entry in a vectored write.
pub const SHARED_RECORDS_MIN: usize = 1024;

/// Kafka refuses longer strings in either encoding.
const STRING_BYTES_MAX: usize = i16::MAX as usize;

/// Most responses fit, so that the buffer rarely grows.
const FIRST_CAPACITY: usize = 512;

/// A part of an encoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Bytes(Bytes),
    /// `len` bytes that the writer sends itself: those it knows as `slot`.
    Hole {
        slot: u32,
        len: u32,
    },
}

impl Piece {
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Hole { len, .. } => *len as usize,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// An encoded message or frame, in the order of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    pub pieces: Vec<Piece>,
    /// Bytes of all pieces together.
    pub len: usize,
}

/// Where in the buffer a structure's tagged fields are counted.
#[derive(Clone, Copy)]
pub struct TagSection(usize);

/// Gathers one message or frame. The first value that cannot be encoded is remembered and told
/// at the end, so that writing needs no check at every field.
#[derive(Debug)]
pub struct Encoder {
    buffer: BytesMut,
    /// Pieces that belong between the bytes of `buffer`, by the position they belong to.
    shared: Vec<(usize, Piece)>,
    shares: bool,
    flexible: bool,
    message: &'static str,
    version: i16,
    error: Option<EncodeError>,
}

macro_rules! numbers {
    ($($name:ident: $type:ty;)*) => {
        $(
            pub fn $name(&mut self, value: $type) {
                self.buffer.put_slice(&value.to_be_bytes());
            }
        )*
    };
}

impl Encoder {
    /// Gathers pieces: large records are not copied.
    #[must_use]
    pub fn gathering() -> Self {
        Self::new(true)
    }

    /// Copies everything into one buffer.
    #[must_use]
    pub fn contiguous() -> Self {
        Self::new(false)
    }

    fn new(shares: bool) -> Self {
        Self {
            buffer: BytesMut::with_capacity(FIRST_CAPACITY),
            shared: Vec::new(),
            shares,
            flexible: false,
            message: "",
            version: 0,
            error: None,
        }
    }

    /// Whether lengths are varints and structures end in tagged fields.
    pub(crate) fn set_flexible(&mut self, flexible: bool) {
        self.flexible = flexible;
    }

    /// Names the message for errors; says whether it has the version.
    pub(crate) fn begin(
        &mut self,
        message: &'static str,
        versions: VersionRange,
        version: i16,
    ) -> bool {
        (self.message, self.version) = (message, version);
        let known = versions.contains(version);
        if !known {
            self.fail(EncodeError::Version { message, version });
        }
        known
    }

    /// Bytes gathered so far, pieces included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buffer.len()
            + self
                .shared
                .iter()
                .map(|(_, piece)| piece.len())
                .sum::<usize>()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn finish(self) -> Result<Encoded, EncodeError> {
        let len = self.len();
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut rest = self.buffer.freeze();
        let mut cut = 0;
        let mut pieces = Vec::with_capacity(2 * self.shared.len() + 1);
        for (position, piece) in self.shared {
            pieces.push(Piece::Bytes(rest.split_to(position - cut)));
            pieces.push(piece);
            cut = position;
        }
        pieces.push(Piece::Bytes(rest));
        pieces.retain(|piece| !piece.is_empty());
        Ok(Encoded { pieces, len })
    }

    /// Everything in one buffer; a contiguous encoder has it already.
    pub(crate) fn into_bytes(self) -> Result<Bytes, EncodeError> {
        match self.error {
            None => Ok(self.buffer.freeze()),
            Some(error) => Err(error),
        }
    }

    /// Puts the number of bytes behind it into the four bytes at the very start.
    pub(crate) fn fill_length_prefix(&mut self) {
        let len = self.len() - size_of::<i32>();
        match i32::try_from(len) {
            Ok(len) => self.buffer[..size_of::<i32>()].copy_from_slice(&len.to_be_bytes()),
            Err(_) => self.fail(EncodeError::TooLong(len)),
        }
    }

    #[cold]
    fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }

    #[cold]
    pub fn cannot_carry(&mut self, field: &'static str) {
        let (message, version) = (self.message, self.version);
        self.fail(EncodeError::CannotCarry {
            message,
            version,
            field,
        });
    }

    #[cold]
    pub fn cannot_be_null(&mut self, field: &'static str) {
        let (message, version) = (self.message, self.version);
        self.fail(EncodeError::CannotBeNull {
            message,
            version,
            field,
        });
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

    pub fn bool(&mut self, value: bool) {
        self.int8(value.into());
    }

    pub fn uuid(&mut self, value: Uuid) {
        self.buffer.put_slice(&value.0);
    }

    pub fn unsigned_varint(&mut self, value: u32) {
        let mut rest = value;
        while rest > 0x7f {
            self.buffer.put_u8(low_bits(rest) | 0x80);
            rest >>= 7;
        }
        self.buffer.put_u8(low_bits(rest));
    }

    pub fn string(&mut self, value: &str) {
        if value.len() > STRING_BYTES_MAX {
            return self.fail(EncodeError::StringTooLong(value.len()));
        }
        if self.flexible {
            self.compact_length(value.len());
        } else {
            match i16::try_from(value.len()) {
                Ok(length) => self.int16(length),
                Err(_) => return self.fail(EncodeError::StringTooLong(value.len())),
            }
        }
        self.buffer.put_slice(value.as_bytes());
    }

    pub fn nullable_string(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.string(value),
            None if self.flexible => self.unsigned_varint(0),
            None => self.int16(-1),
        }
    }

    pub fn bytes(&mut self, value: &Bytes) {
        self.long_length(value.len());
        self.buffer.put_slice(value);
    }

    pub fn nullable_bytes(&mut self, value: Option<&Bytes>) {
        match value {
            Some(value) => self.bytes(value),
            None => self.null(),
        }
    }

    pub fn records(&mut self, value: &Records) {
        match value {
            Records::Null => self.null(),
            Records::Bytes(bytes) if self.shares && bytes.len() >= SHARED_RECORDS_MIN => {
                self.long_length(bytes.len());
                self.shared
                    .push((self.buffer.len(), Piece::Bytes(bytes.clone())));
            }
            Records::Bytes(bytes) => self.bytes(bytes),
            Records::External { .. } if !self.shares => {
                let message = self.message;
                self.fail(EncodeError::NotInMemory { message });
            }
            &Records::External { slot, len } => {
                self.long_length(value.len());
                self.shared
                    .push((self.buffer.len(), Piece::Hole { slot, len }));
            }
        }
    }

    pub fn array<T: Fields>(&mut self, elements: &[T], version: i16) {
        self.long_length(elements.len());
        for element in elements {
            element.write(self, version);
        }
    }

    pub fn nullable_array<T: Fields>(&mut self, elements: Option<&[T]>, version: i16) {
        match elements {
            Some(elements) => self.array(elements, version),
            None => self.null(),
        }
    }

    pub fn nullable_struct<T: Fields>(&mut self, value: Option<&T>, version: i16) {
        match value {
            Some(value) => {
                self.int8(1);
                value.write(self, version);
            }
            None => self.int8(-1),
        }
    }

    /// In a tagged field the mark in front of a structure counts like a length.
    pub fn nullable_tagged_struct<T: Fields>(&mut self, value: Option<&T>, version: i16) {
        match value {
            Some(value) => {
                self.unsigned_varint(1);
                value.write(self, version);
            }
            None => self.unsigned_varint(0),
        }
    }

    /// Ends a structure that has no tagged fields. Does nothing where the version has none.
    pub fn no_tags(&mut self) {
        self.open_tags();
    }

    pub fn open_tags(&mut self) -> TagSection {
        let section = TagSection(self.buffer.len());
        if self.flexible {
            self.int8(0);
        }
        section
    }

    /// Writes a tagged field: number, size, then what `write` writes. The caller goes by
    /// ascending numbers, and no schema has so many that their count takes a second byte.
    pub fn tag(&mut self, section: TagSection, tag: u32, write: impl FnOnce(&mut Self)) {
        self.buffer[section.0] += 1;
        self.unsigned_varint(tag);
        let start = self.buffer.len();
        write(self);
        let end = self.buffer.len();
        match u32::try_from(end - start) {
            Ok(size) => self.unsigned_varint(size),
            Err(_) => return self.fail(EncodeError::TooLong(end - start)),
        }
        let size_bytes = self.buffer.len() - end;
        self.buffer[start..].rotate_right(size_bytes);
    }

    fn null(&mut self) {
        if self.flexible {
            self.unsigned_varint(0);
        } else {
            self.int32(-1);
        }
    }

    /// Length of bytes, records and arrays.
    fn long_length(&mut self, length: usize) {
        match i32::try_from(length) {
            Err(_) => self.fail(EncodeError::TooLong(length)),
            Ok(_) if self.flexible => self.compact_length(length),
            Ok(length) => self.int32(length),
        }
    }

    /// One more than the length, so that 0 can mean null.
    fn compact_length(&mut self, length: usize) {
        match u32::try_from(length + 1) {
            Ok(length) => self.unsigned_varint(length),
            Err(_) => self.fail(EncodeError::TooLong(length)),
        }
    }
}

fn low_bits(value: u32) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}
