//! The shared half of a log: what readers, flushers and those who ask for offsets use, while the one
//! writer has the other half. No method waits for the writer's I/O.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use arc_swap::ArcSwap;
use millrace_types::{LeaderEpoch, Offset};
use parking_lot::Mutex;

use crate::disk::DiskFile;
use crate::epochs::EpochCache;
use crate::error::{LogError, Result};
use crate::files::LogDir;
use crate::read::Cursors;
use crate::segment::Segment;
use crate::transactions::OpenTransactions;
use crate::turnstile::Turnstile;

/// What a reader wants.
#[derive(Clone, Copy, Debug)]
pub struct ReadRequest {
    pub from: Offset,
    pub max_bytes: usize,
    /// Nothing at or above this offset is returned: the high watermark or the last stable offset.
    pub upper_bound: Offset,
    /// Return a whole batch even if it is larger than `max_bytes`.
    pub min_one_batch: bool,
}

/// Whole batches in a file, to be sent as they are.
#[derive(Clone, Debug)]
pub struct FileSlice {
    pub file: Arc<dyn DiskFile>,
    pub position: u64,
    pub len: usize,
    /// Where to read on: the batches end before this offset.
    pub next_offset: Offset,
    /// Of the segment that the batches are in.
    pub segment_base: Offset,
}

/// The segments in ascending order; the last one is being written.
#[derive(Debug)]
pub(crate) struct SegmentList {
    pub(crate) segments: Vec<Arc<Segment>>,
    /// Changes whenever positions that somebody remembered may not be valid any more.
    pub(crate) generation: u64,
}

impl SegmentList {
    /// The index of the segment that has `offset`, if it is not before the first.
    pub(crate) fn index_of(&self, offset: Offset) -> Option<usize> {
        let behind = self
            .segments
            .partition_point(|segment| segment.base_offset() <= offset);
        behind.checked_sub(1)
    }

    /// The segment that begins at this offset.
    pub(crate) fn with_base(&self, base_offset: Offset) -> Option<usize> {
        let by_base = |segment: &Arc<Segment>| segment.base_offset();
        let found = self.segments.binary_search_by_key(&base_offset, by_base);
        found.ok()
    }

    pub(crate) fn active(&self) -> &Arc<Segment> {
        self.segments
            .last()
            .expect("a log has at least one segment")
    }
}

#[derive(Debug)]
pub struct LogView {
    pub(crate) dir: Arc<LogDir>,
    pub(crate) segments: ArcSwap<SegmentList>,
    pub(crate) start: AtomicI64,
    pub(crate) end: AtomicI64,
    /// Everything before it survives a power loss.
    pub(crate) recovery_point: AtomicI64,
    pub(crate) flushing: Turnstile,
    /// Held for the moment in which a flush or a truncation moves the recovery point.
    pub(crate) recovery_lock: Mutex<()>,
    /// Files were created since the directory was last synced.
    pub(crate) dir_is_dirty: AtomicBool,
    pub(crate) offline: AtomicBool,
    pub(crate) epochs: Mutex<EpochCache>,
    pub(crate) transactions: OpenTransactions,
    pub(crate) cursors: Cursors,
}

impl LogView {
    pub(crate) fn new(dir: Arc<LogDir>, segments: Vec<Arc<Segment>>, epochs: EpochCache) -> Self {
        let segments = ArcSwap::from_pointee(SegmentList {
            segments,
            generation: 0,
        });
        Self {
            dir,
            segments,
            start: AtomicI64::new(0),
            end: AtomicI64::new(0),
            recovery_point: AtomicI64::new(0),
            flushing: Turnstile::default(),
            recovery_lock: Mutex::new(()),
            dir_is_dirty: AtomicBool::new(false),
            offline: AtomicBool::new(false),
            epochs: Mutex::new(epochs),
            transactions: OpenTransactions::default(),
            cursors: Cursors::default(),
        }
    }

    #[must_use]
    pub fn dir(&self) -> &Arc<LogDir> {
        &self.dir
    }

    /// The first offset that may be read.
    #[must_use]
    pub fn start_offset(&self) -> Offset {
        self.start.load(Ordering::Acquire)
    }

    /// The offset that the next record gets.
    #[must_use]
    pub fn end_offset(&self) -> Offset {
        self.end.load(Ordering::Acquire)
    }

    /// Everything before this offset survives a power loss.
    #[must_use]
    pub fn recovery_point(&self) -> Offset {
        self.recovery_point.load(Ordering::Acquire)
    }

    /// Whether writes are refused since a failure could not be undone.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.offline.load(Ordering::Acquire)
    }

    /// Refuses writes from now on. Reads go on.
    pub fn take_offline(&self) {
        self.offline.store(true, Ordering::Release);
    }

    pub(crate) fn check_online(&self) -> Result<()> {
        if self.is_offline() {
            return Err(LogError::Offline {
                dir: self.dir.path().to_path_buf(),
            });
        }
        Ok(())
    }

    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.load().segments.len()
    }

    /// Where the segment that is being written begins: compaction stays below.
    #[must_use]
    pub fn active_segment_base(&self) -> Offset {
        self.segments.load().active().base_offset()
    }

    /// Bytes of batches in all segments.
    #[must_use]
    pub fn size_in_bytes(&self) -> u64 {
        let list = self.segments.load();
        list.segments
            .iter()
            .map(|segment| segment.extent().size)
            .sum()
    }

    /// The epoch of the newest records, or of the leader that was announced since.
    #[must_use]
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.lock().latest().map(|entry| entry.epoch)
    }

    /// The epoch of the record at `offset`.
    #[must_use]
    pub fn epoch_at(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.epochs.lock().epoch_at(offset)
    }

    /// The largest epoch that is at most `epoch`, and the offset where it ends.
    #[must_use]
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        let epochs = self.epochs.lock();
        epochs.end_of(epoch, self.end_offset())
    }

    /// The offset up to which readers of committed data may read, for a log whose high watermark is
    /// `high_watermark`.
    #[must_use]
    pub fn last_stable_offset(&self, high_watermark: Offset) -> Offset {
        self.transactions.last_stable_offset(high_watermark)
    }
}
