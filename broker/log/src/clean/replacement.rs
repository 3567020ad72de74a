//! Segments that are finished beside the log, and how they come into it.

use std::sync::Arc;

use millrace_types::{Offset, SteadyMs};

use crate::error::{LogError, Result};
use crate::files::{CLEANED, FileKind, LogDir, SegmentFile};
use crate::log::Log;
use crate::rewrite::SegmentRewrite;

/// Finished segments, and those whose place they are to take.
#[derive(Debug)]
pub struct Replacement {
    pub(super) dir: Arc<LogDir>,
    pub(super) old: Vec<Offset>,
    pub(super) rewrite: SegmentRewrite,
    pub(super) generation: u64,
}

/// Whether the log has the new segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    Done,
    /// The log was truncated, or the old segments were deleted: their rewritten form is worthless.
    Stale,
}

impl Replacement {
    /// Puts the new segments into their place.
    ///
    /// # Errors
    /// As [`Log::replace_segments`].
    pub fn apply(self, log: &mut Log, now: SteadyMs) -> Result<Replaced> {
        let Self {
            dir,
            old,
            rewrite,
            generation,
        } = self;
        let replaced = if log.view.segments.load().generation == generation {
            log.replace_segments(&old, rewrite, now)
        } else {
            let (start, end) = (log.view.start_offset(), log.view.end_offset());
            Err(LogError::OffsetOutOfRange {
                offset: old[0],
                start,
                end,
            })
        };
        match replaced {
            Ok(()) => Ok(Replaced::Done),
            Err(LogError::OffsetOutOfRange { .. }) => {
                discard(&dir, old[0])?;
                Ok(Replaced::Stale)
            }
            Err(error) => Err(error),
        }
    }
}

/// Removes what was written beside the log for the segment at this offset.
pub(super) fn discard(dir: &LogDir, offset: Offset) -> Result<()> {
    for kind in FileKind::ALL {
        dir.remove_if_there(&dir.path_of(SegmentFile {
            offset,
            kind,
            mark: CLEANED,
        }))?;
    }
    Ok(())
}
