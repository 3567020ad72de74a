//! Which topics want work, and whose turn it is. Each cluster has two lanes: edits of topics that were
//! in force already, and the backlog of everything else, so that a fresh edit never waits behind
//! thousands of new topics. Pure: events and `now` in, batches out; it neither reads nor writes topics.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use millrace_model::ObjectKey as Key;

use crate::patience::doubled;

/// The most topics that one batch takes: what one request to a broker may carry.
pub(crate) const BATCH_LIMIT: usize = 2_500;
/// While one batch waits for Kafka another's statuses can be written.
const BATCHES_AT_ONCE: usize = 2;
/// Waits between failures double from the first to the second of these.
const RETRY_FIRST: Duration = Duration::from_millis(250);
const RETRY_LAST: Duration = Duration::from_secs(60);

/// Where a topic waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Changes of topics that were in force already.
    Edits,
    /// New topics, topics that go, checks and repeats.
    Backlog,
}

/// How the work on a topic ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing is left to do until something changes.
    Done,
    /// It is worth trying again.
    Retry,
}

/// Topics of one cluster whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) cluster: Key,
    pub(crate) lane: Lane,
    pub(crate) topics: Vec<Key>,
}

/// Every topic that is known, and who waits where.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    topics: HashMap<Key, Slot>,
    clusters: BTreeMap<Key, Lanes>,
    repeats: BTreeSet<(Duration, Key)>,
}

#[derive(Debug)]
struct Slot {
    cluster: Key,
    waits: Option<Lane>,
    works: bool,
    /// It changed while it was worked on.
    again: Option<Lane>,
    failures: u32,
    repeat_at: Option<Duration>,
}

#[derive(Debug, Default)]
struct Lanes {
    edits: Queue,
    backlog: Queue,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Key>,
    running: usize,
}

impl Lanes {
    fn queue(&mut self, lane: Lane) -> &mut Queue {
        match lane {
            Lane::Edits => &mut self.edits,
            Lane::Backlog => &mut self.backlog,
        }
    }
}

impl Desk {
    /// A topic wants work. One that waits in the backlog overtakes it when an edit comes.
    pub(crate) fn want(&mut self, topic: &Key, cluster: &Key, lane: Lane) {
        let slot = self.topics.entry(topic.clone()).or_insert_with(|| Slot {
            cluster: cluster.clone(),
            waits: None,
            works: false,
            again: None,
            failures: 0,
            repeat_at: None,
        });
        slot.cluster = cluster.clone();
        if let Some(at) = slot.repeat_at.take() {
            self.repeats.remove(&(at, topic.clone()));
        }
        if slot.works {
            slot.again = Some(match (slot.again, lane) {
                (Some(Lane::Edits), _) | (_, Lane::Edits) => Lane::Edits,
                _ => Lane::Backlog,
            });
            return;
        }
        match (slot.waits, lane) {
            (Some(Lane::Edits), _) | (Some(Lane::Backlog), Lane::Backlog) => {}
            // Its old place is left empty: whose lane does not match is passed over.
            (_, lane) => {
                slot.waits = Some(lane);
                let lanes = self.clusters.entry(cluster.clone()).or_default();
                lanes.queue(lane).waiting.push_back(topic.clone());
            }
        }
    }

    /// The resource is gone: nothing is left to do for it.
    pub(crate) fn forget(&mut self, topic: &Key) {
        if let Some(slot) = self.topics.remove(topic)
            && let Some(at) = slot.repeat_at
        {
            self.repeats.remove(&(at, topic.clone()));
        }
    }

    /// The next batch, edits first, of a cluster that has a free worker for it.
    pub(crate) fn next_batch(&mut self) -> Option<Batch> {
        for lane in [Lane::Edits, Lane::Backlog] {
            for (cluster, lanes) in &mut self.clusters {
                let queue = lanes.queue(lane);
                if queue.running >= BATCHES_AT_ONCE {
                    continue;
                }
                let mut topics = Vec::new();
                while topics.len() < BATCH_LIMIT
                    && let Some(topic) = queue.waiting.pop_front()
                {
                    if let Some(slot) = self.topics.get_mut(&topic)
                        && slot.waits == Some(lane)
                        && slot.cluster == *cluster
                    {
                        slot.waits = None;
                        slot.works = true;
                        topics.push(topic);
                    }
                }
                if !topics.is_empty() {
                    queue.running += 1;
                    return Some(Batch {
                        cluster: cluster.clone(),
                        lane,
                        topics,
                    });
                }
            }
        }
        None
    }

    /// A batch ended. What failed waits longer each time; what changed meanwhile goes on at once.
    pub(crate) fn finish(&mut self, batch: &Batch, outcomes: &[Outcome], now: Duration) {
        if let Some(lanes) = self.clusters.get_mut(&batch.cluster) {
            let queue = lanes.queue(batch.lane);
            queue.running = queue.running.saturating_sub(1);
        }
        for (topic, outcome) in batch.topics.iter().zip(outcomes) {
            let Some(slot) = self.topics.get_mut(topic) else {
                continue;
            };
            slot.works = false;
            let again = slot.again.take();
            let cluster = slot.cluster.clone();
            match outcome {
                Outcome::Done => slot.failures = 0,
                Outcome::Retry => {
                    slot.failures = slot.failures.saturating_add(1);
                    if again.is_none() {
                        let at = now + wait_after(slot.failures, topic);
                        slot.repeat_at = Some(at);
                        self.repeats.insert((at, topic.clone()));
                    }
                }
            }
            if let Some(lane) = again {
                self.want(topic, &cluster, lane);
            }
        }
        self.clusters.retain(|_, lanes| {
            [&lanes.edits, &lanes.backlog]
                .iter()
                .any(|queue| queue.running > 0 || !queue.waiting.is_empty())
        });
    }

    /// Those whose wait is over get in line again.
    pub(crate) fn tick(&mut self, now: Duration) {
        while let Some((at, topic)) = self.repeats.first().cloned()
            && at <= now
        {
            self.repeats.remove(&(at, topic.clone()));
            let Some(slot) = self.topics.get_mut(&topic) else {
                continue;
            };
            slot.repeat_at = None;
            let cluster = slot.cluster.clone();
            self.want(&topic, &cluster, Lane::Backlog);
        }
    }

    /// When `tick` has something to do.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.repeats.first().map(|(at, _)| *at)
    }

    /// How many topics wait or are worked on.
    pub(crate) fn depth(&self) -> usize {
        self.topics
            .values()
            .filter(|slot| slot.works || slot.waits.is_some() || slot.repeat_at.is_some())
            .count()
    }
}

/// Doubles with every failure, and differs from topic to topic so that they do not come back together.
fn wait_after(failures: u32, topic: &Key) -> Duration {
    let mut hasher = DefaultHasher::new();
    (topic, failures).hash(&mut hasher);
    let jitter = (hasher.finish() % 256) as u32;
    let wait = doubled(RETRY_FIRST, RETRY_LAST, failures);
    wait * 3 / 4 + wait * jitter / 1024
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
