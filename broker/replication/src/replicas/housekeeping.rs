//! What has to be done now and then: retention, checkpoints, timed flushes, removing what was
//! deleted; and closing everything at the end. The caller says when.

use std::sync::Arc;

use millrace_log::{DataDir, LogError};
use millrace_types::{ErrorCode, Offset, TopicPartition};

use crate::partition::Partition;
use crate::replicas::state::{Doomed, Replicas};

impl Replicas {
    pub(super) fn partitions(&self) -> Vec<Arc<Partition>> {
        self.topics
            .all()
            .iter()
            .flat_map(|topic| topic.partitions())
            .collect()
    }

    /// Deletes what topics want to keep no longer.
    pub fn apply_retention(&self) {
        let now = self.options.clock.moment();
        for partition in self.partitions() {
            let id = partition.id().clone();
            let high_watermark = partition.high_watermark();
            partition.exclusive(move |log| {
                let Some(log) = log else { return };
                log.expire_producers(now.wall);
                match log.apply_retention(high_watermark, now) {
                    Ok(deleted) if deleted.is_empty() => {}
                    Ok(deleted) => tracing::info!(partition = %id, ?deleted, "segments deleted"),
                    Err(error) => tracing::error!(
                        partition = %id,
                        error = &error as &dyn std::error::Error,
                        "retention failed"
                    ),
                }
            });
        }
    }

    /// Removes what was deleted long enough ago. What is left when the broker stops goes at its next
    /// start.
    pub fn remove_deleted(&self) {
        let now = self.options.clock.moment().steady;
        let mut doomed = self.doomed.lock();
        let due: Vec<_> = doomed.extract_if(.., |doomed| doomed.due <= now).collect();
        drop(doomed);
        for Doomed { dir, path, .. } in due {
            if self.cleaning.is_stopping() {
                return;
            }
            if let Err(error) = self.options.dirs[dir].remove(&path) {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a deleted log could not be removed"
                );
            }
        }
    }

    /// `flush.ms`: makes durable what has waited long enough.
    pub fn flush_overdue(&self) {
        for partition in self.partitions() {
            let wants = partition.topic().config.load().flush_ms.is_some();
            let view = partition.view();
            if wants && view.recovery_point() < view.end_offset() {
                partition.request_flush();
            }
        }
    }

    /// Writes down what a restart wants to know about every log.
    pub fn write_checkpoints(&self) {
        let partitions = self.partitions();
        for dir in &self.options.dirs {
            let inside: Vec<_> = in_dir(dir, &partitions).collect();
            if let Err(error) = write_checkpoints(dir, &inside) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "checkpoints could not be written"
                );
            }
        }
    }

    /// Closes every log, so that the next start finds them as they are. Says whether all went well.
    pub fn close(self, broker_epoch: i64) -> bool {
        let mut all_closed = true;
        let partitions = self.partitions();
        for dir in &self.options.dirs {
            let logs = in_dir(dir, &partitions).filter_map(|partition| {
                partition.resign(ErrorCode::NotLeaderOrFollower);
                partition.take_log_blocking()
            });
            if let Err(error) = dir.close_logs(logs.collect(), self.options.recovery_threads) {
                all_closed = false;
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the logs of a directory could not be closed"
                );
            }
        }
        self.write_checkpoints();
        if all_closed && self.failed_logs.lock().is_empty() {
            for dir in self.options.dirs {
                if let Err(error) = dir.close(broker_epoch) {
                    all_closed = false;
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a data directory could not be closed"
                    );
                }
            }
        }
        all_closed
    }
}

fn in_dir<'a>(
    dir: &'a DataDir,
    partitions: &'a [Arc<Partition>],
) -> impl Iterator<Item = &'a Arc<Partition>> {
    let inside = |partition: &&Arc<Partition>| {
        let log = partition.view().dir().path();
        log.starts_with(dir.path())
    };
    partitions.iter().filter(inside)
}

fn write_checkpoints(dir: &DataDir, partitions: &[&Arc<Partition>]) -> Result<(), LogError> {
    fn by<'a>(
        partitions: &'a [&Arc<Partition>],
        offset: impl Fn(&Partition) -> Offset,
    ) -> impl Iterator<Item = (&'a TopicPartition, Offset)> {
        partitions
            .iter()
            .map(move |partition| (partition.id(), offset(partition)))
    }
    dir.write_recovery_points(by(partitions, |partition| {
        partition.view().recovery_point()
    }))?;
    dir.write_start_offsets(by(partitions, |partition| partition.view().start_offset()))?;
    dir.write_high_watermarks(by(partitions, Partition::high_watermark))
}
