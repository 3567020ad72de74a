//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupRegularExpressionValue {
    pub topics: Vec<Arc<str>>,
    pub version: i64,
    pub timestamp: i64,
}

impl Fields for ConsumerGroupRegularExpressionValue {
    const MIN_SIZE: usize = 18;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topics: d.array(version)?,
            version: d.int64()?,
            timestamp: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.topics, version);
        e.int64(self.version);
        e.int64(self.timestamp);
        e.no_tags();
    }
}

impl Message for ConsumerGroupRegularExpressionValue {
    const NAME: &'static str = "ConsumerGroupRegularExpressionValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ConsumerGroupRegularExpressionValue {
    const TYPE: i16 = 16;
}
