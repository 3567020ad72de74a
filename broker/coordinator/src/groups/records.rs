//! The records of `__consumer_offsets`, as Kafka 4.2 writes and reads them.
//!
//! A key begins with the number of its type, a value with its version, two bytes each.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use millrace_types::{NO_TIMESTAMP, PartitionIndex};
use millrace_wire::records::group::group_metadata_key::GroupMetadataKey;
use millrace_wire::records::group::group_metadata_value::GroupMetadataValue;
use millrace_wire::records::group::legacy_offset_commit_key::LegacyOffsetCommitKey;
use millrace_wire::records::group::offset_commit_key::OffsetCommitKey;
use millrace_wire::records::group::offset_commit_value::OffsetCommitValue;
use millrace_wire::{DecodeError, EncodeError, Message, Typed};
use thiserror::Error;

use crate::result::KeyValue;

/// Keys have one version, whose number their type takes the place of.
const KEY_VERSION: i16 = 0;

const GROUP_METADATA_VALUE_VERSION: i16 = 3;
const OFFSET_COMMIT_VALUE_VERSION: i16 = 4;
/// The only version that can carry an expiry time.
const OFFSET_COMMIT_VALUE_WITH_EXPIRY_VERSION: i16 = 1;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OffsetKey {
    pub group_id: Arc<str>,
    pub topic: Arc<str>,
    pub partition: PartitionIndex,
}

/// One record; no value means that what the key names is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupRecord {
    Offset {
        key: OffsetKey,
        value: Option<OffsetCommitValue>,
    },
    ClassicGroup {
        group_id: Arc<str>,
        value: Option<GroupMetadataValue>,
    },
}

/// Why bytes in the offsets topic are no record.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RecordError {
    #[error("the {part} is shorter than its two-byte number")]
    Truncated { part: &'static str },
    #[error("the {part} is malformed")]
    Malformed {
        part: &'static str,
        #[source]
        source: DecodeError,
    },
}

impl GroupRecord {
    /// # Errors
    /// When a name is too long for the record's format.
    pub fn encode(&self) -> Result<KeyValue, EncodeError> {
        match self {
            Self::Offset { key, value } => Ok(KeyValue {
                key: key.encode()?,
                value: value.as_ref().map(encode_offset).transpose()?,
            }),
            Self::ClassicGroup { group_id, value } => {
                let key = GroupMetadataKey {
                    group: group_id.clone(),
                };
                let value = value.as_ref();
                let value = value.map(|value| numbered(GROUP_METADATA_VALUE_VERSION, value));
                Ok(KeyValue {
                    key: typed_key(&key)?,
                    value: value.transpose()?,
                })
            }
        }
    }

    /// Reads a record; a type that this version does not know is nothing.
    ///
    /// # Errors
    /// When the bytes are not what their type and version promise.
    pub fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, RecordError> {
        let (record_type, body) = split(key, "key")?;
        let record = match record_type {
            LegacyOffsetCommitKey::TYPE | OffsetCommitKey::TYPE => {
                let key: OffsetCommitKey = read(body, KEY_VERSION, "key")?;
                Self::Offset {
                    key: OffsetKey {
                        group_id: key.group,
                        topic: key.topic,
                        partition: key.partition,
                    },
                    value: value.map(versioned).transpose()?,
                }
            }
            GroupMetadataKey::TYPE => {
                let key: GroupMetadataKey = read(body, KEY_VERSION, "key")?;
                Self::ClassicGroup {
                    group_id: key.group,
                    value: value.map(versioned).transpose()?,
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(record))
    }
}

impl OffsetKey {
    fn encode(&self) -> Result<Bytes, EncodeError> {
        typed_key(&OffsetCommitKey {
            group: self.group_id.clone(),
            topic: self.topic.clone(),
            partition: self.partition,
        })
    }

    pub(crate) fn tombstone(self) -> GroupRecord {
        GroupRecord::Offset {
            key: self,
            value: None,
        }
    }
}

fn encode_offset(value: &OffsetCommitValue) -> Result<Bytes, EncodeError> {
    if value.expire_timestamp == NO_TIMESTAMP {
        return numbered(OFFSET_COMMIT_VALUE_VERSION, value);
    }
    numbered(OFFSET_COMMIT_VALUE_WITH_EXPIRY_VERSION, value)
}

fn typed_key<K: Typed>(key: &K) -> Result<Bytes, EncodeError> {
    Ok(prefixed(K::TYPE, &key.to_bytes(KEY_VERSION)?))
}

fn numbered<V: Message>(version: i16, value: &V) -> Result<Bytes, EncodeError> {
    Ok(prefixed(version, &value.to_bytes(version)?))
}

fn prefixed(number: i16, body: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(size_of::<i16>() + body.len());
    bytes.put_i16(number);
    bytes.extend_from_slice(body);
    bytes.freeze()
}

fn split(bytes: &Bytes, part: &'static str) -> Result<(i16, Bytes), RecordError> {
    let number = bytes
        .first_chunk::<2>()
        .ok_or(RecordError::Truncated { part })?;
    Ok((i16::from_be_bytes(*number), bytes.slice(2..)))
}

fn versioned<V: Message>(value: &Bytes) -> Result<V, RecordError> {
    let (version, body) = split(value, "value")?;
    read(body, version, "value")
}

fn read<M: Message>(body: Bytes, version: i16, part: &'static str) -> Result<M, RecordError> {
    M::from_bytes(body, version).map_err(|source| RecordError::Malformed { part, source })
}

#[cfg(test)]
mod tests;
