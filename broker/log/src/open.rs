//! Opening a log: taking over the files of a clean shutdown as they are, or recovering from a crash.
//! Says what it had to throw away; whoever opens logs it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_types::{Offset, Timestamp};

use crate::checkpoint::read_epochs;
use crate::config::LogConfig;
use crate::disk::read_file;
use crate::epochs::EpochCache;
use crate::error::{IoContext, LogError, Result};
use crate::files::{FileKind, LEADER_EPOCH_CHECKPOINT, LogDir};
use crate::leftovers::{Found, tidy_up};
use crate::log::Log;
use crate::producers::{Producers, decode_snapshot};
use crate::recovery::{Cut, recover_segment, replay_producers};
use crate::segment::{Extent, Segment};
use crate::view::LogView;

/// A snapshot of many millions of producers is not ours.
const MAX_SNAPSHOT_BYTES: u64 = 1 << 30;

/// What is known about a log before its files are looked at.
#[derive(Clone, Debug)]
pub struct OpenLog {
    pub config: Arc<LogConfig>,
    /// From the checkpoint; `None` when there is none.
    pub start_offset: Option<Offset>,
    /// From the checkpoint; everything before it is known to be whole.
    pub recovery_point: Offset,
    /// Whether the broker closed all its logs when it stopped.
    pub was_clean: bool,
    pub now: Timestamp,
}

impl OpenLog {
    /// A log of which nothing is known.
    #[must_use]
    pub fn new(config: Arc<LogConfig>, now: Timestamp) -> Self {
        Self {
            config,
            start_offset: None,
            recovery_point: 0,
            was_clean: false,
            now,
        }
    }
}

/// What a recovery threw away. Empty after a clean shutdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The first segment that was checked, by base offset; those behind it were, too.
    pub first_segment: Option<Offset>,
    pub scanned_bytes: u64,
    /// Bytes behind the last good batch, and what was wrong with the first of them.
    pub cut: Option<Cut>,
    /// Segments behind the cut, by base offset.
    pub dropped_segments: Vec<Offset>,
    /// The leader epochs were unreadable, so that all batches were looked at to find them.
    pub rebuilt_epochs: bool,
    /// The whole log ended before its start offset and was emptied.
    pub emptied: bool,
}

impl Log {
    /// Opens the log in a directory, which is created when missing.
    ///
    /// # Errors
    /// When the disk refuses, or a file that cannot be rebuilt is malformed.
    pub fn open(dir: LogDir, options: &OpenLog) -> Result<(Self, Recovery)> {
        let dir = Arc::new(dir);
        let path = dir.path();
        let found = tidy_up(&dir)?;
        let mut recovery = Recovery::default();
        let epochs = match read_epochs(&**dir.disk(), &path.join(LEADER_EPOCH_CHECKPOINT)) {
            Err(LogError::Malformed { .. }) => {
                recovery.rebuilt_epochs = true;
                Vec::new()
            }
            epochs => epochs?,
        };
        let mut epochs = EpochCache::new(epochs);
        let segments = load_segments(&dir, &found, options, &mut epochs, &mut recovery)?;
        let end = segments.last().map_or(0, |last| last.extent().next_offset);
        let first = segments.first().map_or(0, |first| first.base_offset());
        let start = options.start_offset.unwrap_or(first).max(first);
        let view = LogView::new(Arc::clone(&dir), segments, epochs);
        let mut log = Self {
            view: Arc::new(view),
            config: Arc::clone(&options.config),
            producers: Producers::default(),
            snapshot_offset: start,
            active_since: options.now,
            active_first_timestamp: None,
            doomed: VecDeque::new(),
            is_touched: !options.was_clean || recovery.first_segment.is_some(),
        };
        log.view.end.store(end, Ordering::Release);
        let point = if options.was_clean {
            end
        } else {
            options.recovery_point.min(end)
        };
        log.view.recovery_point.store(point, Ordering::Release);
        log.view
            .dir_is_dirty
            .store(log.is_touched, Ordering::Release);
        if found.segments.is_empty() || end < start {
            recovery.emptied = !found.segments.is_empty();
            log.start_over(start, options.now)?;
            return Ok((log, recovery));
        }
        log.view.start.store(start, Ordering::Release);
        {
            let mut epochs = log.view.epochs.lock();
            epochs.truncate_end(end);
            epochs.truncate_start(start);
        }
        log.active_first_timestamp = log.active().first_timestamp()?;
        log.load_producers(found.snapshots, recovery.first_segment)?;
        log.expire_producers(options.now);
        Ok((log, recovery))
    }

    /// Takes the newest usable snapshot, and what was appended since. From the segment at
    /// `lost_indexes` on, if given, the transaction indexes are built anew on the way.
    pub(crate) fn load_producers(
        &mut self,
        mut snapshots: Vec<Offset>,
        lost_indexes: Option<Offset>,
    ) -> Result<()> {
        let limit = lost_indexes
            .unwrap_or(Offset::MAX)
            .min(self.view.end_offset());
        self.producers.clear();
        // Before the start there is nothing to know.
        self.snapshot_offset = self.view.start_offset();
        snapshots.sort_unstable();
        while let Some(offset) = snapshots.pop() {
            let path = self.dir().file(offset, FileKind::Snapshot);
            let loaded = match offset <= limit {
                true => read_file(&**self.dir().disk(), &path, MAX_SNAPSHOT_BYTES).ok(),
                false => None,
            };
            if let Some(producers) = loaded.and_then(|bytes| decode_snapshot(&bytes)) {
                for (producer_id, state) in producers {
                    self.producers.restore(producer_id, state);
                }
                self.snapshot_offset = offset;
                break;
            }
            // It is from a future that was cut off, or damaged. The log itself is the truth.
            self.dir().remove_if_there(&path)?;
        }
        let from = self.snapshot_offset.max(self.view.start_offset());
        let list = self.view.segments.load_full();
        let first = list.index_of(from).unwrap_or(0);
        for segment in &list.segments[first..] {
            let lost_index = lost_indexes.is_some_and(|first| segment.base_offset() >= first);
            replay_producers(segment, from, lost_index, &mut self.producers)?;
        }
        self.view
            .transactions
            .reset(self.producers.first_undecided());
        Ok(())
    }
}

/// Finds out what each segment has; checks those that may have been damaged.
fn load_segments(
    dir: &Arc<LogDir>,
    found: &Found,
    options: &OpenLog,
    epochs: &mut EpochCache,
    recovery: &mut Recovery,
) -> Result<Vec<Arc<Segment>>> {
    let bases = without_gone(dir, &found.segments, options)?;
    let trusted = trusted(bases, options);
    let mut segments = Vec::with_capacity(bases.len());
    let mut loading = Loading {
        dir,
        found,
        options,
        epochs,
        recovery,
    };
    for (index, &base) in bases.iter().enumerate() {
        let next_base = bases.get(index + 1).copied();
        let segment = loading.load(base, next_base, index < trusted)?;
        segments.push(Arc::new(segment));
        if loading.recovery.cut.is_some() {
            for &dropped in &bases[index + 1..] {
                dir.remove_segment(dropped)?;
                loading.recovery.dropped_segments.push(dropped);
            }
            break;
        }
    }
    Ok(segments)
}

/// How many segments are known to be whole.
fn trusted(bases: &[Offset], options: &OpenLog) -> usize {
    match options.was_clean {
        true => bases.len(),
        // The segment that has the recovery point may be damaged, and so may the indexes of the one
        // that ends there: they were written when the next segment began.
        false => bases
            .partition_point(|&base| base < options.recovery_point)
            .saturating_sub(1),
    }
}

/// What segments are judged by, and what their recovery comes to.
struct Loading<'a> {
    dir: &'a Arc<LogDir>,
    found: &'a Found,
    options: &'a OpenLog,
    epochs: &'a mut EpochCache,
    recovery: &'a mut Recovery,
}

impl Loading<'_> {
    /// A segment with what is sound of it.
    fn load(
        &mut self,
        base: Offset,
        next_base: Option<Offset>,
        is_trusted: bool,
    ) -> Result<Segment> {
        let path = self.dir.file(base, FileKind::Log);
        let size = self.dir.disk().file_len(&path).context("look at", &path)?;
        let next_offset = next_base.unwrap_or(base);
        let segment = Segment::found(self.dir, base, Extent { size, next_offset });
        if is_trusted && self.is_fine(&segment, next_base) {
            if next_base.is_some() {
                segment.mark_synced(true);
            }
            return Ok(segment);
        }
        let is_tail = !is_trusted || next_base.is_none();
        let cut = self.recover(&segment, is_tail)?;
        self.recovery.first_segment.get_or_insert(base);
        self.recovery.scanned_bytes += size;
        let cut = cut.or_else(|| is_tail.then(|| gap_behind(&segment, next_base)).flatten());
        match cut {
            Some(Cut {
                position, reason, ..
            }) if !is_tail => {
                return Err(LogError::Corrupt {
                    path,
                    position,
                    reason,
                });
            }
            cut => self.recovery.cut = cut,
        }
        if self.recovery.cut.is_none() && next_base.is_some() {
            segment.seal()?;
        }
        Ok(segment)
    }

    /// Whether a segment that is trusted has all that belongs to it.
    fn is_fine(&self, segment: &Segment, next_base: Option<Offset>) -> bool {
        let base = segment.base_offset();
        !self.recovery.rebuilt_epochs
            && match next_base {
                Some(_) => self.found.indexed.binary_search(&base).is_ok(),
                None => segment.find_end().is_ok(),
            }
    }

    fn recover(&mut self, segment: &Segment, is_tail: bool) -> Result<Option<Cut>> {
        let check_from = match (is_tail, self.options.was_clean) {
            (true, true) => segment.base_offset(),
            (true, false) => self.options.recovery_point,
            (false, _) => Offset::MAX,
        };
        let interval = self.options.config.index_interval_bytes;
        recover_segment(segment, check_from, interval, self.epochs)
    }
}

/// Removes the segments that end before the log starts, and returns the others.
fn without_gone<'a>(dir: &LogDir, bases: &'a [Offset], options: &OpenLog) -> Result<&'a [Offset]> {
    let start = options.start_offset.unwrap_or(0);
    let first = bases
        .partition_point(|&base| base <= start)
        .saturating_sub(1);
    let (gone, bases) = bases.split_at(first);
    for &base in gone {
        dir.remove_segment(base)?;
    }
    Ok(bases)
}

/// A segment of the unverified end of a log whose last batches did not survive, or that has batches
/// which were cut off before: the next segment does not begin where this one ends.
fn gap_behind(segment: &Segment, next_base: Option<Offset>) -> Option<Cut> {
    let Extent { size, next_offset } = segment.extent();
    next_base
        .filter(|&next_base| next_base != next_offset)
        .map(|_| Cut {
            segment_base: segment.base_offset(),
            position: size,
            bytes: 0,
            end_offset: next_offset,
            reason: "the next segment does not begin where this one ends",
        })
}
