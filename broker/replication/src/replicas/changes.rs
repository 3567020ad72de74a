//! What the metadata says: who leads which partition, which topics are new or gone, which settings hold.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use millrace_metadata::delta::Change;
use millrace_metadata::image::configs::{ConfigResource, ResourceKind};
use millrace_metadata::image::topics::Topic as TopicImage;
use millrace_metadata::{MetadataDelta, MetadataImage};
use millrace_types::TopicPartition;

use crate::meter::TopicMeter;
use crate::partition::TopicShared;
use crate::replicas::making::{Missing, assignment};
use crate::replicas::state::Replicas;
use crate::replicas::topic_settings::TopicSettings;
use crate::topics::Topic;

impl Replicas {
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
}
