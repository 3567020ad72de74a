//! The partitions on this broker, found by topic name or id. Lookups take no lock.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use millrace_types::{PartitionIndex, Uuid};
use parking_lot::Mutex;

use crate::partition::{Partition, TopicShared};
use crate::unmade::Unmade;

/// One topic, as far as this broker holds partitions of it.
#[derive(Debug)]
pub struct Topic {
    pub shared: Arc<TopicShared>,
    /// By index; a gap is a partition whose replicas are elsewhere.
    partitions: ArcSwap<Vec<Option<Arc<Partition>>>>,
}

impl Topic {
    #[must_use]
    pub fn new(shared: Arc<TopicShared>) -> Arc<Self> {
        Arc::new(Self {
            shared,
            partitions: ArcSwap::default(),
        })
    }

    #[must_use]
    pub fn partition(&self, index: PartitionIndex) -> Option<Arc<Partition>> {
        let at = usize::try_from(index).ok()?;
        self.partitions.load().get(at)?.clone()
    }

    #[must_use]
    pub fn partitions(&self) -> Vec<Arc<Partition>> {
        self.partitions.load().iter().flatten().cloned().collect()
    }

    /// Lets all of them go. The maps keep a removed topic until its memory is reclaimed, which may take
    /// many removals more; its partitions hold files open.
    pub fn take_partitions(&self) -> Vec<Arc<Partition>> {
        let taken = self.partitions.swap(Arc::default());
        taken.iter().flatten().cloned().collect()
    }

    /// Adds or replaces partitions; one writer at a time.
    pub fn put(&self, added: Vec<Arc<Partition>>) {
        let mut partitions = Vec::clone(&self.partitions.load());
        for partition in added {
            let at = usize::try_from(partition.id().partition).expect("indexes are not negative");
            if partitions.len() <= at {
                partitions.resize(at + 1, None);
            }
            partitions[at] = Some(partition);
        }
        self.partitions.store(Arc::new(partitions));
    }
}

/// All topics of which this broker holds partitions.
#[derive(Debug, Default)]
pub struct Topics {
    by_name: papaya::HashMap<Arc<str>, Arc<Topic>>,
    by_id: papaya::HashMap<Uuid, Arc<Topic>>,
    pub(crate) unmade: Mutex<Unmade>,
}

impl Topics {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Topic>> {
        self.by_name.pin().get(name).cloned()
    }

    #[must_use]
    pub fn get_by_id(&self, id: Uuid) -> Option<Arc<Topic>> {
        self.by_id.pin().get(&id).cloned()
    }

    #[must_use]
    pub fn partition(&self, name: &str, index: PartitionIndex) -> Option<Arc<Partition>> {
        self.by_name.pin().get(name)?.partition(index)
    }

    /// In no particular order.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Topic>> {
        self.by_id.pin().values().cloned().collect()
    }

    /// Whether a partition should be in the directory and cannot be made there.
    #[must_use]
    pub fn is_any_unmade_in(&self, dir: &Path) -> bool {
        self.unmade.lock().is_any_in(dir)
    }

    pub fn insert(&self, topic: Arc<Topic>) {
        self.by_id.pin().insert(topic.shared.id, Arc::clone(&topic));
        self.by_name
            .pin()
            .insert(Arc::clone(&topic.shared.name), topic);
    }

    /// Forgets a topic. Another of the same name, made since, stays.
    pub fn remove(&self, id: Uuid) -> Option<Arc<Topic>> {
        let topic = self.by_id.pin().remove(&id).cloned()?;
        let by_name = self.by_name.pin();
        let name = &topic.shared.name;
        if by_name.get(name).is_some_and(|named| named.shared.id == id) {
            by_name.remove(name);
        }
        Some(topic)
    }
}
