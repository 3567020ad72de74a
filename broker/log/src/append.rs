//! Appending: checks against the producers' state, assigns offsets, and writes many batches at once.
//! A failed write leaves the log as it was.

use std::io::IoSlice;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use millrace_records::batch::HEADER_BYTES;
use millrace_records::{BatchHeader, EndTxnMarker};
use millrace_types::{LeaderEpoch, Offset, Timestamp};

use crate::control::end_marker;
use crate::error::{LogError, Result};
use crate::index::AbortedTxn;
use crate::log::Log;
use crate::producers::{CompletedTxn, Origin, ProducerError};
use crate::segment::Segment;

/// Batches written by one call to the disk: two slices each, and the kernel takes 1024.
const MAX_BATCHES_PER_WRITE: usize = 512;
/// Indexes count offsets from the segment's base in 31 bits.
const MAX_RELATIVE_OFFSET: Offset = i32::MAX as Offset;

/// A batch whose checksum and structure were checked.
#[derive(Clone, Debug)]
pub struct AppendBatch {
    /// As it is to be written, apart from base offset and leader epoch when the log assigns them.
    pub header: BatchHeader,
    /// The batch as it came. Only what is behind the header is written from here.
    pub bytes: Bytes,
    /// Of no interest to a follower: its leader has checked.
    pub origin: Origin,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    Appended {
        base_offset: Offset,
    },
    /// It was appended before, there and with that largest timestamp.
    Duplicate {
        base_offset: Offset,
        timestamp: Timestamp,
    },
    Refused(ProducerError),
    /// It is larger than a segment may be: `RECORD_LIST_TOO_LARGE`.
    TooLarge,
}

/// Who says which offsets the batches have.
#[derive(Clone, Copy, Debug)]
enum Offsets {
    Assign(LeaderEpoch),
    Keep,
}

/// Batches of one write to one segment.
#[derive(Default)]
struct Chunk {
    headers: Vec<BatchHeader>,
    /// Where in the caller's list each of them is.
    sources: Vec<usize>,
    bytes: u64,
    completed: Vec<CompletedTxn>,
}

impl Log {
    /// Appends what the leader of `epoch` received, and adds what became of each batch to `outcomes`.
    ///
    /// # Errors
    /// When the disk refuses. `outcomes` then has the batches up to there, which are in the log; the
    /// others are not, as if they had not been given.
    pub fn append(
        &mut self,
        batches: &[AppendBatch],
        epoch: LeaderEpoch,
        now: Timestamp,
        outcomes: &mut Vec<AppendOutcome>,
    ) -> Result<()> {
        self.append_all(batches, Offsets::Assign(epoch), now, outcomes)
    }

    /// Appends what was fetched from the leader, with the leader's offsets and epochs.
    ///
    /// # Errors
    /// [`LogError::NotContiguous`] when a batch begins before the end of the log; when the disk
    /// refuses. The batches before that are in the log.
    pub fn append_as_follower(&mut self, batches: &[AppendBatch], now: Timestamp) -> Result<()> {
        let mut outcomes = Vec::with_capacity(batches.len());
        self.append_all(batches, Offsets::Keep, now, &mut outcomes)
    }

    fn append_all(
        &mut self,
        batches: &[AppendBatch],
        offsets: Offsets,
        now: Timestamp,
        outcomes: &mut Vec<AppendOutcome>,
    ) -> Result<()> {
        self.view.check_online()?;
        let mut rest = batches;
        while !rest.is_empty() {
            let decided = outcomes.len();
            let result = self.append_some(rest, offsets, now, outcomes);
            if let Err(error) = result {
                self.producers.roll_back();
                outcomes.truncate(decided);
                return Err(error);
            }
            rest = &rest[outcomes.len() - decided..];
        }
        Ok(())
    }

    /// Decides at least one batch; appends as many as fit into one segment and one write.
    fn append_some(
        &mut self,
        batches: &[AppendBatch],
        offsets: Offsets,
        now: Timestamp,
        outcomes: &mut Vec<AppendOutcome>,
    ) -> Result<()> {
        self.producers.begin();
        let mut chunk = Chunk::default();
        let mut active = self.active();
        let mut next_offset = self.view.end_offset();
        for (source, batch) in batches.iter().enumerate().take(MAX_BATCHES_PER_WRITE) {
            let marker = marker_of(batch);
            debug_assert_eq!(batch.header.size_in_bytes(), batch.bytes.len());
            if let Offsets::Assign(_) = offsets
                && let Some(outcome) = self.refuse(batch, marker)
            {
                outcomes.push(outcome);
                continue;
            }
            let header = match placed(batch.header, offsets, next_offset) {
                // What comes before it is written; then it comes first.
                Err(_) if !chunk.headers.is_empty() => break,
                header => header?,
            };
            if self.must_roll(&active, chunk.bytes, &header, now) {
                if !chunk.headers.is_empty() {
                    break;
                }
                self.roll_to(base_of_next(&header, next_offset), now)?;
                active = self.active();
            }
            if chunk.headers.is_empty() && self.active_first_timestamp.is_none() {
                self.active_first_timestamp = Some(header.max_timestamp);
            }
            chunk.completed.extend(self.note_producer(&header, marker));
            outcomes.push(AppendOutcome::Appended {
                base_offset: header.base_offset,
            });
            next_offset = header.next_offset();
            chunk.bytes += header.size_in_bytes() as u64;
            chunk.headers.push(header);
            chunk.sources.push(source);
        }
        if !chunk.headers.is_empty() {
            self.write(&active, &chunk, batches)?;
        }
        self.producers.commit();
        Ok(())
    }

    /// What becomes of a batch that is not to be written.
    fn refuse(&self, batch: &AppendBatch, marker: Option<EndTxnMarker>) -> Option<AppendOutcome> {
        let header = &batch.header;
        if header.size_in_bytes() as u64 > u64::from(self.config.segment_bytes) {
            return Some(AppendOutcome::TooLarge);
        }
        if !header.has_producer_id() {
            return None;
        }
        let checked = match marker {
            Some(marker) => self.producers.check_marker(header, marker),
            None if batch.origin == Origin::Client => {
                if let Some(known) = self.producers.duplicate_of(header) {
                    let (base_offset, timestamp) = (known.first_offset(), known.timestamp);
                    return Some(AppendOutcome::Duplicate {
                        base_offset,
                        timestamp,
                    });
                }
                self.producers.check(header, batch.origin)
            }
            None => self.producers.check(header, batch.origin),
        };
        checked.err().map(AppendOutcome::Refused)
    }

    /// Whether `header` belongs into a new segment, when `pending` bytes go before it.
    fn must_roll(
        &self,
        active: &Segment,
        pending: u64,
        header: &BatchHeader,
        now: Timestamp,
    ) -> bool {
        let config = &self.config;
        if header.last_offset() - active.base_offset() > MAX_RELATIVE_OFFSET {
            return true;
        }
        let size = active.extent().size + pending;
        let limit = u64::from(config.segment_bytes).min(MAX_RELATIVE_OFFSET.unsigned_abs());
        if size == 0 {
            return false;
        }
        size + header.size_in_bytes() as u64 > limit
            || self.is_overdue(active.base_offset(), header.max_timestamp, now)
            || active.indexes_are_full(config.segment_index_bytes)
    }

    /// Whether the active segment is older than it may be: by the clock of its records if they have
    /// timestamps, so that a replayed log rolls as the original did.
    fn is_overdue(&self, base_offset: Offset, timestamp: Timestamp, now: Timestamp) -> bool {
        let age = match self.active_first_timestamp {
            Some(first) if first >= 0 && timestamp >= 0 => timestamp.saturating_sub(first),
            _ => now.saturating_sub(self.active_since),
        };
        let config = &self.config;
        age > config.segment_ms
            - jitter(base_offset, config.segment_jitter_ms.min(config.segment_ms))
    }

    /// Notes a batch that is about to be written.
    pub(crate) fn note_producer(
        &mut self,
        header: &BatchHeader,
        marker: Option<EndTxnMarker>,
    ) -> Option<CompletedTxn> {
        if !header.has_producer_id() {
            return None;
        }
        match marker {
            Some(marker) => self.producers.apply_marker(header, marker),
            None if header.attributes.is_control() => None,
            None => {
                self.producers.apply(header);
                None
            }
        }
    }

    fn write(
        &mut self,
        active: &Arc<Segment>,
        chunk: &Chunk,
        batches: &[AppendBatch],
    ) -> Result<()> {
        self.is_touched = true;
        active.spill_indexes_if_many()?;
        let heads: Vec<[u8; HEADER_BYTES]> =
            chunk.headers.iter().map(BatchHeader::to_bytes).collect();
        let mut slices = Vec::with_capacity(2 * heads.len());
        for (head, &source) in heads.iter().zip(&chunk.sources) {
            slices.push(IoSlice::new(head));
            slices.push(IoSlice::new(&batches[source].bytes[HEADER_BYTES..]));
        }
        let aborted = chunk
            .completed
            .iter()
            .filter(|txn| !txn.committed)
            .map(AbortedTxn::from);
        let written = active
            .write(&mut slices)
            .and_then(|()| active.write_aborted(aborted));
        if let Err(error) = written {
            let undone = active.unwrite().and_then(|()| match chunk.completed[..] {
                [] => Ok(()),
                _ => active.unwrite_aborted(),
            });
            if undone.is_err() {
                self.view.take_offline();
            }
            return Err(error);
        }
        self.publish(active, chunk);
        Ok(())
    }

    /// Shows everybody what was written. The end of the log comes last: who sees it sees the rest.
    fn publish(&self, active: &Segment, chunk: &Chunk) {
        active.publish(
            chunk.headers.iter().copied(),
            self.config.index_interval_bytes,
        );
        let view = &self.view;
        let mut epochs = view.epochs.lock();
        for header in &chunk.headers {
            epochs.assign(header.leader_epoch, header.base_offset);
        }
        drop(epochs);
        let completed = chunk
            .completed
            .iter()
            .map(|txn| (txn.first_offset, txn.last_offset));
        view.transactions
            .update(completed, self.producers.first_undecided());
        view.end
            .store(active.extent().next_offset, Ordering::Release);
    }
}

/// Segments follow each other without a gap, so that a recovery can tell when one lost its end. Only
/// a batch too far from the end of the log begins a segment of its own.
fn base_of_next(header: &BatchHeader, end: Offset) -> Offset {
    if header.last_offset() - end > MAX_RELATIVE_OFFSET {
        header.base_offset
    } else {
        end
    }
}

fn marker_of(batch: &AppendBatch) -> Option<EndTxnMarker> {
    let is_control = batch.header.attributes.is_control();
    if is_control {
        end_marker(&batch.bytes)
    } else {
        None
    }
}

/// The header with the offset and epoch under which it is written.
fn placed(header: BatchHeader, offsets: Offsets, end: Offset) -> Result<BatchHeader> {
    match offsets {
        Offsets::Assign(leader_epoch) => Ok(BatchHeader {
            base_offset: end,
            leader_epoch,
            ..header
        }),
        Offsets::Keep if header.base_offset < end => Err(LogError::NotContiguous {
            found: header.base_offset,
            end,
        }),
        Offsets::Keep => Ok(header),
    }
}

/// Between 0 and `max`, another for each segment, the same each time.
fn jitter(base_offset: Offset, max: i64) -> i64 {
    // The multiplier of Fibonacci hashing: it scatters neighbours over all 64 bits.
    let hash = base_offset
        .unsigned_abs()
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    match u64::try_from(max) {
        Ok(max) if max > 0 => i64::try_from((hash >> 1) % max).unwrap_or(0),
        _ => 0,
    }
}
