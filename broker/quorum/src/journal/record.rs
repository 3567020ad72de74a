//! What the journal is made of: log entries, votes and what became of entries. These types are
//! the disk and wire format (postcard), so they belong to us and not to the Raft library.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::position::LogPosition;

/// The version of the format that this code writes, and the only one that it reads.
pub(crate) const FORMAT: u8 = 1;

/// One step in the life of the journal. The variants' order is their number on disk: append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Record {
    /// Opens every segment: everything that earlier segments said about other things than entries.
    Head(Head),
    Entry(Entry),
    Vote(Vote),
    /// Everything up to here is known to be committed.
    Committed(LogPosition),
    /// Every entry after this one was never committed and is gone.
    Truncated(Option<LogPosition>),
    /// Every entry up to this one is in a snapshot and gone.
    Purged(LogPosition),
}

/// What a segment needs to know of the segments before it, which may be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub format: u8,
    pub node: u64,
    pub vote: Option<Vote>,
    pub committed: Option<LogPosition>,
    pub purged: Option<LogPosition>,
    pub last: Option<LogPosition>,
}

/// One entry of the replicated log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub position: LogPosition,
    pub payload: Payload,
}

/// What an entry carries. The variants' order is their number on disk: append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// A new leader's first entry.
    Blank,
    /// A batch for the state machine.
    Batch(Bytes),
    /// Who votes from here on.
    Members(Members),
}

impl Payload {
    /// About how much memory the payload holds.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Batch(batch) => batch.len(),
            Self::Blank | Self::Members(_) => 0,
        }
    }
}

/// The nodes of the quorum: one set of voters, or two while the set changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub voters: Vec<BTreeSet<u64>>,
    pub nodes: BTreeSet<u64>,
}

/// For whom this node voted, and whether that candidate won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub term: u64,
    pub node: u64,
    pub committed: bool,
}

/// Appends the record's bytes to `out`.
pub(crate) fn encode<T: Serialize>(value: &T, out: Vec<u8>) -> Vec<u8> {
    postcard::to_extend(value, out).expect("plain values written to memory always encode")
}

/// Reads a value that must fill `bytes` exactly.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk may only grow. A failure here means that old journals do not read back.
    #[test]
    fn the_format_on_disk_stays() {
        let position = LogPosition {
            term: 2,
            index: 300,
        };
        let vote = Vote {
            term: 2,
            node: 1,
            committed: true,
        };
        let members = Members {
            voters: vec![BTreeSet::from([1, 2])],
            nodes: BTreeSet::from([1, 2, 3]),
        };
        let entry = |payload| Record::Entry(Entry { position, payload });
        let head = Head {
            format: FORMAT,
            node: 1,
            vote: Some(vote),
            committed: None,
            purged: None,
            last: Some(position),
        };
        let golden: [(Record, &[u8]); 8] = [
            (
                Record::Head(head),
                &[0, 1, 1, 1, 2, 1, 1, 0, 0, 1, 2, 172, 2],
            ),
            (entry(Payload::Blank), &[1, 2, 172, 2, 0]),
            (
                entry(Payload::Batch(Bytes::from_static(b"ab"))),
                &[1, 2, 172, 2, 1, 2, b'a', b'b'],
            ),
            (
                entry(Payload::Members(members)),
                &[1, 2, 172, 2, 2, 1, 2, 1, 2, 3, 1, 2, 3],
            ),
            (Record::Vote(vote), &[2, 2, 1, 1]),
            (Record::Committed(position), &[3, 2, 172, 2]),
            (Record::Truncated(None), &[4, 0]),
            (Record::Purged(position), &[5, 2, 172, 2]),
        ];
        for (record, bytes) in golden {
            assert_eq!(encode(&record, Vec::new()), bytes, "{record:?}");
            assert_eq!(decode(bytes), Some(record));
        }
    }

    #[test]
    fn trailing_bytes_are_no_record() {
        assert_eq!(decode::<Record>(&[4, 0, 9]), None);
        assert_eq!(decode::<Record>(&[]), None);
        assert_eq!(decode::<Record>(&[99]), None);
    }
}
