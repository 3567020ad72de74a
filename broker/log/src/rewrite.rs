//! Replacing segments by a shorter version of themselves: what compaction needs. The new segment is
//! written beside the log and then swapped in, so that after a crash the log has either the old
//! segments or the new one.

use std::io::IoSlice;
use std::sync::Arc;

use millrace_records::{BatchError, BatchView};
use millrace_types::{Offset, SteadyMs};

use crate::error::{IoContext, LogError, Result};
use crate::files::{CLEANED, FileKind, LogDir, SWAP, SegmentFile};
use crate::index::AbortedTxn;
use crate::log::Log;
use crate::scan::reason;
use crate::segment::{Extent, Segment, TimestampOffset};
use crate::view::LogView;

/// A segment as those see it who decide what to rewrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentInfo {
    pub base_offset: Offset,
    /// No batch of the segment has this offset or a larger one.
    pub next_offset: Offset,
    pub bytes: u64,
    pub max_timestamp: TimestampOffset,
    /// Whether appends still go here: such a segment is not rewritten.
    pub is_active: bool,
}

impl LogView {
    /// All segments in ascending order.
    ///
    /// # Errors
    /// What the disk reports.
    pub fn segment_infos(&self) -> Result<Vec<SegmentInfo>> {
        let list = self.segments.load_full();
        let info = |segment: &Arc<Segment>| {
            let Extent { size, next_offset } = segment.extent();
            Ok(SegmentInfo {
                base_offset: segment.base_offset(),
                next_offset,
                bytes: size,
                max_timestamp: segment.max_timestamp()?,
                is_active: Arc::ptr_eq(segment, list.active()),
            })
        };
        list.segments.iter().map(info).collect()
    }
}

/// A segment that is written beside the log. Its last batch ends where the last of its sources does,
/// emptied of its records if need be: a recovery takes a gap for a loss. Dropped without [`Log::replace_segments`], its files
/// stay until the log is opened again.
#[derive(Debug)]
pub struct SegmentRewrite {
    segment: Segment,
    index_interval_bytes: u32,
}

impl SegmentRewrite {
    /// Begins a replacement for the segments from the one at `base_offset` on.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(
        dir: &Arc<LogDir>,
        base_offset: Offset,
        index_interval_bytes: u32,
    ) -> Result<Self> {
        let segment = Segment::create(dir, base_offset, CLEANED)?;
        Ok(Self {
            segment,
            index_interval_bytes,
        })
    }

    /// Bytes written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segment.extent().size
    }

    /// Whether a batch that ends at `last_offset` can be in this segment.
    #[must_use]
    pub fn has_room_for(&self, last_offset: Offset) -> bool {
        last_offset - self.segment.base_offset() <= Offset::from(i32::MAX)
    }

    /// Appends one whole batch with the offsets it has.
    ///
    /// # Errors
    /// When the disk refuses, or the bytes are not a batch behind the last one.
    pub fn append(&mut self, batch: &[u8]) -> Result<()> {
        let path = || self.segment.path(FileKind::Log);
        let extent = self.segment.extent();
        let corrupt = |reason| LogError::Corrupt {
            path: path(),
            position: extent.size,
            reason,
        };
        let view = BatchView::read(batch).map_err(|error: BatchError| corrupt(reason(error)))?;
        let header = *view.header();
        if header.base_offset < extent.next_offset || !self.has_room_for(header.last_offset()) {
            return Err(corrupt("a batch does not belong here"));
        }
        self.segment.spill_indexes_if_many()?;
        self.segment.write(&mut [IoSlice::new(view.bytes())])?;
        self.segment
            .publish(std::iter::once(header), self.index_interval_bytes);
        Ok(())
    }

    /// Notes an aborted transaction of which records are left, in the order of the markers.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append_aborted(&mut self, txn: AbortedTxn) -> Result<()> {
        self.segment.write_aborted(std::iter::once(txn))
    }
}

impl Log {
    /// Puts `rewrite` into the place of the segments with these base offsets, which follow each other
    /// and are not being written. Readers that have the old ones go on with them.
    ///
    /// # Errors
    /// When the disk refuses. Before the swap has begun, the log is as it was; from then on it is
    /// offline, and complete when it is opened again. [`LogError::OffsetOutOfRange`] when the old
    /// segments are not in the log any more, or end elsewhere.
    pub fn replace_segments(
        &mut self,
        old: &[Offset],
        rewrite: SegmentRewrite,
        now: SteadyMs,
    ) -> Result<()> {
        self.view.check_online()?;
        let list = self.view.segments.load_full();
        let first = list
            .segments
            .iter()
            .position(|segment| Some(&segment.base_offset()) == old.first());
        let sealed = list.segments.len() - 1;
        let range = first.map(|first| first..first + old.len());
        let Some(range) = range.filter(|range| range.end <= sealed && !range.is_empty()) else {
            return Err(self.not_replaceable(old));
        };
        let replaced = &list.segments[range.clone()];
        let is_same = replaced
            .iter()
            .map(|segment| segment.base_offset())
            .eq(old.iter().copied());
        let end = rewrite.segment.extent().next_offset;
        let last = replaced.last().expect("the range is not empty");
        let ends_alike = last.end_of_batches()? == end;
        if !is_same || !ends_alike || rewrite.segment.base_offset() != old[0] {
            return Err(self.not_replaceable(old));
        }
        let swap = rewrite.prepare(replaced)?;
        let mut segments = list.segments.clone();
        let swapped = self.swap(swap, replaced, now);
        match swapped {
            Ok(segment) => {
                segments.splice(range, [Arc::new(segment)]);
                self.publish_segments(segments, list.generation + 1);
                Ok(())
            }
            Err(error) => {
                self.view.take_offline();
                Err(error)
            }
        }
    }

    fn not_replaceable(&self, old: &[Offset]) -> LogError {
        let (start, end) = (self.view.start_offset(), self.view.active_segment_base());
        LogError::OffsetOutOfRange {
            offset: old.first().copied().unwrap_or(-1),
            start,
            end,
        }
    }

    /// From the first rename on, opening the log again completes the swap.
    fn swap(&mut self, new: Extent, old: &[Arc<Segment>], now: SteadyMs) -> Result<Segment> {
        let dir = Arc::clone(self.dir());
        let base_offset = old[0].base_offset();
        rename_all(&dir, base_offset, CLEANED, SWAP)?;
        dir.sync()?;
        // The first one's files are replaced.
        self.doom(&old[1..], now)?;
        rename_all(&dir, base_offset, SWAP, "")?;
        let segment = Segment::found(&dir, base_offset, new);
        segment.mark_synced(true);
        Ok(segment)
    }
}

impl SegmentRewrite {
    /// Makes the new segment durable, and the old ones readable without their names.
    fn prepare(self, old: &[Arc<Segment>]) -> Result<Extent> {
        let segment = &self.segment;
        segment.seal()?;
        segment.ensure_file(FileKind::TxnIndex)?;
        segment.sync_log()?;
        segment.sync_indexes()?;
        for segment in old {
            segment.log_file()?;
            if segment.open_file(FileKind::OffsetIndex)?.is_some() {
                segment.offset_index_file()?;
            }
            drop(segment.indexes()?);
        }
        Ok(segment.extent())
    }
}

/// Renames a segment's files. The log goes last: where it has its new name, all others have theirs.
fn rename_all(dir: &LogDir, offset: Offset, from: &str, to: &str) -> Result<()> {
    for kind in [
        FileKind::TxnIndex,
        FileKind::TimeIndex,
        FileKind::OffsetIndex,
        FileKind::Log,
    ] {
        let path = dir.path_of(SegmentFile {
            offset,
            kind,
            mark: from,
        });
        let renamed = dir.disk().rename(
            &path,
            &dir.path_of(SegmentFile {
                offset,
                kind,
                mark: to,
            }),
        );
        renamed.context("rename", &path)?;
    }
    Ok(())
}
