//! The partitions whose logs are on this broker: opened at the start, made, changed and deleted as
//! the metadata says, closed at the end. May block on the disk; never called by those who serve
//! clients.

mod cleaner;
mod housekeeping;
mod log_config;
mod topic_settings;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use millrace_config::TopicConfig;
use millrace_log::{DataDir, Log, LogError, NewLog, OpenedLog};
use millrace_metadata::delta::Change;
use millrace_metadata::image::configs::{ConfigResource, ResourceKind};
use millrace_metadata::image::partition::Partition as PartitionImage;
use millrace_metadata::image::topics::Topic as TopicImage;
use millrace_metadata::{MetadataDelta, MetadataImage};
use millrace_types::{Clock, ErrorCode, NO_OFFSET, NodeId, Offset, TopicPartition, Uuid};
use parking_lot::Mutex;

use crate::flusher::Flusher;
use crate::leadership::Assignment;
use crate::meter::TopicMeter;
use crate::partition::{Partition, TopicShared};
use crate::topics::{Topic, Topics};

pub use topic_settings::TopicConfigs;
use topic_settings::TopicSettings;

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
    failed_logs: Mutex<HashSet<TopicPartition>>,
    cleaner: cleaner::Cleaner,
}

/// A partition that should be here.
struct Missing {
    topic: Arc<Topic>,
    described: Arc<PartitionImage>,
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
        let now = self.options.clock.moment();
        let settings = self.settings(image);
        for (number, dir) in self.options.dirs.iter().enumerate() {
            self.cleaner.remember(dir.cleaner_offsets()?);
            for path in dir.deleted_dirs()? {
                self.doom(number, path, now.steady);
            }
            let config_of = |partition: &TopicPartition| {
                Arc::new(self.log_config(&settings.of(&partition.topic)))
            };
            for (partition, opened) in
                dir.open_logs(self.options.recovery_threads, &config_of, now.wall)?
            {
                self.found(number, partition, opened);
            }
        }
        let empty = MetadataImage::empty(Arc::clone(&image.cluster_id));
        self.tell_of_losses(image);
        self.apply(&MetadataDelta::between(&empty, image), image);
        self.delete_unclaimed();
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
                self.failed_logs.lock().insert(partition);
            }
        }
    }

    fn delete_unclaimed(&self) {
        let unclaimed = std::mem::take(&mut *self.unclaimed.lock());
        let logs = unclaimed.into_iter().map(|(partition, (dir, opened))| {
            tracing::info!(%partition, "deleting a log that the metadata does not know");
            (dir, partition, opened.log)
        });
        self.delete_logs(logs.collect());
    }

    /// Says which logs are gone although they were there: an empty one takes the place of each.
    fn tell_of_losses(&self, image: &MetadataImage) {
        let (unclaimed, failed) = (self.unclaimed.lock(), self.failed_logs.lock());
        for (partition, &flushed) in self.options.dirs.iter().flat_map(DataDir::recovery_points) {
            let assigned = image
                .topics
                .partition(&partition.topic, partition.partition);
            let is_here = unclaimed.contains_key(partition) || failed.contains(partition);
            if flushed > 0 && !is_here && assigned.is_some() {
                tracing::error!(
                    %partition,
                    flushed,
                    "a log is missing that was durable up to this offset; its partition starts empty"
                );
            }
        }
    }

    /// Acts on what changed. Calls follow each other, those of [`Self::retry`] among them.
    pub fn apply(&self, delta: &MetadataDelta, image: &MetadataImage) {
        let removed = delta.topics.values().filter_map(|change| match change {
            Change::Removed(topic) => self.topics.remove(topic.id),
            Change::Added(_) | Change::Changed { .. } => None,
        });
        self.delete_topics(removed.collect());
        let present = delta.topics.values().filter_map(Change::after);
        self.update_topics(present, image);
        self.reconfigure(delta, image);
    }

    /// Tries again to make the logs that could not be made, if it is time. Says whether there are new
    /// ones.
    pub fn retry(&self, image: &MetadataImage) -> bool {
        let now = self.options.clock.moment();
        let due = self.topics.unmade.lock().due(now.steady);
        let topics = due.iter().filter_map(|id| image.topics.get_by_id(*id));
        self.update_topics(topics, image) > 0
    }

    /// Makes the partitions of the topics that are missing here, and tells the others who leads.
    /// Returns how many it made.
    fn update_topics<'a>(
        &self,
        topics: impl Iterator<Item = &'a Arc<TopicImage>>,
        image: &MetadataImage,
    ) -> usize {
        let settings = self.settings(image);
        let mut missing = HashMap::new();
        for described in topics {
            let topic = self.topic(described, &settings);
            for (index, partition) in described.indexed() {
                if !partition.replicas.contains(&self.options.me) {
                    continue;
                }
                if let Some(known) = topic.partition(index) {
                    known.assign(assignment(partition));
                } else {
                    let id = TopicPartition::new(Arc::clone(&described.name), index);
                    let described = Arc::clone(partition);
                    let topic = Arc::clone(&topic);
                    missing.insert(id, Missing { topic, described });
                }
            }
        }
        self.make_partitions(&missing)
    }

    fn topic(&self, described: &TopicImage, settings: &TopicSettings<'_>) -> Arc<Topic> {
        self.topics.get_by_id(described.id).unwrap_or_else(|| {
            let topic = Topic::new(Arc::new(TopicShared {
                name: Arc::clone(&described.name),
                id: described.id,
                config: ArcSwap::new(settings.of(&described.name)),
                meter: TopicMeter::default(),
            }));
            self.topics.insert(Arc::clone(&topic));
            topic
        })
    }

    fn make_partitions(&self, missing: &HashMap<TopicPartition, Missing>) -> usize {
        let mut opened = Vec::new();
        let mut wanted: Vec<Vec<NewLog>> = self.options.dirs.iter().map(|_| Vec::new()).collect();
        for (id, partition) in missing {
            if self.failed_logs.lock().contains(id) {
                continue;
            }
            let topic = &partition.topic.shared;
            match self.claim(id, topic.id) {
                Some((log, known)) => opened.push((id.clone(), log, known)),
                None => wanted[self.dir_for(&partition.described)].push(NewLog {
                    partition: id.clone(),
                    topic_id: topic.id,
                    config: Arc::new(self.log_config(&topic.config.load())),
                }),
            }
        }
        for (dir, wanted) in self.options.dirs.iter().zip(wanted) {
            let created = self.create_logs(dir, wanted, missing);
            opened.extend(created.into_iter().map(|(id, log)| (id, log, NO_OFFSET)));
        }
        let count = opened.len();
        let mut by_topic: HashMap<Uuid, Vec<Arc<Partition>>> = HashMap::new();
        for (id, log, known) in opened {
            let Missing { topic, described } = &missing[&id];
            let (me, flusher) = (self.options.me, Arc::clone(&self.flusher));
            let shared = Arc::clone(&topic.shared);
            let partition = Partition::new(me, shared, id.partition, log, known, flusher);
            partition.assign(assignment(described));
            by_topic.entry(topic.shared.id).or_default().push(partition);
        }
        for (id, partitions) in by_topic {
            if let Some(topic) = self.topics.get_by_id(id) {
                topic.put(partitions);
            }
        }
        count
    }

    /// The log that was found at the start, unless it belongs to an earlier topic of that name.
    fn claim(&self, id: &TopicPartition, topic_id: Uuid) -> Option<(Log, Offset)> {
        let (dir, opened) = self.unclaimed.lock().remove(id)?;
        if opened.topic_id.is_some_and(|found| found != topic_id) {
            self.delete_logs(vec![(dir, id.clone(), opened.log)]);
            return None;
        }
        self.cleaner.cap(id, opened.log.view().end_offset());
        Some((opened.log, opened.high_watermark.unwrap_or(NO_OFFSET)))
    }

    /// Makes logs; what cannot be made is tried again later, see [`Self::retry`].
    fn create_logs(
        &self,
        dir: &DataDir,
        wanted: Vec<NewLog>,
        missing: &HashMap<TopicPartition, Missing>,
    ) -> Vec<(TopicPartition, Log)> {
        let now = self.options.clock.moment();
        let created = dir.create_logs(wanted, self.options.recovery_threads, now.wall);
        let mut unmade = self.topics.unmade.lock();
        let mut logs = Vec::with_capacity(created.len());
        let (mut recovered, mut refused, mut example) = (0, 0, None);
        for (id, created) in created {
            match created {
                Ok(log) => {
                    recovered += usize::from(unmade.made(&id));
                    logs.push((id, log));
                }
                Err(error) => {
                    let topic_id = missing[&id].topic.shared.id;
                    if unmade.failed(&id, topic_id, dir.path(), now.steady) {
                        refused += 1;
                        example.get_or_insert((id, error));
                    }
                }
            }
        }
        if let Some((partition, error)) = example {
            tracing::error!(
                %partition,
                error = &error as &dyn std::error::Error,
                "{refused} logs could not be made, this one among them; their partitions are offline \
                 until they can be"
            );
        }
        if recovered > 0 {
            tracing::info!("{recovered} logs have been made that could not be made before");
        }
        logs
    }

    /// The number of the directory that the metadata names, else of the first.
    fn dir_for(&self, described: &PartitionImage) -> usize {
        let mut replicas = described.replicas.iter();
        let own = replicas.position(|&node| node == self.options.me);
        let id = own.and_then(|at| described.directories.get(at).copied());
        let mut dirs = self.options.dirs.iter();
        let named = dirs.position(|dir| Some(dir.properties().directory_id) == id);
        named.unwrap_or(0)
    }

    fn delete_topics(&self, topics: Vec<Arc<Topic>>) {
        let mut logs = Vec::new();
        for topic in topics {
            self.topics.unmade.lock().forget(topic.shared.id);
            // Should one come that has the same name, what is there is put aside.
            let is_other = |failed: &TopicPartition| failed.topic != topic.shared.name;
            self.failed_logs.lock().retain(is_other);
            for partition in topic.take_partitions() {
                partition.resign(ErrorCode::UnknownTopicOrPartition);
                let Some(log) = partition.take_log_blocking() else {
                    continue;
                };
                let path = partition.view().dir().path();
                let mut dirs = self.options.dirs.iter();
                let dir = dirs.position(|dir| path.starts_with(dir.path()));
                logs.push((dir.unwrap_or(0), partition.id().clone(), log));
            }
        }
        self.delete_logs(logs);
    }

    /// Puts logs aside, to be removed when nobody reads them any more.
    fn delete_logs(&self, logs: Vec<(usize, TopicPartition, Log)>) {
        let now = self.options.clock.moment().steady;
        let mut touched = BTreeSet::new();
        for (dir, partition, log) in logs {
            touched.insert(dir);
            let deletion =
                self.options.dirs[dir].begin_deletion(&partition, log.view(), Uuid::random());
            self.cleaner.forget(&partition);
            match deletion {
                Ok(path) => self.doom(dir, path, now + log.config().file_delete_delay_ms),
                Err(error) => tracing::error!(
                    %partition,
                    error = &error as &dyn std::error::Error,
                    "a log could not be deleted"
                ),
            }
        }
        for dir in touched {
            if let Err(error) = self.options.dirs[dir].sync_names() {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "deleted logs may come back after a power loss, until the next start"
                );
            }
        }
    }

    /// Gives topics the settings that changed, for them or for all.
    fn reconfigure(&self, delta: &MetadataDelta, image: &MetadataImage) {
        let settings = self.settings(image);
        let of_brokers = |resource: &ConfigResource| resource.kind == ResourceKind::Broker;
        if delta.configs.iter().any(of_brokers) {
            for topic in self.topics.all() {
                self.reconfigure_topic(&topic, &settings);
            }
            return;
        }
        for resource in &delta.configs {
            if resource.kind == ResourceKind::Topic
                && let Some(topic) = self.topics.get(&resource.name)
            {
                self.reconfigure_topic(&topic, &settings);
            }
        }
    }

    fn reconfigure_topic(&self, topic: &Topic, settings: &TopicSettings<'_>) {
        let config = settings.of(&topic.shared.name);
        let log_config = Arc::new(self.log_config(&config));
        topic.shared.config.store(config);
        for partition in topic.partitions() {
            let log_config = Arc::clone(&log_config);
            partition.exclusive(move |log| {
                if let Some(log) = log {
                    log.set_config(log_config);
                }
            });
        }
    }

    fn settings<'a>(&'a self, image: &'a MetadataImage) -> TopicSettings<'a> {
        TopicSettings::new(image, &*self.options.topic_configs)
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
