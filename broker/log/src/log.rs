//! The exclusive half of a log: the one writer's. It owns what only appends need, and publishes to the
//! [`LogView`] what others may see. Appending, truncating and retention are in files of their own.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_types::{LeaderEpoch, Offset, Timestamp};

use crate::config::LogConfig;
use crate::error::{IoContext, Result};
use crate::files::{FileKind, LogDir, SegmentFile};
use crate::producers::{Producers, encode_snapshot};
use crate::retention::Doomed;
use crate::segment::Segment;
use crate::view::{LogView, SegmentList};

#[derive(Debug)]
pub struct Log {
    pub(crate) view: Arc<LogView>,
    pub(crate) config: Arc<LogConfig>,
    pub(crate) producers: Producers,
    /// Of the newest producer snapshot on disk.
    pub(crate) snapshot_offset: Offset,
    /// When the active segment was created or found.
    pub(crate) active_since: Timestamp,
    /// The largest timestamp of the active segment's first batch.
    pub(crate) active_first_timestamp: Option<Timestamp>,
    pub(crate) doomed: VecDeque<Doomed>,
    /// Whether there is anything that closing has to write or make durable.
    pub(crate) is_touched: bool,
}

impl Log {
    #[must_use]
    pub fn view(&self) -> &Arc<LogView> {
        &self.view
    }

    #[must_use]
    pub fn config(&self) -> &Arc<LogConfig> {
        &self.config
    }

    /// New settings hold from the next append on.
    pub fn set_config(&mut self, config: Arc<LogConfig>) {
        self.config = config;
    }

    #[must_use]
    pub fn producers(&self) -> &Producers {
        &self.producers
    }

    /// Forgets producers that were idle for too long.
    pub fn expire_producers(&mut self, now: Timestamp) {
        self.producers
            .expire(now, self.config.producer_id_expiration_ms);
    }

    /// Notes that the leader of `epoch` begins here, before it has written anything. Until it has,
    /// that is not worth a write: an epoch without records is forgotten when a log is opened.
    pub fn assign_epoch(&mut self, epoch: LeaderEpoch) {
        let start = self.view.end_offset();
        self.view.epochs.lock().assign(epoch, start);
    }

    pub(crate) fn dir(&self) -> &Arc<LogDir> {
        &self.view.dir
    }

    pub(crate) fn active(&self) -> Arc<Segment> {
        Arc::clone(self.view.segments.load().active())
    }

    /// Closes the active segment and starts another at `base_offset`, which is the end of the log or
    /// behind it.
    pub(crate) fn roll_to(&mut self, base_offset: Offset, now: Timestamp) -> Result<()> {
        let active = self.active();
        active.seal()?;
        self.write_snapshot()?;
        let next = Segment::create(self.dir(), base_offset, "").inspect_err(|_| {
            // An empty file left there would end the log at the next start.
            let _ = self
                .dir()
                .remove_if_there(&self.dir().file(base_offset, FileKind::Log));
        });
        let next = Arc::new(next?);
        let list = self.view.segments.load();
        let mut segments = list.segments.clone();
        let is_empty = active.extent().size == 0;
        if is_empty {
            segments.pop();
        }
        segments.push(next);
        self.publish_segments(segments, list.generation);
        self.active_since = now;
        self.active_first_timestamp = None;
        if is_empty && active.base_offset() != base_offset {
            let path = self.dir().file(active.base_offset(), FileKind::Log);
            self.dir().remove_if_there(&path)?;
        }
        Ok(())
    }

    /// Closes the active segment if it has anything, so that compaction and deletion can have it.
    ///
    /// # Errors
    /// When the disk refuses; the active segment is still there.
    pub fn roll(&mut self, now: Timestamp) -> Result<()> {
        self.view.check_online()?;
        if self.active().extent().size == 0 {
            return Ok(());
        }
        self.roll_to(self.view.end_offset(), now)
    }

    pub(crate) fn publish_segments(&mut self, segments: Vec<Arc<Segment>>, generation: u64) {
        self.is_touched = true;
        self.view.dir_is_dirty.store(true, Ordering::Release);
        let list = SegmentList {
            segments,
            generation,
        };
        self.view.segments.store(Arc::new(list));
    }

    /// Writes down the producers as of the end of the log.
    pub(crate) fn write_snapshot(&mut self) -> Result<()> {
        let offset = self.view.end_offset();
        if offset <= self.snapshot_offset {
            return Ok(());
        }
        let name = SegmentFile {
            offset,
            kind: FileKind::Snapshot,
            mark: "",
        };
        let file = self.dir().create(name)?;
        let bytes = encode_snapshot(&self.producers);
        let written = file.write_all_at(&mut [IoSlice::new(&bytes)], 0);
        written.context_at("write", || self.dir().path_of(name))?;
        self.snapshot_offset = offset;
        Ok(())
    }

    /// Makes everything durable and leaves the files as a clean start expects them. Costs nothing when
    /// nothing happened since the last clean start.
    ///
    /// # Errors
    /// When the disk refuses: the log must not count as cleanly closed then.
    pub fn close(mut self) -> Result<()> {
        if !self.complete_files()? {
            return Ok(());
        }
        self.view.flush()?;
        self.active().sync_indexes()?;
        self.view.sync_snapshot(self.snapshot_offset)
    }

    /// Writes what is only in memory. Returns whether there is anything to make durable.
    pub(crate) fn complete_files(&mut self) -> Result<bool> {
        self.view.check_online()?;
        if self.is_touched {
            self.active().seal()?;
            self.write_snapshot()?;
        }
        Ok(self.is_touched)
    }
}
