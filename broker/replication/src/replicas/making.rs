//! Making partitions: of logs that were found at the start, or of new ones. What cannot be made is tried
//! again later.

use std::collections::HashMap;
use std::sync::Arc;

use millrace_log::{DataDir, Log, NewLog};
use millrace_metadata::image::partition::Partition as PartitionImage;
use millrace_types::{NO_OFFSET, NodeId, Offset, TopicPartition, Uuid};

use crate::leadership::Assignment;
use crate::partition::Partition;
use crate::replicas::state::Replicas;
use crate::topics::Topic;

/// A partition that should be here.
pub(super) struct Missing {
    pub(super) topic: Arc<Topic>,
    pub(super) described: Arc<PartitionImage>,
}

impl Replicas {
    /// Opens or makes the logs of partitions, and serves them. Returns how many it served.
    pub(super) fn make_partitions(&self, missing: &HashMap<TopicPartition, Missing>) -> usize {
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
        self.cleaning.cap(id, opened.log.view().end_offset());
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
}

pub(super) fn assignment(partition: &PartitionImage) -> Assignment {
    Assignment {
        leader: partition.leader.unwrap_or(NodeId::NONE),
        leader_epoch: partition.leader_epoch,
        partition_epoch: partition.partition_epoch,
        replicas: partition.replicas.to_vec(),
        isr: partition.isr.to_vec(),
    }
}
