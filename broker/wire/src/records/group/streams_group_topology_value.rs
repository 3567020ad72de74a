//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupTopologyValue {
    pub epoch: i32,
    pub subtopologies: Vec<Subtopology>,
}

impl Fields for StreamsGroupTopologyValue {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            epoch: d.int32()?,
            subtopologies: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.epoch);
        e.array(&self.subtopologies, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    pub subtopology_id: Arc<str>,
    pub source_topics: Vec<Arc<str>>,
    pub source_topic_regex: Vec<Arc<str>>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_sink_topics: Vec<Arc<str>>,
    pub repartition_source_topics: Vec<TopicInfo>,
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Fields for Subtopology {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            subtopology_id: d.string()?,
            source_topics: d.array(version)?,
            source_topic_regex: d.array(version)?,
            state_changelog_topics: d.array(version)?,
            repartition_sink_topics: d.array(version)?,
            repartition_source_topics: d.array(version)?,
            copartition_groups: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.subtopology_id);
        e.array(&self.source_topics, version);
        e.array(&self.source_topic_regex, version);
        e.array(&self.state_changelog_topics, version);
        e.array(&self.repartition_sink_topics, version);
        e.array(&self.repartition_source_topics, version);
        e.array(&self.copartition_groups, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CopartitionGroup {
    pub source_topics: Vec<i16>,
    pub source_topic_regex: Vec<i16>,
    pub repartition_source_topics: Vec<i16>,
}

impl Fields for CopartitionGroup {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            source_topics: d.array(version)?,
            source_topic_regex: d.array(version)?,
            repartition_source_topics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.source_topics, version);
        e.array(&self.source_topic_regex, version);
        e.array(&self.repartition_source_topics, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicConfig {
    pub key: Arc<str>,
    pub value: Arc<str>,
}

impl Fields for TopicConfig {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            key: d.string()?,
            value: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.key);
        e.string(&self.value);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicInfo {
    pub name: Arc<str>,
    pub partitions: i32,
    pub replication_factor: i16,
    pub topic_configs: Vec<TopicConfig>,
}

impl Fields for TopicInfo {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            partitions: d.int32()?,
            replication_factor: d.int16()?,
            topic_configs: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        e.int32(self.partitions);
        e.int16(self.replication_factor);
        e.array(&self.topic_configs, version);
        e.no_tags();
    }
}

impl Message for StreamsGroupTopologyValue {
    const NAME: &'static str = "StreamsGroupTopologyValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for StreamsGroupTopologyValue {
    const TYPE: i16 = 23;
}
