//! The journal as the Raft library wants to see its log.

use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};

use openraft::storage::{IOFlushed, RaftLogStorage};
use openraft::{LogState, OptionalSend, RaftLogReader};

use crate::journal::Journal;
use crate::journal::record::Record;
use crate::raft::types::{
    LogId, RaftEntry, RaftVote, TypeConfig, from_entry, from_log_id, from_vote, to_entry,
    to_log_id, to_vote,
};

/// How many bytes of batches go to a follower at once. The largest batch is sent alone.
const REPLICATION_BYTES: usize = 1 << 20;

/// Reads and writes the journal. Clones share it.
#[derive(Clone)]
pub(crate) struct LogStore {
    journal: Journal,
}

impl LogStore {
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal }
    }

    async fn read(&self, from: u64, to: u64, max_bytes: usize) -> io::Result<Vec<RaftEntry>> {
        let entries = self.journal.read(from..to, max_bytes).await?;
        let entries: Option<Vec<RaftEntry>> = entries.into_iter().map(to_entry).collect();
        entries.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "impossible members"))
    }
}

impl RaftLogReader<TypeConfig> for LogStore {
    async fn try_get_log_entries<R>(&mut self, range: R) -> io::Result<Vec<RaftEntry>>
    where
        R: RangeBounds<u64> + Clone + Debug + OptionalSend,
    {
        let from = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let to = match range.end_bound() {
            Bound::Included(end) => end.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.read(from, to, usize::MAX).await
    }

    async fn read_vote(&mut self) -> io::Result<Option<RaftVote>> {
        Ok(self.journal.state().vote.map(to_vote))
    }

    async fn limited_get_log_entries(&mut self, from: u64, to: u64) -> io::Result<Vec<RaftEntry>> {
        self.read(from, to, REPLICATION_BYTES).await
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> io::Result<LogState<TypeConfig>> {
        let state = self.journal.state();
        Ok(LogState {
            last_purged_log_id: state.purged.map(to_log_id),
            last_log_id: state.last.map(to_log_id),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &RaftVote) -> io::Result<()> {
        self.journal
            .write(vec![Record::Vote(from_vote(vote))])
            .await
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> io::Result<()> {
        if let Some(id) = committed {
            self.journal.note_committed(from_log_id(&id));
        }
        Ok(())
    }

    async fn read_committed(&mut self) -> io::Result<Option<LogId>> {
        Ok(self.journal.committed().map(to_log_id))
    }

    async fn append<I>(&mut self, entries: I, callback: IOFlushed<TypeConfig>) -> io::Result<()>
    where
        I: IntoIterator<Item = RaftEntry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let records = entries.into_iter().map(from_entry).map(Record::Entry);
        let done = Box::new(|result| callback.io_completed(result));
        self.journal.submit(records.collect(), done);
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> io::Result<()> {
        let last = last.as_ref().map(from_log_id);
        self.journal.write(vec![Record::Truncated(last)]).await
    }

    async fn purge(&mut self, id: LogId) -> io::Result<()> {
        self.journal
            .write(vec![Record::Purged(from_log_id(&id))])
            .await
    }
}
