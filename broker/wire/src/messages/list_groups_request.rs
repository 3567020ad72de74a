//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsRequest {
    /// Versions 4+.
    pub states_filter: Vec<Arc<str>>,
    /// Versions 5+.
    pub types_filter: Vec<Arc<str>>,
}

impl Fields for ListGroupsRequest {
    const MIN_SIZE: usize = 0;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            states_filter: if version >= 4 {
                d.array(version)?
            } else {
                Vec::new()
            },
            types_filter: if version >= 5 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 4 {
            e.array(&self.states_filter, version);
        } else if !self.states_filter.is_empty() {
            e.cannot_carry("states_filter");
        }
        if version >= 5 {
            e.array(&self.types_filter, version);
        } else if !self.types_filter.is_empty() {
            e.cannot_carry("types_filter");
        }
        e.no_tags();
    }
}

impl Message for ListGroupsRequest {
    const NAME: &'static str = "ListGroupsRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}

impl Request for ListGroupsRequest {
    const KEY: ApiKey = ApiKey::ListGroups;
    type Response = crate::messages::list_groups_response::ListGroupsResponse;
}
