//! Deleting the beginning of a log: segments that are too old or too much, and those before its start.
//! Deleted files linger under another name for readers that are still sending them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_types::{Moment, Offset, SteadyMs, Timestamp};

use crate::error::{LogError, Result};
use crate::files::{DELETED, FileKind, LogDir, SegmentFile};
use crate::log::Log;
use crate::segment::Segment;

/// Why a segment was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionReason {
    /// `retention.ms`
    Age,
    /// `retention.bytes`
    Size,
    /// All of it is before the start of the log.
    BeforeStart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedSegment {
    pub base_offset: Offset,
    pub bytes: u64,
    pub reason: DeletionReason,
}

/// Files that wait for their removal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doomed {
    base_offset: Offset,
    due: SteadyMs,
    /// Whether their names say that they are deleted.
    is_renamed: bool,
}

impl Log {
    /// Moves the start of the log forward. The caller sees to it that `offset` is not behind the high
    /// watermark, and notes the new start in the checkpoint.
    ///
    /// # Errors
    /// [`LogError::OffsetOutOfRange`] when the log ends before `offset`.
    pub fn delete_records(&mut self, offset: Offset) -> Result<()> {
        let (start, end) = (self.view.start_offset(), self.view.end_offset());
        if offset > end {
            return Err(LogError::OffsetOutOfRange { offset, start, end });
        }
        self.move_start(offset);
        Ok(())
    }

    fn move_start(&self, offset: Offset) {
        if offset > self.view.start_offset() {
            self.view.start.store(offset, Ordering::Release);
            self.view.epochs.lock().truncate_start(offset);
        }
    }

    /// Deletes the segments that the configuration does not want to keep any more and that end at or
    /// before the high watermark, and removes files that were deleted long enough ago.
    ///
    /// # Errors
    /// When the disk refuses. Segments are gone from the log then, but their files may be left.
    pub fn apply_retention(
        &mut self,
        high_watermark: Offset,
        now: Moment,
    ) -> Result<Vec<DeletedSegment>> {
        self.view.check_online()?;
        self.rename_doomed()?;
        self.remove_deleted_files(now.steady)?;
        let mut deleted = self.deletable(high_watermark, now.wall)?;
        let list = self.view.segments.load_full();
        if deleted.len() == list.segments.len() {
            if list.active().extent().size > 0 {
                self.roll(now.wall)?;
            } else {
                // Nothing is gained by replacing one empty segment with another.
                deleted.pop();
            }
        }
        if deleted.is_empty() {
            return Ok(deleted);
        }
        let list = self.view.segments.load_full();
        let (gone, kept) = list.segments.split_at(deleted.len());
        self.move_start(kept[0].base_offset());
        self.publish_segments(kept.to_vec(), list.generation);
        self.doom(gone, now.steady)?;
        Ok(deleted)
    }

    /// The segments at the beginning of the log that are not wanted any more.
    fn deletable(&self, high_watermark: Offset, now: Timestamp) -> Result<Vec<DeletedSegment>> {
        let config = &self.config;
        let list = self.view.segments.load_full();
        let mut excess = match u64::try_from(config.retention_bytes) {
            Ok(limit) if config.delete => self.view.size_in_bytes().saturating_sub(limit),
            _ => 0,
        };
        let mut deletable = Vec::new();
        for (index, segment) in list.segments.iter().enumerate() {
            let extent = segment.extent();
            let is_active = index + 1 == list.segments.len();
            if extent.next_offset > high_watermark {
                break;
            }
            let reason = if !is_active && extent.next_offset <= self.view.start_offset() {
                DeletionReason::BeforeStart
            } else if config.delete && self.is_too_old(segment, now)? {
                DeletionReason::Age
            } else if !is_active && extent.size > 0 && excess >= extent.size {
                DeletionReason::Size
            } else {
                break;
            };
            excess = excess.saturating_sub(extent.size);
            let (base_offset, bytes) = (segment.base_offset(), extent.size);
            deletable.push(DeletedSegment {
                base_offset,
                bytes,
                reason,
            });
        }
        Ok(deletable)
    }

    fn is_too_old(&self, segment: &Segment, now: Timestamp) -> Result<bool> {
        let retention_ms = self.config.retention_ms;
        if retention_ms < 0 {
            return Ok(false);
        }
        let newest = segment.max_timestamp()?.timestamp;
        // Without any timestamp, nobody can say how old it is.
        Ok(newest >= 0 && now.saturating_sub(newest) > retention_ms)
    }

    /// Renames the files of segments that are not in the list any more, to be removed later.
    pub(crate) fn doom(&mut self, gone: &[Arc<Segment>], now: SteadyMs) -> Result<()> {
        let due = now.saturating_add(self.config.file_delete_delay_ms);
        for segment in gone {
            let base_offset = segment.base_offset();
            self.doomed.push_back(Doomed {
                base_offset,
                due,
                is_renamed: false,
            });
        }
        self.rename_doomed()
    }

    /// In the order of the segments, so that those that are left have no gap between them.
    fn rename_doomed(&mut self) -> Result<()> {
        let dir = Arc::clone(self.dir());
        for doomed in self.doomed.iter_mut().filter(|doomed| !doomed.is_renamed) {
            for kind in FileKind::ALL {
                let name = SegmentFile {
                    offset: doomed.base_offset,
                    kind,
                    mark: "",
                };
                let marked = dir.path_of(SegmentFile {
                    mark: DELETED,
                    ..name
                });
                dir.rename_if_there(&dir.path_of(name), &marked)?;
            }
            doomed.is_renamed = true;
        }
        Ok(())
    }

    /// Forgets the segments whose files still have their names, which others are about to take.
    pub(crate) fn remove_unrenamed(&mut self) -> Result<()> {
        let dir = Arc::clone(self.dir());
        for doomed in self.doomed.iter().filter(|doomed| !doomed.is_renamed) {
            dir.remove_segment(doomed.base_offset)?;
        }
        self.doomed.retain(|doomed| doomed.is_renamed);
        Ok(())
    }

    /// Removes the files that were deleted long enough ago.
    ///
    /// # Errors
    /// When the disk refuses; it is tried again the next time.
    pub fn remove_deleted_files(&mut self, now: SteadyMs) -> Result<()> {
        while let Some(doomed) = self
            .doomed
            .front()
            .filter(|doomed| doomed.is_renamed && doomed.due <= now)
        {
            remove_marked(self.dir(), doomed.base_offset)?;
            self.doomed.pop_front();
        }
        Ok(())
    }
}

fn remove_marked(dir: &LogDir, offset: Offset) -> Result<()> {
    for kind in FileKind::ALL {
        dir.remove_if_there(&dir.path_of(SegmentFile {
            offset,
            kind,
            mark: DELETED,
        }))?;
    }
    Ok(())
}
