//! The attribute bits of a batch. Says what they mean; checks nothing else of the batch.

use std::fmt;

use crate::compression::{Compression, UnknownCodec};

const COMPRESSION_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const DELETE_HORIZON: i16 = 0x40;

/// Whose clock the timestamps of a batch come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimestampType {
    #[default]
    CreateTime,
    LogAppendTime,
}

/// The 16 attribute bits as they stand in the batch, unknown ones included.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes(pub i16);

impl Attributes {
    /// # Errors
    /// When the three codec bits name none of the five codecs.
    pub const fn compression(self) -> Result<Compression, UnknownCodec> {
        Compression::from_id(self.0 & COMPRESSION_MASK)
    }

    #[must_use]
    pub const fn timestamp_type(self) -> TimestampType {
        if self.has(LOG_APPEND_TIME) {
            TimestampType::LogAppendTime
        } else {
            TimestampType::CreateTime
        }
    }

    #[must_use]
    pub const fn is_transactional(self) -> bool {
        self.has(TRANSACTIONAL)
    }

    /// A control batch holds a marker for the log itself instead of a client's records.
    #[must_use]
    pub const fn is_control(self) -> bool {
        self.has(CONTROL)
    }

    /// Whether the base timestamp is the time from which tombstones and markers may be dropped.
    #[must_use]
    pub const fn has_delete_horizon(self) -> bool {
        self.has(DELETE_HORIZON)
    }

    #[must_use]
    pub const fn with_compression(self, compression: Compression) -> Self {
        Self((self.0 & !COMPRESSION_MASK) | compression.id())
    }

    #[must_use]
    pub const fn with_timestamp_type(self, timestamp_type: TimestampType) -> Self {
        let append_time = matches!(timestamp_type, TimestampType::LogAppendTime);
        self.with(LOG_APPEND_TIME, append_time)
    }

    #[must_use]
    pub const fn with_transactional(self, on: bool) -> Self {
        self.with(TRANSACTIONAL, on)
    }

    #[must_use]
    pub const fn with_control(self, on: bool) -> Self {
        self.with(CONTROL, on)
    }

    #[must_use]
    pub const fn with_delete_horizon(self, on: bool) -> Self {
        self.with(DELETE_HORIZON, on)
    }

    const fn has(self, bit: i16) -> bool {
        self.0 & bit != 0
    }

    const fn with(self, bit: i16, on: bool) -> Self {
        if on {
            Self(self.0 | bit)
        } else {
            Self(self.0 & !bit)
        }
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attributes({:#04x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_stands_where_kafka_puts_it() {
        let none = Attributes::default();
        assert_eq!(none.with_compression(Compression::Zstd).0, 0x04);
        let append_time = none.with_timestamp_type(TimestampType::LogAppendTime);
        assert_eq!(append_time.0, 0x08);
        assert_eq!(none.with_transactional(true).0, 0x10);
        assert_eq!(none.with_control(true).0, 0x20);
        assert_eq!(none.with_delete_horizon(true).0, 0x40);
        assert_eq!(
            append_time.with_timestamp_type(TimestampType::CreateTime),
            none
        );
    }

    #[test]
    fn unknown_codecs_are_refused() {
        for id in 0..5 {
            assert!(Attributes(id).compression().is_ok(), "{id}");
        }
        for id in 5..8 {
            assert_eq!(Attributes(id).compression(), Err(UnknownCodec(id)));
        }
    }
}
