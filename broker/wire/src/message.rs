//! What the generated types have in common.

use bytes::Bytes;

use crate::api_key::ApiKey;
use crate::decoder::Decoder;
use crate::encoder::Encoder;
use crate::error::{DecodeError, DecodeProblem, EncodeError};

/// An inclusive range of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionRange {
    pub min: i16,
    pub max: i16,
}

impl VersionRange {
    #[must_use]
    pub const fn new(min: i16, max: i16) -> Self {
        Self { min, max }
    }

    #[must_use]
    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }

    pub fn iter(self) -> impl DoubleEndedIterator<Item = i16> {
        self.min..=self.max
    }
}

/// The fields of a structure, in the order of the wire.
pub trait Fields: Sized {
    /// No value is shorter than this on the wire, in any version.
    const MIN_SIZE: usize;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError>;

    /// A value that has no form in this version is remembered by the encoder.
    fn write(&self, e: &mut Encoder, version: i16);
}

/// A request, a response or a record: the outermost structure, that knows its versions.
pub trait Message: Fields {
    const NAME: &'static str;
    const VERSIONS: VersionRange;
    const FLEXIBLE_FROM: Option<i16>;

    #[must_use]
    fn is_flexible(version: i16) -> bool {
        Self::FLEXIBLE_FROM.is_some_and(|from| version >= from)
    }

    /// Reads the message and leaves the decoder behind its end.
    fn decode(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(version) {
            return Err(d.error(DecodeProblem::Version(version)).within(Self::NAME));
        }
        d.set_flexible(Self::is_flexible(version));
        Self::read(d, version).map_err(|error| error.within(Self::NAME))
    }

    /// Writes the message; what has no form in this version shows in the encoder's `finish`.
    fn encode(&self, e: &mut Encoder, version: i16) {
        if e.begin(Self::NAME, Self::VERSIONS, version) {
            e.set_flexible(Self::is_flexible(version));
            self.write(e, version);
        }
    }

    /// Reads a message that fills `bytes`.
    fn from_bytes(bytes: Bytes, version: i16) -> Result<Self, DecodeError> {
        let mut d = Decoder::new(bytes);
        let message = Self::decode(&mut d, version)?;
        d.finish().map_err(|error| error.within(Self::NAME))?;
        Ok(message)
    }

    /// The message in one piece of memory.
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut e = Encoder::contiguous();
        self.encode(&mut e, version);
        e.into_bytes()
    }
}

/// A message that asks, and the type of its answer.
pub trait Request: Message {
    const KEY: ApiKey;
    type Response: Message;
}

/// A record that says its type by number: in front of its version (metadata log), or as the
/// version of its key (coordinators).
pub trait Typed: Message {
    const TYPE: i16;
}
