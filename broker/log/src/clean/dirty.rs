//! How much of a log is dirty, as its files tell it.

use millrace_types::{Offset, Timestamp};

use crate::clean::plan::{CleanConfig, DirtySpan, LogState};
use crate::error::Result;
use crate::rewrite::SegmentInfo;
use crate::view::LogView;

impl LogView {
    /// How much of the log is dirty. `checkpoint` is where the last cleaning ended, or where the log
    /// was truncated since, if that is less.
    ///
    /// # Errors
    /// What the disk reports.
    pub fn dirty_span(
        &self,
        checkpoint: Option<Offset>,
        last_stable_offset: Offset,
        config: &CleanConfig,
        now: Timestamp,
    ) -> Result<DirtySpan> {
        let list = self.segments.load_full();
        let segments = self.segment_infos()?;
        let first_timestamp = |info: &SegmentInfo| match list.with_base(info.base_offset) {
            Some(index) if config.max_lag_ms < i64::MAX => list.segments[index].first_timestamp(),
            _ => Ok(None),
        };
        let first_timestamps = segments
            .iter()
            .map(first_timestamp)
            .collect::<Result<Vec<_>>>()?;
        let state = LogState {
            segments: &segments,
            start: self.start_offset(),
            checkpoint,
            last_stable_offset,
            first_timestamps: &first_timestamps,
            generation: list.generation,
        };
        Ok(DirtySpan::of(&state, config, now))
    }
}
