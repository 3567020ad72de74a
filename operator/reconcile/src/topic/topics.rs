//! Every `KafkaTopic` that is known: what it wants, whose turn it is, and who wins where several name
//! one topic. Pure: watch events in, batches out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_model::ObjectKey as Key;

use crate::topic::claims::Claims;
use crate::topic::desk::{Batch, Desk, Lane, Outcome};
use crate::topic::entry::Entry;

/// All topics of all clusters.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    entries: BTreeMap<Key, Arc<Entry>>,
    claims: Claims,
    desk: Desk,
}

/// One topic whose turn it is.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) entry: Arc<Entry>,
    /// The resource that the topic belongs to, where that is another.
    pub(crate) owner: Option<Key>,
}

impl Topics {
    /// A resource was created or changed.
    pub(crate) fn seen(&mut self, entry: Entry) {
        let entry = Arc::new(entry);
        let previous = self.entries.insert(entry.key.clone(), Arc::clone(&entry));
        let affected = self.claims.claim(
            &entry.key,
            entry.created,
            &entry.uid,
            &entry.cluster,
            &entry.topic_name,
        );
        if let Some(lane) = lane_of_change(previous.as_deref(), &entry) {
            self.desk.want(&entry.key, &entry.cluster, lane);
        }
        self.want_again(&affected);
    }

    /// A resource is gone.
    pub(crate) fn gone(&mut self, key: &Key) {
        self.entries.remove(key);
        self.desk.forget(key);
        let affected = self.claims.release(key);
        self.want_again(&affected);
    }

    /// Resources of `namespace` (of every one when `None`) that a fresh list does not have are gone.
    pub(crate) fn keep_only(&mut self, namespace: Option<&str>, listed: &dyn Fn(&Key) -> bool) {
        let gone: Vec<Key> = self
            .entries
            .keys()
            .filter(|key| namespace.is_none_or(|namespace| *key.namespace == *namespace))
            .filter(|key| !listed(key))
            .cloned()
            .collect();
        for key in gone {
            self.gone(&key);
        }
    }

    /// Something about a cluster changed, or it is time to compare: all its topics get a turn.
    pub(crate) fn want_all_of(&mut self, cluster: &Key) {
        for (key, entry) in &self.entries {
            if entry.cluster == *cluster {
                self.desk.want(key, cluster, Lane::Backlog);
            }
        }
    }

    /// The next batch that a worker can take.
    pub(crate) fn next_batch(&mut self) -> Option<(Batch, Vec<Turn>)> {
        let batch = self.desk.next_batch()?;
        let turns = batch
            .topics
            .iter()
            .map(|key| {
                let entry = Arc::clone(
                    self.entries
                        .get(key)
                        .expect("a topic that is gone was forgotten by the desk"),
                );
                let owner = self.claims.owner(&entry.cluster, &entry.topic_name);
                let owner = owner.filter(|owner| **owner != entry.key).cloned();
                Turn { entry, owner }
            })
            .collect();
        Some((batch, turns))
    }

    pub(crate) fn finish(&mut self, batch: &Batch, outcomes: &[Outcome], now: Duration) {
        self.desk.finish(batch, outcomes, now);
    }

    pub(crate) fn tick(&mut self, now: Duration) {
        self.desk.tick(now);
    }

    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.desk.next_due()
    }

    pub(crate) fn depth(&self) -> usize {
        self.desk.depth()
    }

    /// How many are ready, and how many are not.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let ready = self
            .entries
            .values()
            .filter(|entry| {
                let mut conditions = entry.status.conditions.iter();
                conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
            })
            .count();
        (ready, self.entries.len() - ready)
    }

    fn want_again(&mut self, keys: &[Key]) {
        for key in keys {
            if let Some(entry) = self.entries.get(key) {
                self.desk.want(key, &entry.cluster, Lane::Backlog);
            }
        }
    }
}

/// Which lane a change belongs into; `None` when it means nothing to us, like our own status writes.
fn lane_of_change(previous: Option<&Entry>, entry: &Entry) -> Option<Lane> {
    let Some(previous) = previous.filter(|previous| previous.uid == entry.uid) else {
        return Some(Lane::Backlog);
    };
    if entry.deleting != previous.deleting {
        Some(Lane::Backlog)
    } else if entry.generation != previous.generation {
        Some(if entry.was_in_force() {
            Lane::Edits
        } else {
            Lane::Backlog
        })
    } else if previous.has_finalizer() && !entry.has_finalizer() && !entry.deleting {
        // Somebody took it away while the topic is ours.
        Some(Lane::Backlog)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "topics_tests.rs"]
mod tests;
