//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterRequest {
    pub include_cluster_authorized_operations: bool,
    /// Versions 1+.
    pub endpoint_type: i8,
    /// Versions 2+.
    pub include_fenced_brokers: bool,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self {
            include_cluster_authorized_operations: false,
            endpoint_type: 1,
            include_fenced_brokers: false,
        }
    }
}

impl Fields for DescribeClusterRequest {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            include_cluster_authorized_operations: d.bool()?,
            endpoint_type: if version >= 1 { d.int8()? } else { 1 },
            include_fenced_brokers: if version >= 2 { d.bool()? } else { false },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.bool(self.include_cluster_authorized_operations);
        if version >= 1 {
            e.int8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            e.cannot_carry("endpoint_type");
        }
        if version >= 2 {
            e.bool(self.include_fenced_brokers);
        } else if self.include_fenced_brokers {
            e.cannot_carry("include_fenced_brokers");
        }
        e.no_tags();
    }
}

impl Message for DescribeClusterRequest {
    const NAME: &'static str = "DescribeClusterRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for DescribeClusterRequest {
    const KEY: ApiKey = ApiKey::DescribeCluster;
    type Response = crate::messages::describe_cluster_response::DescribeClusterResponse;
}
