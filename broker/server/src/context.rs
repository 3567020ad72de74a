//! Everything that handlers work with. Made once at boot; shared by every connection.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use millrace_config::{BrokerConfig, RawConfig};
use millrace_log::disk::Disk;
use millrace_metadata::MetadataImage;
use millrace_quorum::MetadataQuorum;
use millrace_replication::{Partition, Topic, Topics};
use millrace_types::{Clock, ErrorCode, NodeId, PartitionIndex};

use crate::fetch_session::FetchSessions;
use crate::groups::Groups;
use crate::metadata::Controller;
use crate::metrics::catalog;
use crate::metrics::families::Families;
use crate::metrics::replicas::Survey;
use crate::metrics::{self, Metrics};
use crate::producer_ids::ProducerIds;

pub struct Context {
    pub node: NodeId,
    pub clock: Arc<dyn Clock>,
    /// What this broker was told at its start.
    pub statics: Arc<RawConfig>,
    pub config: ArcSwap<BrokerConfig>,
    pub image: ArcSwap<MetadataImage>,
    pub disk: Arc<dyn Disk>,
    pub log_dirs: Vec<PathBuf>,
    pub topics: Arc<Topics>,
    pub controller: Controller,
    pub groups: Arc<Groups>,
    pub quorum: MetadataQuorum,
    pub sessions: FetchSessions,
    pub metrics: Metrics,
    pub producer_ids: ProducerIds,
}

impl Context {
    /// What the fleet looks like now.
    pub fn image(&self) -> Arc<MetadataImage> {
        self.image.load_full()
    }

    /// The partition, or why there is none here.
    pub(crate) fn partition(
        &self,
        topic: &str,
        index: PartitionIndex,
    ) -> Result<Arc<Partition>, ErrorCode> {
        let topic = self.topics.get(topic);
        let topic = topic.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        self.partition_of(&topic, index)
    }

    /// As [`Self::partition`], of a topic that was found already.
    pub(crate) fn partition_of(
        &self,
        topic: &Topic,
        index: PartitionIndex,
    ) -> Result<Arc<Partition>, ErrorCode> {
        topic.partition(index).ok_or_else(|| {
            let image = self.image();
            match image.topics.partition(&topic.shared.name, index) {
                None => ErrorCode::UnknownTopicOrPartition,
                // It belongs here, but its log could not be opened or made.
                Some(known) if known.replicas.contains(&self.node) => ErrorCode::KafkaStorageError,
                Some(_) => ErrorCode::NotLeaderOrFollower,
            }
        })
    }

    /// `fetch.max.bytes`
    pub fn fetch_bytes_max(&self) -> usize {
        self.config.load().fetch.max_bytes
    }

    /// Every metric, as Prometheus reads it. Blocks: never called by those who serve clients.
    pub fn scrape(&self) -> String {
        let mut families = Families::default();
        let image = self.image();
        let quorum = self.quorum.status();
        self.metrics.scrape(self.clock.elapsed(), &mut families);
        Survey::take(self.node, &image, &self.topics).scrape(&mut families);
        metrics::traffic::scrape(&self.metrics.all_topics, self.topics.all(), &mut families);
        metrics::fleet::controller(&image, quorum.leadership.is_self, &mut families);
        metrics::fleet::members(&image, &mut families);
        metrics::fleet::raft(self.node, &quorum, &mut families);
        let shards = self.metrics.runtime().block_on(self.groups.summarize());
        metrics::groups::scrape(&shards, &self.topics, &mut families);
        families.value(&catalog::FETCH_SESSIONS, self.sessions.count() as f64);
        families.value(
            &catalog::FETCH_SESSION_EVICTIONS,
            self.sessions.evictions() as f64,
        );
        families.into_text()
    }
}
