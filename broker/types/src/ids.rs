//! Ids, offsets and epochs, with the values that mean "none" on the wire.

use std::fmt;
use std::str::FromStr;

/// A position in a partition's log.
pub type Offset = i64;
/// Index of a partition within its topic.
pub type PartitionIndex = i32;
/// Counts the leaders of a partition.
pub type LeaderEpoch = i32;
/// Names an idempotent or transactional producer.
pub type ProducerId = i64;
/// Fences older incarnations of one producer id.
pub type ProducerEpoch = i16;
/// Numbers a producer's records within one partition; wraps from `i32::MAX` to 0.
pub type Sequence = i32;

pub const NO_OFFSET: Offset = -1;
pub const NO_LEADER_EPOCH: LeaderEpoch = -1;
pub const NO_PRODUCER_ID: ProducerId = -1;
pub const NO_PRODUCER_EPOCH: ProducerEpoch = -1;
pub const NO_SEQUENCE: Sequence = -1;
pub const NO_TIMESTAMP: i64 = -1;

/// Identifies one process of the fleet: a broker, a controller, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);

impl NodeId {
    /// "No node" on the wire: no leader, no controller.
    pub const NONE: Self = Self(-1);
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A 128-bit id, printed as Kafka prints it: URL-safe base64 without padding.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    /// "No id" on the wire.
    pub const ZERO: Self = Self([0; 16]);

    /// A fresh random id. Like Kafka's own it never starts with `-`, which command lines take
    /// for an option.
    #[must_use]
    pub fn random() -> Self {
        loop {
            let id = Self(uuid::Uuid::new_v4().into_bytes());
            if !id.to_string().starts_with('-') {
                return id;
            }
        }
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 128 bits are 21 digits of six bits and a last one that holds two.
        let bits = u128::from_be_bytes(self.0);
        for digit in 0..22_u32 {
            let six = if digit == 21 {
                bits << 4
            } else {
                bits >> (122 - 6 * digit)
            };
            let letter = BASE64[(six & 0x3f) as usize];
            fmt::Write::write_char(f, char::from(letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        if text.len() != 22 {
            return Err(InvalidUuid);
        }
        let mut bits: u128 = 0;
        for (index, letter) in text.bytes().enumerate() {
            let six = BASE64
                .iter()
                .position(|&known| known == letter)
                .ok_or(InvalidUuid)?;
            let six = u128::try_from(six).map_err(|_| InvalidUuid)?;
            if index < 21 {
                bits = (bits << 6) | six;
            } else if six & 0x0f == 0 {
                bits = (bits << 2) | (six >> 4);
            } else {
                return Err(InvalidUuid);
            }
        }
        Ok(Self(bits.to_be_bytes()))
    }
}

/// The text is not 22 digits of URL-safe base64 that hold 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUuid;

impl fmt::Display for InvalidUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a 22-digit URL-safe base64 id")
    }
}

impl std::error::Error for InvalidUuid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_ids_the_way_kafka_does() {
        let id = Uuid([
            0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d,
            0x3e, 0x3f,
        ]);
        assert_eq!(id.to_string(), "MDEyMzQ1Njc4OTo7PD0-Pw");
        assert_eq!("MDEyMzQ1Njc4OTo7PD0-Pw".parse(), Ok(id));
    }

    #[test]
    fn every_id_survives_the_round_trip() {
        for _ in 0..1000 {
            let id = Uuid::random();
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_eq!(Uuid([0xff; 16]).to_string().parse(), Ok(Uuid([0xff; 16])));
    }

    #[test]
    fn refuses_text_that_is_no_id() {
        for text in [
            "",
            "short",
            "MDEyMzQ1Njc4OTo7PD0-P/",
            "MDEyMzQ1Njc4OTo7PD0-Px",
        ] {
            assert_eq!(text.parse::<Uuid>(), Err(InvalidUuid), "{text}");
        }
    }
}
