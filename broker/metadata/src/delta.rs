//! What one batch of records changed. Subsystems get the delta with the image that it led to and
//! look at nothing else. Always the net change: what a batch made and unmade again is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use millrace_types::{NodeId, PartitionIndex, Uuid};

use crate::image::MetadataImage;
use crate::image::brokers::Broker;
use crate::image::configs::{ConfigResource, ResourceKind};
use crate::image::partition::Partition;
use crate::image::topics::Topic;

/// Something that exists before, after, or both, and is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    Added(T),
    Changed { before: T, after: T },
    Removed(T),
}

impl<T: PartialEq + Clone> Change<T> {
    fn between(before: Option<&T>, after: Option<&T>) -> Option<Self> {
        match (before, after) {
            (None, Some(after)) => Some(Self::Added(after.clone())),
            (Some(before), None) => Some(Self::Removed(before.clone())),
            (Some(before), Some(after)) if before != after => Some(Self::Changed {
                before: before.clone(),
                after: after.clone(),
            }),
            _ => None,
        }
    }
}

impl<T> Change<T> {
    #[must_use]
    pub fn before(&self) -> Option<&T> {
        match self {
            Self::Added(_) => None,
            Self::Changed { before, .. } | Self::Removed(before) => Some(before),
        }
    }

    #[must_use]
    pub fn after(&self) -> Option<&T> {
        match self {
            Self::Added(after) | Self::Changed { after, .. } => Some(after),
            Self::Removed(_) => None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataDelta {
    /// By id: a topic that was deleted and made again is two topics.
    pub topics: BTreeMap<Uuid, Change<Arc<Topic>>>,
    pub brokers: BTreeMap<NodeId, Change<Arc<Broker>>>,
    /// Resources whose settings changed; what they are now is in the image.
    pub configs: BTreeSet<ConfigResource>,
    /// Features and the levels they have now; 0 is off.
    pub features: BTreeMap<Arc<str>, i16>,
    /// The first producer id of the next block, when one was given out.
    pub next_producer_id: Option<i64>,
}

/// One partition that came, went or changed.
#[derive(Clone, Copy, Debug)]
pub struct PartitionChange<'a> {
    pub topic: &'a Arc<Topic>,
    pub index: PartitionIndex,
    pub before: Option<&'a Arc<Partition>>,
    pub after: Option<&'a Arc<Partition>>,
}

impl PartitionChange<'_> {
    /// Whether `node` holds a replica before or after: whether the change concerns its logs.
    #[must_use]
    pub fn concerns(&self, node: NodeId) -> bool {
        let holds = |partition: &Arc<Partition>| partition.replicas.contains(&node);
        self.before.is_some_and(holds) || self.after.is_some_and(holds)
    }
}

impl MetadataDelta {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Everything that differs, for whoever jumps from one image to another.
    #[must_use]
    pub fn between(before: &MetadataImage, after: &MetadataImage) -> Self {
        Self::of(before, after, &Touched::everything(before, after))
    }

    /// Every partition that came, went or changed, by topic and index.
    pub fn partitions(&self) -> impl Iterator<Item = PartitionChange<'_>> {
        self.topics.values().flat_map(|change| {
            let (before, after) = (change.before(), change.after());
            let count = |topic: Option<&Arc<Topic>>| topic.map_or(0, |t| t.partitions.len());
            let topic = after.or(before);
            (0..)
                .take(count(before).max(count(after)))
                .filter_map(move |index| {
                    let before = before.and_then(|topic| topic.partition(index));
                    let after = after.and_then(|topic| topic.partition(index));
                    let topic = topic?;
                    (!same(before, after)).then_some(PartitionChange {
                        topic,
                        index,
                        before,
                        after,
                    })
                })
        })
    }

    pub(crate) fn of(before: &MetadataImage, after: &MetadataImage, touched: &Touched) -> Self {
        let topics = touched.topics.iter().filter_map(|&id| {
            let (old, new) = (before.topics.get_by_id(id), after.topics.get_by_id(id));
            Some((id, Change::between(old, new)?))
        });
        let brokers = touched.brokers.iter().filter_map(|&id| {
            let change = Change::between(before.brokers.get(id), after.brokers.get(id))?;
            Some((id, change))
        });
        let configs = touched.configs.iter().filter(|resource| {
            let settings = |image: &MetadataImage| {
                image.configs.shared(resource.kind, &resource.name).cloned()
            };
            settings(before) != settings(after)
        });
        let features = touched.features.iter().filter_map(|name| {
            let level = after.features.level(name);
            (level != before.features.level(name)).then(|| (Arc::clone(name), level))
        });
        let next_producer_id = after.next_producer_id;
        Self {
            topics: topics.collect(),
            brokers: brokers.collect(),
            configs: configs.cloned().collect(),
            features: features.collect(),
            next_producer_id: (next_producer_id != before.next_producer_id)
                .then_some(next_producer_id),
        }
    }
}

fn same(one: Option<&Arc<Partition>>, other: Option<&Arc<Partition>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// What a batch named: the only places where the images may differ.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub topics: BTreeSet<Uuid>,
    pub brokers: BTreeSet<NodeId>,
    pub configs: BTreeSet<ConfigResource>,
    pub features: BTreeSet<Arc<str>>,
}

impl Touched {
    fn everything(before: &MetadataImage, after: &MetadataImage) -> Self {
        let images = || [before, after].into_iter();
        let configs = images().flat_map(|image| {
            ResourceKind::ALL.into_iter().flat_map(|kind| {
                image
                    .configs
                    .resources(kind)
                    .map(move |(name, _)| ConfigResource {
                        kind,
                        name: Arc::clone(name),
                    })
            })
        });
        let features = images().flat_map(|image| image.features.iter());
        Self {
            topics: images()
                .flat_map(|image| image.topics.iter())
                .map(|topic| topic.id)
                .collect(),
            brokers: images()
                .flat_map(|image| image.brokers.iter())
                .map(|broker| broker.id)
                .collect(),
            configs: configs.collect(),
            features: features.map(|(name, _)| Arc::clone(name)).collect(),
        }
    }
}
