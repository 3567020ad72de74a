//! The logs of a directory: opened, made, put aside and closed, many at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use millrace_types::{Offset, Timestamp, TopicPartition, Uuid};

use crate::checkpoint::{read_topic_id, write_topic_id};
use crate::config::LogConfig;
use crate::error::{IoContext, LogError};
use crate::files::{LogDir, PARTITION_METADATA};
use crate::log::Log;
use crate::manager::data_dir::DataDir;
use crate::manager::names::{PartitionDir, deletion_name};
use crate::manager::parallel;
use crate::open::{OpenLog, Recovery};
use crate::view::LogView;

/// From so many logs on, one sync of the whole volume is cheaper than several per log.
const SYNC_VOLUME_FROM: usize = 32;

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

impl DataDir {
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
}
