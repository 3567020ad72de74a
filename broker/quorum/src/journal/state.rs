//! What the journal's records add up to. Pure: the same steps are taken when a record is
//! submitted, when it is written, and when it is read back after a crash.

use crate::journal::record::{FORMAT, Head, Record, Vote};
use crate::position::LogPosition;

/// Everything the journal says, but for the entries themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub vote: Option<Vote>,
    pub committed: Option<LogPosition>,
    pub purged: Option<LogPosition>,
    pub last: Option<LogPosition>,
}

/// A record that cannot follow what came before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OutOfOrder {
    #[error("entry {entry} does not follow {last}")]
    Entry {
        entry: LogPosition,
        last: LogPosition,
    },
    #[error("a segment does not begin where the one before it ended")]
    Head,
}

impl State {
    /// Takes one record into account.
    pub(crate) fn step(&mut self, record: &Record) -> Result<(), OutOfOrder> {
        match record {
            Record::Head(head) => return self.check_head(head),
            Record::Entry(entry) => {
                // An empty log takes any entry. Whether it is the one that belongs there shows
                // when everything has been read, see `Index::is_complete`.
                let entry = entry.position;
                if let Some(last) = self.last
                    && (entry.index != last.index + 1 || entry.term < last.term)
                {
                    return Err(OutOfOrder::Entry { entry, last });
                }
                self.last = Some(entry);
            }
            Record::Vote(vote) => self.vote = Some(*vote),
            Record::Committed(position) => self.committed = Some(*position),
            Record::Truncated(to) => {
                self.last = self.last.min(*to);
            }
            Record::Purged(position) => {
                self.purged = Some(*position);
                self.last = self.last.max(self.purged);
            }
        }
        Ok(())
    }

    /// The index that the next entry gets.
    #[must_use]
    pub(crate) fn next_index(&self) -> u64 {
        self.last.map_or(0, |last| last.index + 1)
    }

    /// The first index that is not purged.
    #[must_use]
    pub(crate) fn first_index(&self) -> u64 {
        self.purged.map_or(0, |purged| purged.index + 1)
    }

    /// What the next segment must open with.
    #[must_use]
    pub(crate) fn head(&self, node: u64) -> Head {
        Head {
            format: FORMAT,
            node,
            vote: self.vote,
            committed: self.committed,
            purged: self.purged,
            last: self.last,
        }
    }

    /// The state that a segment's head describes.
    #[must_use]
    pub(crate) fn from_head(head: &Head) -> Self {
        Self {
            vote: head.vote,
            committed: head.committed,
            purged: head.purged,
            last: head.last,
        }
    }

    fn check_head(&self, head: &Head) -> Result<(), OutOfOrder> {
        if Self::from_head(head) == *self {
            Ok(())
        } else {
            Err(OutOfOrder::Head)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::record::{Entry, Payload};

    fn at(term: u64, index: u64) -> LogPosition {
        LogPosition { term, index }
    }

    fn entry(term: u64, index: u64) -> Record {
        let position = at(term, index);
        Record::Entry(Entry {
            position,
            payload: Payload::Blank,
        })
    }

    /// Steps through the records; the last one decides.
    fn last_step(records: &[Record]) -> Result<State, OutOfOrder> {
        let mut state = State::default();
        let (last, before) = records.split_last().unwrap();
        for record in before {
            state.step(record).unwrap();
        }
        state.step(last).map(|()| state)
    }

    #[test]
    fn entries_follow_each_other() {
        let ends = |records: &[Record]| last_step(records).map(|state| state.last);
        assert_eq!(ends(&[entry(1, 0)]), Ok(Some(at(1, 0))));
        assert_eq!(ends(&[entry(1, 0), entry(3, 1)]), Ok(Some(at(3, 1))));
        assert!(ends(&[entry(1, 0), entry(1, 2)]).is_err(), "a hole");
        assert!(ends(&[entry(1, 0), entry(1, 0)]).is_err(), "twice");
        assert!(ends(&[entry(2, 0), entry(1, 1)]).is_err(), "term goes back");
    }

    #[test]
    fn truncation_and_purge_move_the_ends() {
        let log = [entry(1, 0), entry(1, 1), entry(1, 2)];
        let with = |record| last_step(&[&log[..], &[record]].concat());
        let cut = with(Record::Truncated(Some(at(1, 0)))).unwrap();
        assert_eq!((cut.first_index(), cut.next_index()), (0, 1));
        let emptied = with(Record::Truncated(None)).unwrap();
        assert_eq!((emptied.first_index(), emptied.next_index()), (0, 0));
        let purged = with(Record::Purged(at(1, 1))).unwrap();
        assert_eq!((purged.first_index(), purged.next_index()), (2, 3));
        let skipped = with(Record::Purged(at(4, 9))).unwrap();
        assert_eq!((skipped.first_index(), skipped.next_index()), (10, 10));
        let past_the_end = with(Record::Truncated(Some(at(1, 7)))).unwrap();
        assert_eq!(past_the_end.next_index(), 3);
    }

    #[test]
    fn a_segment_begins_where_the_last_one_ended() {
        let mut state = last_step(&[entry(1, 0), Record::Committed(at(1, 0))]).unwrap();
        let head = state.head(4);
        assert_eq!(State::from_head(&head), state);
        let mut follows = |head| state.step(&Record::Head(head));
        assert_eq!(follows(head.clone()), Ok(()));
        assert_eq!(follows(Head { last: None, ..head }), Err(OutOfOrder::Head));
    }
}
