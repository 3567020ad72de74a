//! Record batches as a field of a message: opaque here, and never copied.

use bytes::Bytes;

/// The records of one partition, as they came or as they shall leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    Null,
    Bytes(Bytes),
    /// `len` bytes that whoever writes the frame sends itself, from what it knows as `slot`.
    External {
        slot: u32,
        len: u32,
    },
}

impl Records {
    /// What an absent field stands for. Kafka's own default is null, but a fetch response with
    /// null records is refused by older clients, so that must be asked for.
    pub const EMPTY: Self = Self::Bytes(Bytes::new());

    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Bytes(bytes) => bytes.len(),
            Self::External { len, .. } => *len as usize,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, when they are in memory.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Null | Self::External { .. } => None,
        }
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}
