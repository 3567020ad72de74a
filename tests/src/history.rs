//! Judges what clients saw: no acknowledged record lost, moved, reordered, doubled or invented.
//!
//! A pure function over a recorded history; who recorded it, and against what, is not its concern.

use std::collections::{BTreeMap, BTreeSet};

/// One record as its producer numbers it: sequences of one producer rise in the order of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    pub producer: u32,
    pub sequence: u64,
}

/// Where a record stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub partition: i32,
    pub offset: i64,
}

#[derive(Debug, Clone, Default)]
pub struct History {
    /// Every record that was handed to a producer.
    pub sent: BTreeSet<RecordId>,
    /// Those it was told are safe, and where. The rest may or may not be in the log.
    pub acked: BTreeMap<RecordId, Place>,
    /// Everything a consumer read afterwards from the beginning, in the order it got it.
    pub read: Vec<(Place, RecordId)>,
}

/// What the producers were promised beyond "acked is safe".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// A retry may double a record and put it behind its successors.
    AtLeastOnce,
    /// Each record once, in the order of sending.
    Idempotent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// Acknowledged, and not to be read.
    Lost(RecordId, Place),
    /// Something else stands where the acknowledgement said this record is.
    Replaced {
        expected: RecordId,
        found: RecordId,
        at: Place,
    },
    /// Read, though nobody sent it.
    Invented(RecordId, Place),
    /// In the log more than once.
    Doubled(RecordId, Place),
    /// Behind a later record of the same producer in the same partition.
    Reordered {
        earlier: RecordId,
        later: RecordId,
        at: Place,
    },
    /// The consumer went back or stood still within a partition.
    OffsetNotRising { before: i64, at: Place },
}

/// Everything in `history` that breaks `promise`; nothing is a good answer.
pub fn violations(history: &History, promise: Promise) -> Vec<Violation> {
    let mut found = misplaced(history);
    found.extend(not_rising(&history.read));
    found.extend(invented(history));
    if promise == Promise::Idempotent {
        found.extend(doubled(&history.read));
        found.extend(reordered(&history.read));
    }
    found
}

fn misplaced(history: &History) -> Vec<Violation> {
    let read: BTreeMap<Place, RecordId> = history.read.iter().copied().collect();
    history
        .acked
        .iter()
        .filter_map(|(&id, &place)| match read.get(&place) {
            None => Some(Violation::Lost(id, place)),
            Some(&found) if found != id => Some(Violation::Replaced {
                expected: id,
                found,
                at: place,
            }),
            Some(_) => None,
        })
        .collect()
}

fn invented(history: &History) -> Vec<Violation> {
    let unknown = history
        .read
        .iter()
        .filter(|(_, id)| !history.sent.contains(id));
    unknown
        .map(|&(place, id)| Violation::Invented(id, place))
        .collect()
}

fn not_rising(read: &[(Place, RecordId)]) -> Vec<Violation> {
    let mut last = BTreeMap::new();
    read.iter()
        .filter_map(|&(at, _)| {
            let before = last.insert(at.partition, at.offset)?;
            (at.offset <= before).then_some(Violation::OffsetNotRising { before, at })
        })
        .collect()
}

fn doubled(read: &[(Place, RecordId)]) -> Vec<Violation> {
    let mut seen = BTreeMap::new();
    read.iter()
        .filter_map(|&(place, id)| {
            let first = *seen.entry(id).or_insert(place);
            (first != place).then_some(Violation::Doubled(id, place))
        })
        .collect()
}

fn reordered(read: &[(Place, RecordId)]) -> Vec<Violation> {
    let mut highest: BTreeMap<(u32, i32), RecordId> = BTreeMap::new();
    read.iter()
        .filter_map(|&(at, id)| {
            let highest = highest.entry((id.producer, at.partition)).or_insert(id);
            let later = *highest;
            *highest = later.max(id);
            (id < later).then_some(Violation::Reordered {
                earlier: id,
                later,
                at,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records are numbers of one producer in one partition; offsets are positions in `log`.
    fn history(sent: u64, acked: &[(u64, i64)], log: &[u64]) -> History {
        let id = |sequence| RecordId {
            producer: 1,
            sequence,
        };
        let place = |offset| Place {
            partition: 0,
            offset,
        };
        History {
            sent: (0..sent).map(id).collect(),
            acked: acked
                .iter()
                .map(|&(sequence, offset)| (id(sequence), place(offset)))
                .collect(),
            read: (0..)
                .zip(log)
                .map(|(offset, &sequence)| (place(offset), id(sequence)))
                .collect(),
        }
    }

    fn kinds(history: &History, promise: Promise) -> Vec<&'static str> {
        let kind = |violation: &Violation| match violation {
            Violation::Lost(..) => "lost",
            Violation::Replaced { .. } => "replaced",
            Violation::Invented(..) => "invented",
            Violation::Doubled(..) => "doubled",
            Violation::Reordered { .. } => "reordered",
            Violation::OffsetNotRising { .. } => "not rising",
        };
        violations(history, promise).iter().map(kind).collect()
    }

    #[test]
    fn each_broken_promise_is_named() {
        use Promise::{AtLeastOnce, Idempotent};
        let cases = [
            (
                "all is well",
                history(3, &[(0, 0), (1, 1), (2, 2)], &[0, 1, 2]),
                Idempotent,
                vec![],
            ),
            (
                "unacked may be missing",
                history(3, &[(0, 0)], &[0]),
                Idempotent,
                vec![],
            ),
            (
                "unacked may be there",
                history(3, &[(0, 0)], &[0, 1, 2]),
                Idempotent,
                vec![],
            ),
            (
                "lost",
                history(2, &[(0, 0), (1, 1)], &[0]),
                Idempotent,
                vec!["lost"],
            ),
            (
                "replaced",
                history(3, &[(0, 0), (1, 1)], &[0, 2]),
                Idempotent,
                vec!["replaced"],
            ),
            (
                "invented",
                history(1, &[(0, 0)], &[0, 7]),
                Idempotent,
                vec!["invented"],
            ),
            (
                "a double",
                history(2, &[(0, 0)], &[0, 1, 1]),
                Idempotent,
                vec!["doubled"],
            ),
            (
                "a double of a retry",
                history(2, &[(0, 0)], &[0, 1, 1]),
                AtLeastOnce,
                vec![],
            ),
            (
                "reordered",
                history(3, &[(0, 0)], &[0, 2, 1]),
                Idempotent,
                vec!["reordered"],
            ),
            (
                "reordered by a retry",
                history(3, &[(0, 0)], &[0, 2, 1]),
                AtLeastOnce,
                vec![],
            ),
        ];
        for (name, history, promise, expected) in cases {
            assert_eq!(kinds(&history, promise), expected, "{name}");
        }
    }

    #[test]
    fn a_consumer_that_goes_back_is_seen() {
        let mut history = history(3, &[], &[0, 1, 2]);
        history.read.swap(0, 1);
        assert_eq!(kinds(&history, Promise::AtLeastOnce), ["not rising"]);
    }

    #[test]
    fn order_holds_within_a_partition_only() {
        let id = |sequence| RecordId {
            producer: 1,
            sequence,
        };
        let history = History {
            sent: (0..2).map(id).collect(),
            acked: BTreeMap::new(),
            read: vec![
                (
                    Place {
                        partition: 1,
                        offset: 0,
                    },
                    id(1),
                ),
                (
                    Place {
                        partition: 0,
                        offset: 0,
                    },
                    id(0),
                ),
            ],
        };
        assert!(violations(&history, Promise::Idempotent).is_empty());
    }
}
