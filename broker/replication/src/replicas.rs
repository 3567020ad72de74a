//! The partitions whose logs are on this broker: opened at the start, made, changed and deleted as
//! the metadata says, closed at the end. May block on the disk; never called by those who serve
//! clients.

mod cleaner;
mod housekeeping;
mod log_config;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use millrace_config::TopicConfig;
use millrace_log::{DataDir, Log, LogError, OpenedLog};
use millrace_metadata::delta::Change;
use millrace_metadata::image::configs::ResourceKind;
use millrace_metadata::image::partition::Partition as PartitionImage;
use millrace_metadata::image::topics::Topic as TopicImage;
use millrace_metadata::{MetadataDelta, MetadataImage};
use millrace_types::{
    Clock, ErrorCode, NO_OFFSET, NodeId, Offset, Timestamp, TopicPartition, Uuid,
};
use parking_lot::Mutex;

use crate::flusher::Flusher;
use crate::leadership::Assignment;
use crate::meter::TopicMeter;
use crate::partition::{Partition, TopicShared};
use crate::topics::{Topic, Topics};

/// Finds the settings of a topic in an image.
pub type TopicConfigs = dyn Fn(&MetadataImage, &str) -> TopicConfig + Send + Sync;

/// What a broker's replicas are made of.
pub struct ReplicasOptions {
    pub me: NodeId,
    pub dirs: Vec<DataDir>,
    pub clock: Arc<dyn Clock>,
    pub topic_configs: Box<TopicConfigs>,
    /// `num.recovery.threads.per.data.dir`
    pub recovery_threads: usize,
    /// `producer.id.expiration.ms`
    pub producer_id_expiration_ms: i64,
}

pub struct Replicas {
    options: ReplicasOptions,
    topics: Arc<Topics>,
    flusher: Arc<Flusher>,
    /// Logs that were found at the start and that the metadata has not claimed yet.
    unclaimed: Mutex<HashMap<TopicPartition, (usize, OpenedLog)>>,
    doomed: Mutex<Vec<housekeeping::Doomed>>,
    failed_logs: Mutex<Vec<TopicPartition>>,
    cleaner: cleaner::Cleaner,
}

impl Replicas {
    #[must_use]
    pub fn new(options: ReplicasOptions, topics: Arc<Topics>, flusher: Arc<Flusher>) -> Self {
        Self {
            options,
            topics,
            flusher,
            unclaimed: Mutex::default(),
            doomed: Mutex::default(),
            failed_logs: Mutex::default(),
            cleaner: cleaner::Cleaner::default(),
        }
    }

    /// Opens every log there is, then serves what `image` assigns to this broker. What it does not
    /// assign was deleted while this broker was away, and is deleted here too.
    ///
    /// # Errors
    /// When a data directory cannot be listed.
    pub fn start(&self, image: &MetadataImage) -> Result<(), LogError> {
        let now = self.options.clock.now();
        for (number, dir) in self.options.dirs.iter().enumerate() {
            self.cleaner.remember(dir.cleaner_offsets()?);
            for path in dir.deleted_dirs()? {
                self.doom(number, path, now);
            }
            let config_of = |partition: &TopicPartition| {
                let config = (self.options.topic_configs)(image, &partition.topic);
                Arc::new(self.log_config(&config))
            };
            for (partition, opened) in
                dir.open_logs(self.options.recovery_threads, &config_of, now)?
            {
                self.found(number, partition, opened);
            }
        }
        let empty = MetadataImage::empty(Arc::clone(&image.cluster_id));
        self.apply(&MetadataDelta::between(&empty, image), image);
        self.delete_unclaimed(now);
        Ok(())
    }

    fn found(&self, dir: usize, partition: TopicPartition, opened: Result<OpenedLog, LogError>) {
        match opened {
            Ok(opened) => {
                if opened.recovery.cut.is_some() || !opened.recovery.dropped_segments.is_empty() {
                    tracing::warn!(%partition, recovery = ?opened.recovery, "a log was cut");
                }
                self.unclaimed.lock().insert(partition, (dir, opened));
            }
            Err(error) => {
                tracing::error!(
                    %partition,
                    error = &error as &dyn std::error::Error,
                    "a log could not be opened; its partition stays offline"
                );
                self.failed_logs.lock().push(partition);
            }
        }
    }

    fn delete_unclaimed(&self, now: Timestamp) {
        for (partition, (dir, opened)) in std::mem::take(&mut *self.unclaimed.lock()) {
            tracing::info!(%partition, "deleting a log that the metadata does not know");
            self.delete_log(dir, &partition, &opened.log, now);
        }
    }

    /// Acts on what changed.
    pub fn apply(&self, delta: &MetadataDelta, image: &MetadataImage) {
        for change in delta.topics.values() {
            match change {
                Change::Removed(topic) => self.remove_topic(topic),
                Change::Added(topic) | Change::Changed { after: topic, .. } => {
                    self.update_topic(topic, image);
                }
            }
        }
        let broker_defaults = delta
            .configs
            .iter()
            .any(|resource| resource.kind == ResourceKind::Broker);
        for topic in self.topics.all() {
            let name = &topic.shared.name;
            let is_own = |resource: &millrace_metadata::image::configs::ConfigResource| {
                resource.kind == ResourceKind::Topic && resource.name == *name
            };
            if broker_defaults || delta.configs.iter().any(is_own) {
                self.reconfigure(&topic, image);
            }
            if delta.configs.is_empty() {
                break;
            }
        }
    }

    fn update_topic(&self, described: &TopicImage, image: &MetadataImage) {
        let topic = self.topics.get_by_id(described.id).unwrap_or_else(|| {
            let config = (self.options.topic_configs)(image, &described.name);
            let topic = Topic::new(Arc::new(TopicShared {
                name: Arc::clone(&described.name),
                id: described.id,
                config: ArcSwap::from_pointee(config),
                meter: TopicMeter::default(),
            }));
            self.topics.insert(Arc::clone(&topic));
            topic
        });
        let mut added = Vec::new();
        for (index, partition) in described.indexed() {
            if !partition.replicas.contains(&self.options.me) {
                continue;
            }
            if let Some(known) = topic.partition(index) {
                known.assign(assignment(partition));
            } else if let Some(new) = self.make_partition(&topic.shared, index, partition) {
                added.push(new);
            }
        }
        if !added.is_empty() {
            topic.put(added);
        }
    }

    fn make_partition(
        &self,
        topic: &Arc<TopicShared>,
        index: i32,
        described: &PartitionImage,
    ) -> Option<Arc<Partition>> {
        let id = TopicPartition::new(Arc::clone(&topic.name), index);
        if self.failed_logs.lock().contains(&id) {
            return None;
        }
        let (log, known) = match self.claim(&id, topic.id) {
            Some(claimed) => claimed,
            None => (self.create_log(&id, topic, described)?, 0),
        };
        let flusher = Arc::clone(&self.flusher);
        let me = self.options.me;
        let partition = Partition::new(me, Arc::clone(topic), index, log, known, flusher);
        partition.assign(assignment(described));
        Some(partition)
    }

    /// The log that was found at the start, unless it belongs to an earlier topic of that name.
    fn claim(&self, id: &TopicPartition, topic_id: Uuid) -> Option<(Log, Offset)> {
        let (dir, opened) = self.unclaimed.lock().remove(id)?;
        if opened.topic_id.is_some_and(|found| found != topic_id) {
            self.delete_log(dir, id, &opened.log, self.options.clock.now());
            return None;
        }
        self.cleaner.cap(id, opened.log.view().end_offset());
        Some((opened.log, opened.high_watermark.unwrap_or(NO_OFFSET)))
    }

    fn create_log(
        &self,
        id: &TopicPartition,
        topic: &TopicShared,
        described: &PartitionImage,
    ) -> Option<Log> {
        let dir = self.dir_for(described);
        let config = Arc::new(self.log_config(&topic.config.load()));
        let created = dir.create_log(id, topic.id, config, self.options.clock.now());
        created
            .inspect_err(|error| {
                tracing::error!(
                    partition = %id,
                    error = error as &dyn std::error::Error,
                    "a log could not be made; its partition stays offline"
                );
            })
            .ok()
    }

    /// The directory that the metadata names, else the first.
    fn dir_for(&self, described: &PartitionImage) -> &DataDir {
        let own = described
            .replicas
            .iter()
            .position(|&node| node == self.options.me);
        let id = own.and_then(|at| described.directories.get(at).copied());
        let dirs = &self.options.dirs;
        let named = dirs
            .iter()
            .find(|dir| Some(dir.properties().directory_id) == id);
        named
            .or_else(|| dirs.first())
            .expect("a broker has a data directory")
    }

    fn remove_topic(&self, described: &TopicImage) {
        let Some(topic) = self.topics.remove(described.id) else {
            return;
        };
        let now = self.options.clock.now();
        for partition in topic.partitions() {
            partition.resign(ErrorCode::UnknownTopicOrPartition);
            let Some(log) = partition.take_log_blocking() else {
                continue;
            };
            let parent = partition.view().dir().path();
            let dir = self
                .options
                .dirs
                .iter()
                .position(|dir| parent.starts_with(dir.path()));
            self.delete_log(dir.unwrap_or(0), partition.id(), &log, now);
        }
    }

    fn delete_log(&self, dir: usize, partition: &TopicPartition, log: &Log, now: Timestamp) {
        let deletion = self.options.dirs[dir].begin_deletion(partition, log.view(), Uuid::random());
        self.cleaner.forget(partition);
        match deletion {
            Ok(path) => self.doom(dir, path, now + log.config().file_delete_delay_ms),
            Err(error) => tracing::error!(
                %partition,
                error = &error as &dyn std::error::Error,
                "a log could not be deleted"
            ),
        }
    }

    fn reconfigure(&self, topic: &Topic, image: &MetadataImage) {
        let config = (self.options.topic_configs)(image, &topic.shared.name);
        let log_config = Arc::new(self.log_config(&config));
        topic.shared.config.store(Arc::new(config));
        for partition in topic.partitions() {
            let log_config = Arc::clone(&log_config);
            partition.exclusive(move |log| {
                if let Some(log) = log {
                    log.set_config(log_config);
                }
            });
        }
    }

    fn log_config(&self, config: &TopicConfig) -> millrace_log::LogConfig {
        log_config::log_config(config, self.options.producer_id_expiration_ms)
    }
}

fn assignment(partition: &PartitionImage) -> Assignment {
    Assignment {
        leader: partition.leader.unwrap_or(NodeId::NONE),
        leader_epoch: partition.leader_epoch,
        partition_epoch: partition.partition_epoch,
        replicas: partition.replicas.to_vec(),
        isr: partition.isr.to_vec(),
    }
}
