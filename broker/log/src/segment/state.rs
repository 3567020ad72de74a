//! What a segment is made of: its files, and what is published of them.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use millrace_types::Offset;
use parking_lot::Mutex;

use crate::disk::DiskFile;
use crate::error::{LogError, Result};
use crate::files::{FileKind, LogDir, SegmentFile};
use crate::scan::ScanError;
use crate::segment::indexes::Indexes;

/// What readers may see of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes of whole batches in the file.
    pub(crate) size: u64,
    /// No batch of the segment has this offset or a larger one.
    pub(crate) next_offset: Offset,
}

#[derive(Debug)]
pub(crate) struct Segment {
    base_offset: Offset,
    pub(super) dir: Arc<LogDir>,
    /// The end of all its files' names: empty, or what marks the output of compaction.
    mark: &'static str,
    log: OnceLock<Arc<dyn DiskFile>>,
    offset_index: OnceLock<Arc<dyn DiskFile>>,
    pub(super) state: Mutex<State>,
    pub(super) synced: AtomicBool,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) extent: Extent,
    /// `None` until somebody needs them, for a segment that was found on disk.
    pub(super) indexes: Option<Indexes>,
    /// Entries of the transaction index; `None` until somebody needs to know.
    pub(super) aborted: Option<u32>,
}

impl Segment {
    /// Starts a new, empty segment on disk.
    pub(crate) fn create(
        dir: &Arc<LogDir>,
        base_offset: Offset,
        mark: &'static str,
    ) -> Result<Self> {
        let segment = Self::marked(dir, base_offset, mark);
        segment.forget_contents();
        let _ = segment.log.set(segment.create_file(FileKind::Log)?);
        Ok(segment)
    }

    /// A segment that is on disk.
    pub(crate) fn found(dir: &Arc<LogDir>, base_offset: Offset, extent: Extent) -> Self {
        let segment = Self::marked(dir, base_offset, "");
        segment.set_extent(extent);
        segment
    }

    fn marked(dir: &Arc<LogDir>, base_offset: Offset, mark: &'static str) -> Self {
        let extent = Extent {
            size: 0,
            next_offset: base_offset,
        };
        Self {
            base_offset,
            dir: Arc::clone(dir),
            mark,
            log: OnceLock::new(),
            offset_index: OnceLock::new(),
            state: Mutex::new(State {
                extent,
                indexes: None,
                aborted: None,
            }),
            synced: AtomicBool::new(false),
        }
    }

    pub(crate) fn base_offset(&self) -> Offset {
        self.base_offset
    }

    pub(crate) fn extent(&self) -> Extent {
        self.state.lock().extent
    }

    pub(crate) fn set_extent(&self, extent: Extent) {
        self.state.lock().extent = extent;
    }

    pub(crate) fn path(&self, kind: FileKind) -> PathBuf {
        self.dir.path_of(self.name(kind))
    }

    pub(super) fn name(&self, kind: FileKind) -> SegmentFile<'static> {
        SegmentFile {
            offset: self.base_offset,
            kind,
            mark: self.mark,
        }
    }

    /// Opens a file anew, if there is one.
    pub(crate) fn open_file(&self, kind: FileKind) -> Result<Option<Arc<dyn DiskFile>>> {
        self.dir.open_if_there(self.name(kind))
    }

    pub(super) fn create_file(&self, kind: FileKind) -> Result<Arc<dyn DiskFile>> {
        self.dir.create(self.name(kind))
    }

    pub(crate) fn log_file(&self) -> Result<&Arc<dyn DiskFile>> {
        self.kept_open(&self.log, FileKind::Log)
    }

    pub(crate) fn offset_index_file(&self) -> Result<&Arc<dyn DiskFile>> {
        self.kept_open(&self.offset_index, FileKind::OffsetIndex)
    }

    fn kept_open<'a>(
        &self,
        slot: &'a OnceLock<Arc<dyn DiskFile>>,
        kind: FileKind,
    ) -> Result<&'a Arc<dyn DiskFile>> {
        if let Some(file) = slot.get() {
            return Ok(file);
        }
        let file = self.dir.open(self.name(kind))?;
        Ok(slot.get_or_init(|| file))
    }

    /// Says where a walk over this segment went wrong.
    pub(crate) fn scan_error(&self, error: ScanError) -> LogError {
        let path = self.path(FileKind::Log);
        match error {
            ScanError::Io(source) => LogError::Io {
                operation: "read",
                path,
                source,
            },
            ScanError::Corrupt { position, reason } => LogError::Corrupt {
                path,
                position,
                reason,
            },
        }
    }
}
