//! Making appended batches durable, by any thread, while the writer goes on. One flush covers
//! everything that was appended before it began.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_types::Offset;

use crate::checkpoint::write_epochs;
use crate::disk::{Replace, replace_file, replace_file_unsynced};
use crate::error::{IoContext, Result};
use crate::files::{FileKind, LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA, SegmentFile};
use crate::view::{LogView, SegmentList};

impl LogView {
    /// Makes durable what is in the log now, and returns the offset up to which that holds. One thread
    /// flushes at a time; the others wait for it, and often find their work done.
    ///
    /// # Errors
    /// When the disk refuses. Nobody knows what is durable then, so the log goes offline.
    pub fn flush(&self) -> Result<Offset> {
        let target = self.end_offset();
        self.flushing.in_turn(|| {
            let is_dirty = self.dir_is_dirty.load(Ordering::Acquire);
            if self.recovery_point() >= target && !is_dirty {
                return Ok(self.recovery_point());
            }
            self.check_online()?;
            // What was appended while this thread waited is flushed with the rest.
            let target = self.end_offset();
            let list = self.segments.load_full();
            let flushed = self.sync(&list);
            if flushed.is_err() {
                self.take_offline();
            }
            flushed.map(|()| self.move_recovery_point(target, list.generation))
        })
    }

    /// Writes down what only flushes do, for one sync of the whole volume to make durable.
    pub(crate) fn complete_files(&self) -> Result<()> {
        self.flushing
            .in_turn(|| self.write_epochs(replace_file_unsynced))
    }

    fn sync(&self, list: &SegmentList) -> Result<()> {
        let active = list.active();
        for segment in list.segments.iter().rev() {
            if segment.is_synced() {
                break;
            }
            segment.sync_log()?;
            if !Arc::ptr_eq(segment, active) {
                segment.sync_indexes()?;
                self.sync_snapshot(segment.extent().next_offset)?;
                segment.mark_synced(true);
            }
        }
        self.write_epochs(replace_file)?;
        if self.dir_is_dirty.swap(false, Ordering::AcqRel) {
            self.sync_names()?;
        }
        Ok(())
    }

    /// Makes it durable that the directory and its files exist, and whose it is.
    fn sync_names(&self) -> Result<()> {
        let (disk, path) = (self.dir.disk(), self.dir.path());
        let metadata = path.join(PARTITION_METADATA);
        match disk.open(&metadata) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            file => file
                .and_then(|file| file.sync_data())
                .context("sync", &metadata)?,
        }
        self.dir.sync()?;
        match path.parent() {
            Some(parent) => disk.sync_dir(parent).context("sync", parent),
            None => Ok(()),
        }
    }

    /// Notes that all that was written is durable, as after a sync of the whole volume.
    pub(crate) fn mark_durable(&self) {
        let (target, list) = (self.end_offset(), self.segments.load_full());
        self.move_recovery_point(target, list.generation);
    }

    /// Makes the producer snapshot as of `offset` durable, if there is one.
    pub(crate) fn sync_snapshot(&self, offset: Offset) -> Result<()> {
        let name = SegmentFile {
            offset,
            kind: FileKind::Snapshot,
            mark: "",
        };
        match self.dir.open_if_there(name)? {
            Some(file) => file
                .sync_data()
                .context_at("sync", || self.dir.path_of(name)),
            None => Ok(()),
        }
    }

    /// Writes down the leader epochs if there are new ones.
    fn write_epochs(&self, replace: Replace) -> Result<()> {
        let Some((entries, changes)) = self.epochs.lock().unwritten() else {
            return Ok(());
        };
        let path = self.dir.path().join(LEADER_EPOCH_CHECKPOINT);
        write_epochs(&**self.dir.disk(), &path, &entries, replace)?;
        self.epochs.lock().mark_written(changes);
        Ok(())
    }

    /// Moves the recovery point forward, unless the log was truncated since `generation`: what was
    /// flushed may not be what is there now.
    fn move_recovery_point(&self, target: Offset, generation: u64) -> Offset {
        let _truncations_wait = self.recovery_lock.lock();
        if self.segments.load().generation == generation {
            self.recovery_point.fetch_max(target, Ordering::AcqRel);
        }
        self.recovery_point()
    }
}
