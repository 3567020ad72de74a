//! All topics, found by name, by id, or in the order of their names. Copies share everything that
//! did not change, so an image with many topics costs no more to change than one with few.

use std::ops::Bound;
use std::sync::Arc;

use millrace_types::{PartitionIndex, Uuid};
use rpds::{HashTrieMapSync, RedBlackTreeMapSync};

use crate::image::partition::Partition;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub name: Arc<str>,
    pub id: Uuid,
    /// By index, without gaps.
    pub partitions: Vec<Arc<Partition>>,
}

impl Topic {
    #[must_use]
    pub fn partition(&self, index: PartitionIndex) -> Option<&Arc<Partition>> {
        self.partitions.get(usize::try_from(index).ok()?)
    }

    /// The partitions with their indexes.
    pub fn indexed(&self) -> impl Iterator<Item = (PartitionIndex, &Arc<Partition>)> {
        (0..).zip(&self.partitions)
    }

    /// How many replicas a new partition gets when nobody says: as many as the first one has.
    #[must_use]
    pub fn replication_factor(&self) -> usize {
        self.partitions
            .first()
            .map_or(0, |first| first.replicas.len())
    }
}

#[derive(Clone, Debug, Default)]
pub struct Topics {
    by_id: HashTrieMapSync<Uuid, Arc<Topic>>,
    ids: RedBlackTreeMapSync<Arc<str>, Uuid>,
    /// Names with a '.' or '_', by the name that their metrics have.
    folded: HashTrieMapSync<Arc<str>, Arc<str>>,
    partitions: usize,
}

impl Topics {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Topic>> {
        self.by_id.get(self.ids.get(name)?)
    }

    #[must_use]
    pub fn get_by_id(&self, id: Uuid) -> Option<&Arc<Topic>> {
        self.by_id.get(&id)
    }

    #[must_use]
    pub fn partition(&self, name: &str, index: PartitionIndex) -> Option<&Arc<Partition>> {
        self.get(name)?.partition(index)
    }

    /// Ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.ids.values().filter_map(|id| self.by_id.get(id))
    }

    /// Ordered by name, from `name` on.
    pub fn iter_from<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<Topic>> {
        self.ids
            .range::<str, _>((Bound::Included(name), Bound::Unbounded))
            .filter_map(|(_, id)| self.by_id.get(id))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.size()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Partitions of all topics together.
    #[must_use]
    pub fn partition_count(&self) -> usize {
        self.partitions
    }

    /// The topic whose metrics could not be told from those of a topic called `name`.
    #[must_use]
    pub fn colliding(&self, name: &str) -> Option<&Arc<str>> {
        self.folded.get(fold(name)?.as_str())
    }

    pub(crate) fn insert(&mut self, topic: Arc<Topic>) {
        self.partitions += topic.partitions.len();
        if let Some(folded) = fold(&topic.name) {
            self.folded
                .insert_mut(folded.into(), Arc::clone(&topic.name));
        }
        self.ids.insert_mut(Arc::clone(&topic.name), topic.id);
        self.by_id.insert_mut(topic.id, topic);
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> Option<Arc<Topic>> {
        let topic = Arc::clone(self.by_id.get(&id)?);
        self.partitions -= topic.partitions.len();
        if let Some(folded) = fold(&topic.name) {
            self.folded.remove_mut(folded.as_str());
        }
        self.ids.remove_mut(&topic.name);
        self.by_id.remove_mut(&id);
        Some(topic)
    }

    /// Replaces a partition, or appends the next one. `false` when the topic is unknown or the
    /// index would leave a gap.
    #[must_use]
    pub(crate) fn set_partition(
        &mut self,
        id: Uuid,
        index: PartitionIndex,
        partition: Partition,
    ) -> bool {
        let (Some(topic), Ok(index)) = (self.by_id.get_mut(&id), usize::try_from(index)) else {
            return false;
        };
        let count = topic.partitions.len();
        if index > count {
            return false;
        }
        let partitions = &mut Arc::make_mut(topic).partitions;
        if index == count {
            partitions.push(Arc::new(partition));
            self.partitions += 1;
        } else {
            partitions[index] = Arc::new(partition);
        }
        true
    }
}

impl PartialEq for Topics {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

/// The name that metrics give a topic, when that may be another topic's too.
pub(crate) fn fold(name: &str) -> Option<String> {
    name.contains(['.', '_']).then(|| name.replace('.', "_"))
}
