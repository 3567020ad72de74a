//! The start: every log that is there is opened, claimed by the metadata or deleted.

use std::sync::Arc;

use millrace_log::{DataDir, LogError, OpenedLog};
use millrace_metadata::{MetadataDelta, MetadataImage};
use millrace_types::TopicPartition;

use crate::replicas::state::Replicas;

impl Replicas {
    /// Opens every log there is, then serves what `image` assigns to this broker. What it does not
    /// assign was deleted while this broker was away, and is deleted here too.
    ///
    /// # Errors
    /// When a data directory cannot be listed.
    pub fn start(&self, image: &MetadataImage) -> Result<(), LogError> {
        let now = self.options.clock.moment();
        let settings = self.settings(image);
        for (number, dir) in self.options.dirs.iter().enumerate() {
            self.cleaning.remember(dir.cleaner_offsets()?);
            for path in dir.deleted_dirs()? {
                self.doom(number, path, now.steady);
            }
            let config_of = |partition: &TopicPartition| {
                Arc::new(self.log_config(&settings.of(&partition.topic)))
            };
            for (partition, opened) in
                dir.open_logs(self.options.recovery_threads, &config_of, now.wall)?
            {
                self.found(number, partition, opened);
            }
        }
        let empty = MetadataImage::empty(Arc::clone(&image.cluster_id));
        self.tell_of_losses(image);
        self.apply(&MetadataDelta::between(&empty, image), image);
        self.delete_unclaimed();
        Ok(())
    }

    fn found(&self, dir: usize, partition: TopicPartition, opened: Result<OpenedLog, LogError>) {
        match opened {
            Ok(opened) => {
                if opened.recovery.cut.is_some() || !opened.recovery.dropped_segments.is_empty() {
                    tracing::warn!(%partition, recovery = ?opened.recovery, "a log was cut");
                }
                self.unclaimed.lock().insert(partition, (dir, opened));
            }
            Err(error) => {
                tracing::error!(
                    %partition,
                    error = &error as &dyn std::error::Error,
                    "a log could not be opened; its partition stays offline"
                );
                self.failed_logs.lock().insert(partition);
            }
        }
    }

    /// Says which logs are gone although they were there: an empty one takes the place of each.
    fn tell_of_losses(&self, image: &MetadataImage) {
        let (unclaimed, failed) = (self.unclaimed.lock(), self.failed_logs.lock());
        for (partition, &flushed) in self.options.dirs.iter().flat_map(DataDir::recovery_points) {
            let assigned = image
                .topics
                .partition(&partition.topic, partition.partition);
            let is_here = unclaimed.contains_key(partition) || failed.contains(partition);
            if flushed > 0 && !is_here && assigned.is_some() {
                tracing::error!(
                    %partition,
                    flushed,
                    "a log is missing that was durable up to this offset; its partition starts empty"
                );
            }
        }
    }
}
