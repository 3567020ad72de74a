//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequest {
    /// Versions 1-7.
    pub group_id: Arc<str>,
    /// Versions 1-7.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// Versions 8+.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// Versions 7+.
    pub require_stable: bool,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self {
            group_id: Arc::default(),
            topics: Some(Vec::new()),
            groups: Vec::new(),
            require_stable: false,
        }
    }
}

impl Fields for OffsetFetchRequest {
    const MIN_SIZE: usize = 0;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: if version <= 7 {
                d.string()?
            } else {
                Arc::default()
            },
            topics: if version <= 7 {
                if version >= 2 {
                    d.nullable_array(version)?
                } else {
                    Some(d.array(version)?)
                }
            } else {
                Some(Vec::new())
            },
            groups: if version >= 8 {
                d.array(version)?
            } else {
                Vec::new()
            },
            require_stable: if version >= 7 { d.bool()? } else { false },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version <= 7 {
            e.string(&self.group_id);
        } else if !self.group_id.is_empty() {
            e.cannot_carry("group_id");
        }
        if version <= 7 {
            if version >= 2 {
                e.nullable_array(self.topics.as_deref(), version);
            } else if let Some(it) = &self.topics {
                e.array(it, version);
            } else {
                e.cannot_be_null("topics");
            }
        } else if self.topics.as_ref().is_none_or(|it| !it.is_empty()) {
            e.cannot_carry("topics");
        }
        if version >= 8 {
            e.array(&self.groups, version);
        } else if !self.groups.is_empty() {
            e.cannot_carry("groups");
        }
        if version >= 7 {
            e.bool(self.require_stable);
        } else if self.require_stable {
            e.cannot_carry("require_stable");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopic {
    pub name: Arc<str>,
    pub partition_indexes: Vec<i32>,
}

impl Fields for OffsetFetchRequestTopic {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            partition_indexes: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        e.array(&self.partition_indexes, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestGroup {
    pub group_id: Arc<str>,
    /// Versions 9+.
    pub member_id: Option<Arc<str>>,
    /// Versions 9+.
    pub member_epoch: i32,
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self {
            group_id: Arc::default(),
            member_id: None,
            member_epoch: -1,
            topics: Some(Vec::new()),
        }
    }
}

impl Fields for OffsetFetchRequestGroup {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            member_id: if version >= 9 {
                d.nullable_string()?
            } else {
                None
            },
            member_epoch: if version >= 9 { d.int32()? } else { -1 },
            topics: d.nullable_array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        if version >= 9 {
            e.nullable_string(self.member_id.as_deref());
        }
        if version >= 9 {
            e.int32(self.member_epoch);
        }
        e.nullable_array(self.topics.as_deref(), version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopics {
    /// Versions 8-9.
    pub name: Arc<str>,
    /// Versions 10+.
    pub topic_id: Uuid,
    pub partition_indexes: Vec<i32>,
}

impl Fields for OffsetFetchRequestTopics {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: if version <= 9 {
                d.string()?
            } else {
                Arc::default()
            },
            topic_id: if version >= 10 { d.uuid()? } else { Uuid::ZERO },
            partition_indexes: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version <= 9 {
            e.string(&self.name);
        }
        if version >= 10 {
            e.uuid(self.topic_id);
        }
        e.array(&self.partition_indexes, version);
        e.no_tags();
    }
}

impl Message for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetchRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 10);
    const FLEXIBLE_FROM: Option<i16> = Some(6);
}

impl Request for OffsetFetchRequest {
    const KEY: ApiKey = ApiKey::OffsetFetch;
    type Response = crate::messages::offset_fetch_response::OffsetFetchResponse;
}
