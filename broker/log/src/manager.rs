//! One data directory: whose it is, which logs it has, and the checkpoints they share. Decides nothing
//! about when: the caller schedules, and says what time it is.

mod identity;
mod names;
mod parallel;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use millrace_types::{Offset, Timestamp, TopicPartition, Uuid};

use crate::checkpoint::{
    MetaProperties, OffsetCheckpoint, read_offsets, read_topic_id, write_offsets, write_topic_id,
};
use crate::config::LogConfig;
use crate::disk::{Disk, DiskLock, Space};
use crate::error::{IoContext, LogError};
use crate::files::{LogDir, PARTITION_METADATA};
use crate::log::Log;
use crate::open::{OpenLog, Recovery};
use crate::view::LogView;

pub use self::identity::{DataDirError, Identity};
use self::identity::{check_or_format, take_clean_shutdown, write_clean_shutdown};
pub use self::names::PartitionDir;
use self::names::{DirName, deletion_name};

const LOCK: &str = ".lock";
const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
const START_OFFSETS: &str = "log-start-offset-checkpoint";
const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";
/// From so many logs on, one sync of the whole volume is cheaper than several per log.
const SYNC_VOLUME_FROM: usize = 32;
const CLEANER_OFFSETS: &str = "cleaner-offset-checkpoint";

/// A log that was found in a directory, and what opening it brought to light.
#[derive(Debug)]
pub struct OpenedLog {
    pub log: Log,
    pub topic_id: Option<Uuid>,
    pub recovery: Recovery,
    /// From the checkpoint.
    pub high_watermark: Option<Offset>,
}

/// A log to be made. Neither that it exists nor that it does not any more is made durable for each: the
/// metadata log says so, and a directory becomes durable with the first flush of what is in it.
#[derive(Clone, Debug)]
pub struct NewLog {
    pub partition: TopicPartition,
    pub topic_id: Uuid,
    pub config: Arc<LogConfig>,
}

/// What became of opening one log.
pub type OpenResult = (TopicPartition, Result<OpenedLog, LogError>);

/// What became of making one log.
pub type CreateResult = (TopicPartition, Result<Log, LogError>);

/// A directory of logs that this process holds.
pub struct DataDir {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    properties: MetaProperties,
    /// The epoch of the broker that closed all logs of the directory, if one did.
    clean_shutdown: Option<i64>,
    recovery_points: OffsetCheckpoint,
    start_offsets: OffsetCheckpoint,
    high_watermarks: OffsetCheckpoint,
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

    /// Opens all logs of the directory with so many threads (`num.recovery.threads.per.data.dir`).
    /// What failed comes back with its error.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn open_logs(
        &self,
        threads: usize,
        config_of: &(dyn Fn(&TopicPartition) -> Arc<LogConfig> + Sync),
        now: Timestamp,
    ) -> Result<Vec<OpenResult>, LogError> {
        let partitions = self.partitions()?;
        let open = |dir: PartitionDir| {
            let opened = self.open_log(&dir.partition, config_of(&dir.partition), now);
            (dir.partition, opened)
        };
        Ok(parallel::map(partitions, threads, &open))
    }

    /// Opens the log of a partition that is here.
    ///
    /// # Errors
    /// When the disk refuses, or what it has is damaged below the recovery point.
    pub fn open_log(
        &self,
        partition: &TopicPartition,
        config: Arc<LogConfig>,
        now: Timestamp,
    ) -> Result<OpenedLog, LogError> {
        let path = self.log_path(partition);
        let topic_id = read_topic_id(&*self.disk, &path.join(PARTITION_METADATA))?;
        let options = OpenLog {
            config,
            start_offset: self.start_offsets.get(partition).copied(),
            recovery_point: self.recovery_points.get(partition).copied().unwrap_or(0),
            was_clean: self.clean_shutdown.is_some(),
            now,
        };
        let (log, recovery) = Log::open(LogDir::new(Arc::clone(&self.disk), &path), &options)?;
        let high_watermark = self.high_watermarks.get(partition).copied();
        Ok(OpenedLog {
            log,
            topic_id,
            recovery,
            high_watermark,
        })
    }

    /// Up to where each log was durable when this process began.
    #[must_use]
    pub fn recovery_points(&self) -> &OffsetCheckpoint {
        &self.recovery_points
    }

    #[must_use]
    pub fn log_path(&self, partition: &TopicPartition) -> PathBuf {
        self.path.join(partition.to_string())
    }

    /// Makes empty logs with so many threads. Says for each what became of it, in no particular
    /// order.
    #[must_use]
    pub fn create_logs(
        &self,
        wanted: Vec<NewLog>,
        threads: usize,
        now: Timestamp,
    ) -> Vec<CreateResult> {
        let create = |new: NewLog| {
            let created = self.create_log(&new.partition, new.topic_id, new.config, now);
            (new.partition, created)
        };
        parallel::map(wanted, threads, &create)
    }

    /// Makes an empty log for a partition that has none here. What the checkpoints say about an older
    /// log of that name does not count, and what an earlier topic of that name left is put aside.
    ///
    /// # Errors
    /// When the disk refuses. What was made so far is taken up by the next attempt.
    pub fn create_log(
        &self,
        partition: &TopicPartition,
        topic_id: Uuid,
        config: Arc<LogConfig>,
        now: Timestamp,
    ) -> Result<Log, LogError> {
        let path = self.log_path(partition);
        let metadata = path.join(PARTITION_METADATA);
        if let Some(found) = read_topic_id(&*self.disk, &metadata)?
            && found != topic_id
        {
            // Its deletion failed. The next start finds it and removes it.
            let aside = self.path.join(deletion_name(partition, found));
            self.disk.rename(&path, &aside).context("rename", &path)?;
        }
        let dir = LogDir::new(Arc::clone(&self.disk), &path);
        let (log, _) = Log::open(dir, &OpenLog::new(config, now))?;
        write_topic_id(&*self.disk, &metadata, topic_id)?;
        Ok(log)
    }

    /// Gives the directory of a log a name that says it is to be deleted, so that a new log can take its
    /// place. Whoever reads it goes on; the caller removes it later with [`DataDir::remove`], and calls
    /// [`DataDir::sync_names`] when it has begun all its deletions.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin_deletion(
        &self,
        partition: &TopicPartition,
        view: &LogView,
        unique: Uuid,
    ) -> Result<PathBuf, LogError> {
        let path = self.path.join(deletion_name(partition, unique));
        view.take_offline();
        view.dir().rename(&path)?;
        Ok(path)
    }

    /// Makes it durable which logs the directory has.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync_names(&self) -> Result<(), LogError> {
        self.disk.sync_dir(&self.path).context("sync", &self.path)
    }

    /// Removes a directory that [`DataDir::begin_deletion`] or [`DataDir::deleted_dirs`] returned.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self, dir: &Path) -> Result<(), LogError> {
        self.disk.remove_dir_all(dir).context("remove", dir)
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

    /// Closes logs of the directory, many at a time.
    ///
    /// # Errors
    /// When the disk refuses for any of them: the directory must not count as cleanly closed then.
    pub fn close_logs(&self, logs: Vec<Log>, threads: usize) -> Result<(), LogError> {
        let complete = |mut log: Log| {
            let is_touched = log.complete_files()?;
            Ok::<_, LogError>(is_touched.then_some(log))
        };
        let completed = parallel::map(logs, threads, &complete);
        let touched: Vec<Log> = completed
            .into_iter()
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?;
        if touched.len() < SYNC_VOLUME_FROM {
            return parallel::map(touched, threads, &Log::close)
                .into_iter()
                .collect();
        }
        for log in &touched {
            log.view().complete_files()?;
        }
        self.disk
            .sync_volume(&self.path)
            .context("sync", &self.path)?;
        touched.iter().for_each(|log| log.view().mark_durable());
        Ok(())
    }

    /// Notes that all logs were closed, and lets go of the directory. The checkpoints were written.
    ///
    /// # Errors
    /// When the disk refuses: the logs are recovered the next time.
    pub fn close(self, broker_epoch: i64) -> Result<(), LogError> {
        write_clean_shutdown(&*self.disk, &self.path, broker_epoch)
    }
}
