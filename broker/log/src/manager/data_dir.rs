//! A directory that this process holds: taken into use, looked through, let go.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use millrace_types::{TopicPartition, Uuid};

use crate::checkpoint::{MetaProperties, OffsetCheckpoint, read_offsets};
use crate::disk::{Disk, DiskLock, Space};
use crate::error::{IoContext, LogError};
use crate::manager::identity::{
    DataDirError, Identity, check_or_format, take_clean_shutdown, write_clean_shutdown,
};
use crate::manager::names::{
    DirName, HIGH_WATERMARKS, PartitionDir, RECOVERY_POINTS, START_OFFSETS,
};

const LOCK: &str = ".lock";

/// A directory of logs that this process holds.
pub struct DataDir {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) path: PathBuf,
    properties: MetaProperties,
    /// The epoch of the broker that closed all logs of the directory, if one did.
    pub(super) clean_shutdown: Option<i64>,
    pub(super) recovery_points: OffsetCheckpoint,
    pub(super) start_offsets: OffsetCheckpoint,
    pub(super) high_watermarks: OffsetCheckpoint,
    _lock: Box<dyn DiskLock>,
}

impl fmt::Debug for DataDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("DataDir");
        debug
            .field("path", &self.path)
            .field("properties", &self.properties);
        debug.finish_non_exhaustive()
    }
}

impl DataDir {
    /// Takes a directory into use; an empty one gets `new_id`. From here on it counts as not cleanly
    /// shut down until [`DataDir::close`].
    ///
    /// # Errors
    /// When it is somebody else's, or the disk refuses.
    pub fn open(
        disk: Arc<dyn Disk>,
        path: &Path,
        identity: &Identity,
        new_id: Uuid,
    ) -> Result<Self, DataDirError> {
        disk.create_dir_all(path).context("create", path)?;
        let lock_path = path.join(LOCK);
        let lock = match disk.lock(&lock_path) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(DataDirError::Locked {
                    path: path.to_owned(),
                });
            }
            lock => lock.context("lock", &lock_path)?,
        };
        let properties = check_or_format(&*disk, path, identity, new_id)?;
        let clean_shutdown = take_clean_shutdown(&*disk, path)?;
        let read = |name| read_offsets(&*disk, &path.join(name));
        Ok(Self {
            recovery_points: read(RECOVERY_POINTS)?,
            start_offsets: read(START_OFFSETS)?,
            high_watermarks: read(HIGH_WATERMARKS)?,
            path: path.to_owned(),
            properties,
            clean_shutdown,
            _lock: lock,
            disk,
        })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    #[must_use]
    pub fn properties(&self) -> &MetaProperties {
        &self.properties
    }

    /// The epoch of the broker that closed all logs of the directory; -1 when it was not noted.
    #[must_use]
    pub fn clean_shutdown(&self) -> Option<i64> {
        self.clean_shutdown
    }

    /// # Errors
    /// When the disk refuses.
    pub fn space(&self) -> Result<Space, LogError> {
        self.disk.space(&self.path).context("look at", &self.path)
    }

    /// The partitions that have a log here. Directories of other names are left alone.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn partitions(&self) -> Result<Vec<PartitionDir>, LogError> {
        let found = self
            .dirs()?
            .into_iter()
            .filter_map(|(name, dir)| match dir {
                DirName::Partition(partition) => Some(PartitionDir { partition, name }),
                DirName::Deleted => None,
            });
        Ok(found.collect())
    }

    /// Directories whose deletion was begun, by an earlier process too.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn deleted_dirs(&self) -> Result<Vec<PathBuf>, LogError> {
        let deleted = self
            .dirs()?
            .into_iter()
            .filter(|(_, dir)| *dir == DirName::Deleted);
        Ok(deleted.map(|(name, _)| self.path.join(name)).collect())
    }

    fn dirs(&self) -> Result<Vec<(String, DirName)>, LogError> {
        let entries = self.disk.list(&self.path).context("list", &self.path)?;
        let dirs = entries.into_iter().filter(|entry| entry.is_dir);
        Ok(dirs
            .filter_map(|dir| DirName::parse(&dir.name).map(|name| (dir.name, name)))
            .collect())
    }

    #[must_use]
    pub fn log_path(&self, partition: &TopicPartition) -> PathBuf {
        self.path.join(partition.to_string())
    }

    /// Notes that all logs were closed, and lets go of the directory. The checkpoints were written.
    ///
    /// # Errors
    /// When the disk refuses: the logs are recovered the next time.
    pub fn close(self, broker_epoch: i64) -> Result<(), LogError> {
        write_clean_shutdown(&*self.disk, &self.path, broker_epoch)
    }
}
