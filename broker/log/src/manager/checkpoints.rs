//! What the logs of a directory write down together.

use millrace_types::{Offset, TopicPartition};

use crate::checkpoint::{OffsetCheckpoint, read_offsets, write_offsets};
use crate::error::LogError;
use crate::manager::data_dir::DataDir;
use crate::manager::names::{CLEANER_OFFSETS, HIGH_WATERMARKS, RECOVERY_POINTS, START_OFFSETS};

impl DataDir {
    /// Up to where each log was durable when this process began.
    #[must_use]
    pub fn recovery_points(&self) -> &OffsetCheckpoint {
        &self.recovery_points
    }

    /// Notes up to where each log is durable.
    ///
    /// # Errors
    /// When the disk refuses; the old checkpoint is still there. The same holds for its siblings.
    pub fn write_recovery_points<'a>(
        &self,
        offsets: impl Iterator<Item = (&'a TopicPartition, Offset)>,
    ) -> Result<(), LogError> {
        write_offsets(&*self.disk, &self.path.join(RECOVERY_POINTS), offsets)
    }

    /// Notes where logs start, if that is not where their first segment does.
    ///
    /// # Errors
    /// As above.
    pub fn write_start_offsets<'a>(
        &self,
        offsets: impl Iterator<Item = (&'a TopicPartition, Offset)>,
    ) -> Result<(), LogError> {
        write_offsets(&*self.disk, &self.path.join(START_OFFSETS), offsets)
    }

    /// Notes up to where each log is replicated.
    ///
    /// # Errors
    /// As above.
    pub fn write_high_watermarks<'a>(
        &self,
        offsets: impl Iterator<Item = (&'a TopicPartition, Offset)>,
    ) -> Result<(), LogError> {
        write_offsets(&*self.disk, &self.path.join(HIGH_WATERMARKS), offsets)
    }

    /// Notes up to where each log is compacted.
    ///
    /// # Errors
    /// As above.
    pub fn write_cleaner_offsets<'a>(
        &self,
        offsets: impl Iterator<Item = (&'a TopicPartition, Offset)>,
    ) -> Result<(), LogError> {
        write_offsets(&*self.disk, &self.path.join(CLEANER_OFFSETS), offsets)
    }

    /// # Errors
    /// When the checkpoint is unreadable or malformed.
    pub fn cleaner_offsets(&self) -> Result<OffsetCheckpoint, LogError> {
        read_offsets(&*self.disk, &self.path.join(CLEANER_OFFSETS))
    }
}
