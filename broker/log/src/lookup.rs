//! Answering questions about a log: which offset has a timestamp, which transactions were aborted.

use millrace_records::BatchView;
use millrace_records::{RecordView, Scratch};
use millrace_types::{LeaderEpoch, Offset, Timestamp};

use crate::error::{LogError, Result};
use crate::files::FileKind;
use crate::index::AbortedTxn;
use crate::scan::Located;
use crate::segment::{Segment, TimestampOffset};
use crate::view::LogView;

/// More aborted transactions than that are not listed for one read; it has to be smaller.
pub const MAX_ABORTED_PER_READ: usize = 100_000;

/// A record found by its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundTimestamp {
    pub timestamp: Timestamp,
    pub offset: Offset,
    pub leader_epoch: LeaderEpoch,
}

impl LogView {
    /// The first record with a timestamp of at least `timestamp`. `expansion_limit` is how many bytes
    /// the records of one batch may have when decompressed.
    ///
    /// # Errors
    /// What the disk reports; [`LogError::Corrupt`] when the batch cannot be read.
    pub fn offset_for_timestamp(
        &self,
        timestamp: Timestamp,
        expansion_limit: usize,
    ) -> Result<Option<FoundTimestamp>> {
        let start = self.start_offset();
        let list = self.segments.load_full();
        for segment in &list.segments {
            let extent = segment.extent();
            if extent.next_offset <= start || segment.max_timestamp()?.timestamp < timestamp {
                continue;
            }
            let wanted =
                |record: &RecordView<'_>| record.timestamp >= timestamp && record.offset >= start;
            let mut from = start;
            while let Some(batch) = segment.locate_time(timestamp, from, extent)? {
                let found = find_record(segment, &batch, expansion_limit, wanted)?;
                if found.is_some() {
                    return Ok(found);
                }
                // Only records before the start of the log have the timestamp.
                from = batch.header.next_offset();
            }
        }
        Ok(None)
    }

    /// The first of the records with the largest timestamp.
    ///
    /// # Errors
    /// As [`LogView::offset_for_timestamp`].
    pub fn max_timestamp(&self, expansion_limit: usize) -> Result<Option<FoundTimestamp>> {
        let list = self.segments.load_full();
        let mut largest: Option<TimestampOffset> = None;
        for segment in &list.segments {
            let found = segment.max_timestamp()?;
            if segment.extent().size > 0
                && largest.is_none_or(|max| found.timestamp > max.timestamp)
            {
                largest = Some(found);
            }
        }
        match largest {
            Some(max) => self.offset_for_timestamp(max.timestamp, expansion_limit),
            None => Ok(None),
        }
    }

    /// The aborted transactions that have a record in `from..to`, by first offset: what readers of
    /// committed data have to skip.
    ///
    /// # Errors
    /// What the disk reports.
    pub fn aborted_transactions(&self, from: Offset, to: Offset) -> Result<Vec<AbortedTxn>> {
        let list = self.segments.load_full();
        let first = list.index_of(from).unwrap_or(0);
        let mut found = Vec::new();
        for segment in &list.segments[first..] {
            let is_done = segment.collect_aborted((from, to), &mut found)?;
            if is_done || found.len() >= MAX_ABORTED_PER_READ {
                break;
            }
        }
        found.sort_unstable_by_key(|txn| txn.first_offset);
        Ok(found)
    }
}

/// The first record of a batch that is `wanted`.
fn find_record(
    segment: &Segment,
    batch: &Located,
    expansion_limit: usize,
    wanted: impl Fn(&RecordView<'_>) -> bool,
) -> Result<Option<FoundTimestamp>> {
    let corrupt = |reason| LogError::Corrupt {
        path: segment.path(FileKind::Log),
        position: batch.position,
        reason,
    };
    // The batch is inside of the file, so its size is one that the file has.
    let mut bytes = vec![0; batch.header.size_in_bytes()];
    let read = segment
        .log_file()?
        .read_exact_at(&mut bytes, batch.position);
    read.map_err(|error| segment.scan_error(error.into()))?;
    let view = BatchView::read(&bytes).map_err(|_| corrupt("a batch cannot be read"))?;
    let mut scratch = Scratch::default();
    let records = view.records(&mut scratch, expansion_limit);
    for record in records.map_err(|_| corrupt("the records of a batch cannot be read"))? {
        let record = record.map_err(|_| corrupt("a record is malformed"))?;
        if wanted(&record) {
            return Ok(Some(FoundTimestamp {
                timestamp: record.timestamp,
                offset: record.offset,
                leader_epoch: batch.header.leader_epoch,
            }));
        }
    }
    Ok(None)
}
