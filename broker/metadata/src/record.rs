//! Records of the metadata log, in Kafka's own formats and framing. Bytes in, values out; what a
//! record does to the image is the image's business.

use bytes::{Bytes, BytesMut};
use millrace_wire::records::metadata::{
    broker_registration_change_record::BrokerRegistrationChangeRecord, config_record::ConfigRecord,
    feature_level_record::FeatureLevelRecord, no_op_record::NoOpRecord,
    partition_change_record::PartitionChangeRecord, partition_record::PartitionRecord,
    producer_ids_record::ProducerIdsRecord, register_broker_record::RegisterBrokerRecord,
    remove_topic_record::RemoveTopicRecord, topic_record::TopicRecord,
    unregister_broker_record::UnregisterBrokerRecord,
};
use millrace_wire::{DecodeError, EncodeError, Typed};
use thiserror::Error;

/// The version of the framing: type, version, body.
const FRAME_VERSION: u32 = 1;
/// Type and version are 16 bits wide, so no number of the frame is longer.
const MAX_VARINT_BYTES: usize = 3;

#[derive(Debug, Error)]
pub enum RecordError {
    #[error("metadata record ends within its frame")]
    Truncated,
    #[error("metadata record has frame version {version}")]
    UnknownFrame { version: u32 },
    #[error("metadata records of type {key} are not known")]
    UnknownType { key: u32 },
    #[error("metadata record of type {key} has version {version}")]
    UnknownVersion { key: u32, version: u32 },
    #[error("metadata record of type {key} cannot be read")]
    Body {
        key: u32,
        #[source]
        source: DecodeError,
    },
    #[error("metadata record cannot be written")]
    Encode(#[source] EncodeError),
}

macro_rules! metadata_records {
    ($($variant:ident($record:ident),)*) => {
        /// One change of the fleet's metadata.
        #[derive(Clone, Debug, PartialEq)]
        pub enum MetadataRecord {
            $($variant($record),)*
        }

        $(impl From<$record> for MetadataRecord {
            fn from(record: $record) -> Self {
                Self::$variant(record)
            }
        })*

        impl MetadataRecord {
            /// The record as the log keeps it, in the newest version of its type.
            ///
            /// # Errors
            /// When a string is too long to be written.
            pub fn encode(&self) -> Result<Bytes, RecordError> {
                match self {
                    $(Self::$variant(record) => frame(record),)*
                }
            }

            /// Reads one record that fills `bytes`.
            ///
            /// # Errors
            /// When the bytes are no record of a known type and version.
            pub fn decode(mut bytes: Bytes) -> Result<Self, RecordError> {
                let frame = take_varint(&mut bytes)?;
                if frame != FRAME_VERSION {
                    return Err(RecordError::UnknownFrame { version: frame });
                }
                let key = take_varint(&mut bytes)?;
                let version = take_varint(&mut bytes)?;
                match i16::try_from(key) {
                    $(Ok($record::TYPE) => body(key, version, bytes).map(Self::$variant),)*
                    _ => Err(RecordError::UnknownType { key }),
                }
            }
        }
    };
}

metadata_records! {
    RegisterBroker(RegisterBrokerRecord),
    UnregisterBroker(UnregisterBrokerRecord),
    Topic(TopicRecord),
    Partition(PartitionRecord),
    Config(ConfigRecord),
    PartitionChange(PartitionChangeRecord),
    RemoveTopic(RemoveTopicRecord),
    FeatureLevel(FeatureLevelRecord),
    ProducerIds(ProducerIdsRecord),
    BrokerRegistrationChange(BrokerRegistrationChangeRecord),
    NoOp(NoOpRecord),
}

fn frame<R: Typed>(record: &R) -> Result<Bytes, RecordError> {
    let version = R::VERSIONS.max;
    let body = record.to_bytes(version).map_err(RecordError::Encode)?;
    let mut framed = BytesMut::with_capacity(3 * MAX_VARINT_BYTES + body.len());
    put_varint(&mut framed, FRAME_VERSION);
    put_varint(&mut framed, u32::from(R::TYPE.cast_unsigned()));
    put_varint(&mut framed, u32::from(version.cast_unsigned()));
    framed.extend_from_slice(&body);
    Ok(framed.freeze())
}

fn body<R: Typed>(key: u32, version: u32, bytes: Bytes) -> Result<R, RecordError> {
    let known = i16::try_from(version)
        .ok()
        .filter(|&version| R::VERSIONS.contains(version));
    let known = known.ok_or(RecordError::UnknownVersion { key, version })?;
    R::from_bytes(bytes, known).map_err(|source| RecordError::Body { key, source })
}

fn put_varint(out: &mut BytesMut, mut value: u32) {
    while value >= 0x80 {
        out.extend_from_slice(&[(value & 0x7f) as u8 | 0x80]);
        value >>= 7;
    }
    out.extend_from_slice(&[value as u8]);
}

fn take_varint(bytes: &mut Bytes) -> Result<u32, RecordError> {
    let mut value = 0;
    for at in 0..MAX_VARINT_BYTES.min(bytes.len()) {
        let byte = bytes[at];
        value |= u32::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            drop(bytes.split_to(at + 1));
            return Ok(value);
        }
    }
    Err(RecordError::Truncated)
}
