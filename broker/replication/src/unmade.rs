//! Partitions that belong on this broker and have no log yet, because the disk refused to make it,
//! and when to try again. Pure.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use millrace_types::{SteadyMs, TopicPartition, Uuid};

/// Before the second attempt; each later pause is twice as long as the one before.
const FIRST_PAUSE_MS: i64 = 1_000;
/// A volume that gets room again is noticed within this time.
const LONGEST_PAUSE_MS: i64 = 30_000;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting {
    topic_id: Uuid,
    dir: PathBuf,
    pause_ms: i64,
    due: SteadyMs,
}

/// Grows with the partitions that the metadata assigns to this broker, no further.
#[derive(Debug, Default)]
pub(crate) struct Unmade {
    waiting: HashMap<TopicPartition, Waiting>,
}

impl Unmade {
    /// Notes a failed attempt. Says whether it was the first.
    pub(crate) fn failed(
        &mut self,
        partition: &TopicPartition,
        topic_id: Uuid,
        dir: &Path,
        now: SteadyMs,
    ) -> bool {
        let before = self.waiting.get(partition);
        let before = before.filter(|waiting| waiting.topic_id == topic_id);
        let pause_ms = before.map_or(FIRST_PAUSE_MS, |waiting| {
            (waiting.pause_ms * 2).min(LONGEST_PAUSE_MS)
        });
        let is_first = before.is_none();
        let waiting = Waiting {
            topic_id,
            dir: dir.to_owned(),
            pause_ms,
            due: now + pause_ms,
        };
        self.waiting.insert(partition.clone(), waiting);
        is_first
    }

    /// The partition has its log. Says whether it had to wait for it.
    pub(crate) fn made(&mut self, partition: &TopicPartition) -> bool {
        self.waiting.remove(partition).is_some()
    }

    pub(crate) fn forget(&mut self, topic_id: Uuid) {
        self.waiting
            .retain(|_, waiting| waiting.topic_id != topic_id);
    }

    /// Topics with partitions that are to be tried again.
    pub(crate) fn due(&self, now: SteadyMs) -> Vec<Uuid> {
        let due = self.waiting.values().filter(|waiting| waiting.due <= now);
        let mut topics: Vec<_> = due.map(|waiting| waiting.topic_id).collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    }

    /// Whether a partition should be in the directory and is not.
    pub(crate) fn is_any_in(&self, dir: &Path) -> bool {
        self.waiting.values().any(|waiting| waiting.dir == dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: Uuid = Uuid([1; 16]);

    fn partition(index: i32) -> TopicPartition {
        TopicPartition::new("topic", index)
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let mut unmade = Unmade::default();
        let mut now = 0;
        for expected in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            let is_first = unmade.failed(&partition(0), TOPIC, Path::new("d"), now);
            assert_eq!(is_first, expected == 1_000);
            assert_eq!(unmade.due(now + expected - 1), []);
            now += expected;
            assert_eq!(unmade.due(now), [TOPIC]);
        }
    }

    #[test]
    fn a_topic_is_due_once_however_many_of_its_partitions_wait() {
        let mut unmade = Unmade::default();
        for index in 0..3 {
            unmade.failed(&partition(index), TOPIC, Path::new("d"), 0);
        }
        assert_eq!(unmade.due(1_000), [TOPIC]);
        assert!(unmade.is_any_in(Path::new("d")));
        assert!(!unmade.is_any_in(Path::new("e")));
        assert!(unmade.made(&partition(0)));
        assert!(!unmade.made(&partition(0)));
        unmade.forget(TOPIC);
        assert_eq!(unmade.due(1_000), []);
        assert!(!unmade.is_any_in(Path::new("d")));
    }

    /// A topic that was deleted and made again starts anew.
    #[test]
    fn another_topic_of_the_same_name_inherits_no_pause() {
        let mut unmade = Unmade::default();
        unmade.failed(&partition(0), TOPIC, Path::new("d"), 0);
        let next = Uuid([2; 16]);
        assert!(unmade.failed(&partition(0), next, Path::new("d"), 0));
        assert_eq!(unmade.due(1_000), [next]);
    }
}
