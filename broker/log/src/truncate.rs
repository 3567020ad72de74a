//! Taking back the end of a log that its leader does not have, and starting a log over elsewhere.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_types::{Offset, Timestamp};

use crate::error::{IoContext, LogError, Result};
use crate::files::{FileKind, SegmentFile};
use crate::log::Log;
use crate::segment::Segment;

impl Log {
    /// Cuts off all batches that have `offset` or a larger one. If one begins before it, the log ends
    /// where that one began.
    ///
    /// # Errors
    /// When the disk refuses: the log is offline then. [`LogError::OffsetOutOfRange`] when the log
    /// starts behind `offset`.
    pub fn truncate_to(&mut self, offset: Offset) -> Result<()> {
        self.view.check_online()?;
        let (start, end) = (self.view.start_offset(), self.view.end_offset());
        if offset >= end {
            return Ok(());
        }
        if offset < start {
            return Err(LogError::OffsetOutOfRange { offset, start, end });
        }
        let truncated = self.try_truncate_to(offset);
        if truncated.is_err() {
            self.view.take_offline();
        }
        truncated
    }

    fn try_truncate_to(&mut self, offset: Offset) -> Result<()> {
        let view = Arc::clone(&self.view);
        let list = view.segments.load_full();
        let last = list.index_of(offset).unwrap_or(0);
        let (kept, dropped) = list.segments.split_at(last + 1);
        // Readers must not look beyond the new end, wherever they are.
        view.end.store(offset, Ordering::Release);
        {
            let _flushes_wait = view.recovery_lock.lock();
            self.publish_segments(kept.to_vec(), list.generation + 1);
            view.recovery_point.fetch_min(offset, Ordering::AcqRel);
        }
        for segment in dropped.iter().rev() {
            self.dir().remove_segment(segment.base_offset())?;
        }
        // If they came back after a power loss, there would be a gap before them.
        self.dir().sync()?;
        let active = &kept[last];
        active.truncate_to(offset)?;
        let end = active.extent().next_offset;
        view.end.store(end, Ordering::Release);
        view.recovery_point.fetch_min(end, Ordering::AcqRel);
        view.epochs.lock().truncate_end(end);
        self.active_first_timestamp = active.first_timestamp()?;
        self.load_producers(self.snapshots_on_disk()?, None)
    }

    /// Empties the log; its next offset is `offset`.
    ///
    /// # Errors
    /// When the disk refuses: the log is offline then.
    pub fn truncate_fully_and_start_at(&mut self, offset: Offset, now: Timestamp) -> Result<()> {
        self.view.check_online()?;
        let emptied = self.start_over(offset, now);
        if emptied.is_err() {
            self.view.take_offline();
        }
        emptied
    }

    pub(crate) fn start_over(&mut self, offset: Offset, now: Timestamp) -> Result<()> {
        let view = Arc::clone(&self.view);
        let list = view.segments.load_full();
        self.remove_unrenamed()?;
        for segment in list.segments.iter().rev() {
            self.dir().remove_segment(segment.base_offset())?;
        }
        let first = Arc::new(Segment::create(self.dir(), offset, "")?);
        {
            let _flushes_wait = view.recovery_lock.lock();
            self.publish_segments(vec![first], list.generation + 1);
            view.start.store(offset, Ordering::Release);
            view.end.store(offset, Ordering::Release);
            view.recovery_point.store(offset, Ordering::Release);
        }
        {
            let mut epochs = view.epochs.lock();
            epochs.truncate_end(offset);
            epochs.truncate_start(offset);
        }
        self.active_since = now;
        self.active_first_timestamp = None;
        for snapshot in self.snapshots_on_disk()? {
            self.dir()
                .remove_if_there(&self.dir().file(snapshot, FileKind::Snapshot))?;
        }
        self.load_producers(Vec::new(), None)
    }

    fn snapshots_on_disk(&self) -> Result<Vec<Offset>> {
        let path = self.dir().path();
        let entries = self.dir().disk().list(&path).context("list", &path)?;
        let files = entries
            .iter()
            .filter_map(|entry| SegmentFile::parse(&entry.name));
        let snapshots =
            files.filter(|file| file.kind == FileKind::Snapshot && file.mark.is_empty());
        Ok(snapshots.map(|file| file.offset).collect())
    }
}
