//! Committed offsets by group, topic and partition. A change that is in the log becomes visible
//! when it commits; until then it waits in line.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use millrace_types::{LeaderEpoch, NO_TIMESTAMP, Offset, PartitionIndex, Timestamp, Uuid};
use millrace_wire::records::group::offset_commit_value::OffsetCommitValue;

use crate::groups::records::OffsetKey;

/// What a group has said about one partition. Kept small: there are many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    pub offset: Offset,
    pub leader_epoch: LeaderEpoch,
    /// The client's note; most have none.
    pub metadata: Option<Arc<str>>,
    pub committed_at: Timestamp,
    /// Set by old clients that choose the retention themselves, else [`NO_TIMESTAMP`].
    pub expires_at: Timestamp,
    pub topic_id: Uuid,
}

impl CommittedOffset {
    fn from_value(value: OffsetCommitValue) -> Self {
        Self {
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: Some(value.metadata).filter(|text| !text.is_empty()),
            committed_at: value.commit_timestamp,
            expires_at: value.expire_timestamp,
            topic_id: value.topic_id,
        }
    }

    /// Whether the offset has outlived its own expiry time or, without one, `retention_ms` since
    /// `base`.
    pub(crate) fn is_expired(&self, base: Timestamp, now: Timestamp, retention_ms: i64) -> bool {
        if self.expires_at == NO_TIMESTAMP {
            now.saturating_sub(base) >= retention_ms
        } else {
            now >= self.expires_at
        }
    }
}

pub(crate) type Partitions = BTreeMap<PartitionIndex, CommittedOffset>;
pub(crate) type Topics = BTreeMap<Arc<str>, Partitions>;

/// A change in the log that has not committed yet.
#[derive(Debug)]
struct Change {
    at: Offset,
    key: OffsetKey,
    value: Option<CommittedOffset>,
}

#[derive(Debug, Default)]
pub(crate) struct OffsetStore {
    groups: BTreeMap<Arc<str>, Topics>,
    uncommitted: VecDeque<Change>,
    committed_to: Offset,
    count: usize,
    /// One copy of each topic name for all groups.
    names: HashSet<Arc<str>>,
}

impl OffsetStore {
    /// The number of committed offsets.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The number of offsets held in memory, committed or on their way.
    pub(crate) fn held(&self) -> usize {
        self.count + self.uncommitted.len()
    }

    pub(crate) fn replay(&mut self, at: Offset, key: OffsetKey, value: Option<OffsetCommitValue>) {
        let value = value.map(CommittedOffset::from_value);
        if at < self.committed_to {
            self.apply(key, value);
        } else {
            self.uncommitted.push_back(Change { at, key, value });
        }
    }

    pub(crate) fn commit(&mut self, high_watermark: Offset) {
        self.committed_to = self.committed_to.max(high_watermark);
        while self
            .uncommitted
            .front()
            .is_some_and(|change| change.at < self.committed_to)
        {
            if let Some(change) = self.uncommitted.pop_front() {
                self.apply(change.key, change.value);
            }
        }
    }

    /// The group's committed offsets.
    pub(crate) fn of_group(&self, group_id: &str) -> Option<&Topics> {
        self.groups.get(group_id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Topics)> {
        self.groups.iter()
    }

    /// Whether the group has offsets, on their way or committed.
    pub(crate) fn knows_group(&self, group_id: &str) -> bool {
        self.groups.contains_key(group_id) || self.is_changing(group_id)
    }

    /// Whether changes to the group's offsets are on their way.
    pub(crate) fn is_changing(&self, group_id: &str) -> bool {
        let mut coming = self.uncommitted.iter();
        coming.any(|change| &*change.key.group_id == group_id)
    }

    /// Whether a tombstone for this partition would have anything to remove.
    pub(crate) fn knows(&self, group_id: &str, topic: &str, partition: PartitionIndex) -> bool {
        let topics = self.groups.get(group_id);
        let committed = topics
            .and_then(|topics| topics.get(topic))
            .is_some_and(|partitions| partitions.contains_key(&partition));
        committed
            || self.uncommitted.iter().any(|change| {
                &*change.key.group_id == group_id
                    && &*change.key.topic == topic
                    && change.key.partition == partition
            })
    }

    /// The group's partitions, committed or on their way.
    pub(crate) fn keys_of_group(&self, group_id: &str) -> Vec<OffsetKey> {
        let group = self.groups.get_key_value(group_id).into_iter();
        self.keys(group, |key| &*key.group_id == group_id)
    }

    /// The partitions of these topics in every group, committed or on their way.
    pub(crate) fn keys_of_topics(&self, topics: &[Arc<str>]) -> Vec<OffsetKey> {
        let topics: HashSet<&str> = topics.iter().map(|topic| &**topic).collect();
        self.keys(self.groups.iter(), |key| topics.contains(&*key.topic))
    }

    fn keys<'a>(
        &'a self,
        groups: impl Iterator<Item = (&'a Arc<str>, &'a Topics)>,
        wanted: impl Fn(&OffsetKey) -> bool,
    ) -> Vec<OffsetKey> {
        let committed = groups.flat_map(|(group_id, topics)| {
            topics.iter().flat_map(move |(topic, partitions)| {
                partitions.keys().map(move |&partition| OffsetKey {
                    group_id: group_id.clone(),
                    topic: topic.clone(),
                    partition,
                })
            })
        });
        let coming = self.uncommitted.iter().map(|change| change.key.clone());
        let mut keys: Vec<OffsetKey> = committed.chain(coming).filter(wanted).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Lets go of topic names that no offset uses any more.
    pub(crate) fn forget_unused_names(&mut self) {
        self.names.retain(|name| Arc::strong_count(name) > 1);
    }

    fn apply(&mut self, key: OffsetKey, value: Option<CommittedOffset>) {
        match value {
            Some(value) => self.put(key, value),
            None => self.remove(&key),
        }
    }

    fn put(&mut self, key: OffsetKey, value: CommittedOffset) {
        let topics = self.groups.entry(key.group_id).or_default();
        let partitions = match topics.get_mut(&key.topic) {
            Some(partitions) => partitions,
            None => {
                let name = self.names.get(&key.topic).cloned().unwrap_or(key.topic);
                self.names.insert(name.clone());
                topics.entry(name).or_default()
            }
        };
        if partitions.insert(key.partition, value).is_none() {
            self.count += 1;
        }
    }

    fn remove(&mut self, key: &OffsetKey) {
        let Some(topics) = self.groups.get_mut(&key.group_id) else {
            return;
        };
        if let Some(partitions) = topics.get_mut(&key.topic) {
            if partitions.remove(&key.partition).is_some() {
                self.count -= 1;
            }
            if partitions.is_empty() {
                topics.remove(&key.topic);
            }
        }
        if topics.is_empty() {
            self.groups.remove(&key.group_id);
        }
    }
}
