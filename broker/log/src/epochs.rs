//! Which leader wrote which part of the log: the epochs that have records, each with its first offset.
//! Pure; the log writes it down.

use millrace_types::{LeaderEpoch, Offset};

use crate::checkpoint::EpochEntry;

/// Ascending in epoch and in offset.
#[derive(Debug, Default)]
pub(crate) struct EpochCache {
    entries: Vec<EpochEntry>,
    /// Counts the changes, so that who writes them down knows whether there are newer ones.
    changes: u64,
    /// The count as of the last checkpoint.
    written: u64,
}

impl EpochCache {
    pub(crate) fn new(entries: Vec<EpochEntry>) -> Self {
        Self {
            entries,
            changes: 0,
            written: 0,
        }
    }

    pub(crate) fn latest(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    /// Notes that `epoch` begins at `start`. Entries that contradict it are dropped: they come from
    /// records that the new leader does not have.
    pub(crate) fn assign(&mut self, epoch: LeaderEpoch, start: Offset) {
        if epoch < 0
            || self
                .latest()
                .is_some_and(|last| last.epoch == epoch && last.start <= start)
        {
            return;
        }
        self.entries
            .retain(|entry| entry.epoch < epoch && entry.start < start);
        self.entries.push(EpochEntry { epoch, start });
        self.changes += 1;
    }

    /// Forgets what begins at or behind `end`.
    pub(crate) fn truncate_end(&mut self, end: Offset) {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.start < end);
        self.changes += u64::from(self.entries.len() < before);
    }

    /// Forgets what ends at or before `start`; the epoch that spans it begins there now.
    pub(crate) fn truncate_start(&mut self, start: Offset) {
        let spanning = self.entries.partition_point(|entry| entry.start <= start);
        let Some(spanning) = spanning.checked_sub(1) else {
            return;
        };
        if spanning > 0 || self.entries[spanning].start < start {
            self.entries.drain(..spanning);
            self.entries[0].start = start;
            self.changes += 1;
        }
    }

    /// The largest epoch that is at most `epoch`, and where it ends, in a log that ends at `log_end`.
    pub(crate) fn end_of(
        &self,
        epoch: LeaderEpoch,
        log_end: Offset,
    ) -> Option<(LeaderEpoch, Offset)> {
        let next = self.entries.partition_point(|entry| entry.epoch <= epoch);
        let found = self.entries.get(next.checked_sub(1)?)?;
        let end = self.entries.get(next).map_or(log_end, |entry| entry.start);
        Some((found.epoch, end))
    }

    /// The epoch of the record at `offset`.
    pub(crate) fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        let next = self.entries.partition_point(|entry| entry.start <= offset);
        Some(self.entries[next.checked_sub(1)?].epoch)
    }

    /// What to write down, if anything changed since the last time.
    pub(crate) fn unwritten(&self) -> Option<(Vec<EpochEntry>, u64)> {
        (self.changes > self.written).then(|| (self.entries.clone(), self.changes))
    }

    /// `changes` is what came with the entries that are on disk now.
    pub(crate) fn mark_written(&mut self, changes: u64) {
        self.written = self.written.max(changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries: &[(LeaderEpoch, Offset)]) -> EpochCache {
        let mut cache = EpochCache::default();
        for &(epoch, start) in entries {
            cache.assign(epoch, start);
        }
        cache
    }

    fn pairs(cache: &EpochCache) -> Vec<(LeaderEpoch, Offset)> {
        cache
            .entries
            .iter()
            .map(|entry| (entry.epoch, entry.start))
            .collect()
    }

    #[test]
    fn an_epoch_begins_once() {
        assert_eq!(
            pairs(&cache(&[(0, 0), (0, 5), (2, 9), (2, 10)])),
            [(0, 0), (2, 9)]
        );
    }

    #[test]
    fn newer_entries_win_over_what_contradicts_them() {
        assert_eq!(
            pairs(&cache(&[(0, 0), (1, 10), (2, 10)])),
            [(0, 0), (2, 10)]
        );
        assert_eq!(pairs(&cache(&[(0, 0), (1, 10), (2, 5)])), [(0, 0), (2, 5)]);
        assert_eq!(
            pairs(&cache(&[(0, 0), (3, 10), (2, 12)])),
            [(0, 0), (2, 12)]
        );
        assert_eq!(pairs(&cache(&[(-1, 0)])), []);
    }

    #[test]
    fn the_end_of_an_epoch_is_where_the_next_begins() {
        let cache = cache(&[(1, 0), (3, 10), (4, 20)]);
        for (epoch, expected) in [
            (0, None),
            (1, Some((1, 10))),
            (2, Some((1, 10))),
            (3, Some((3, 20))),
            (4, Some((4, 30))),
            (9, Some((4, 30))),
        ] {
            assert_eq!(cache.end_of(epoch, 30), expected, "{epoch}");
        }
        assert_eq!(cache.epoch_at(9), Some(1));
        assert_eq!(cache.epoch_at(10), Some(3));
        assert_eq!(EpochCache::default().epoch_at(10), None);
    }

    #[test]
    fn truncation_keeps_what_still_has_records() {
        for (end, expected) in [(0, vec![]), (10, vec![(1, 0)]), (11, vec![(1, 0), (3, 10)])] {
            let mut cache = cache(&[(1, 0), (3, 10)]);
            cache.truncate_end(end);
            assert_eq!(pairs(&cache), expected, "{end}");
        }
        for (start, expected) in [
            (0, vec![(1, 0), (3, 10)]),
            (5, vec![(1, 5), (3, 10)]),
            (10, vec![(3, 10)]),
            (12, vec![(3, 12)]),
        ] {
            let mut cache = cache(&[(1, 0), (3, 10)]);
            cache.truncate_start(start);
            assert_eq!(pairs(&cache), expected, "{start}");
        }
    }

    #[test]
    fn only_changes_are_written_down() {
        let mut cache = cache(&[(1, 0)]);
        let (entries, changes) = cache.unwritten().unwrap();
        assert_eq!(entries.len(), 1);
        cache.assign(2, 5);
        cache.mark_written(changes);
        let (_, changes) = cache.unwritten().unwrap();
        cache.mark_written(changes);
        cache.assign(2, 6);
        assert!(cache.unwritten().is_none());
    }
}
