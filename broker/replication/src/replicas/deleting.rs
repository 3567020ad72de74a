//! Deleting logs: put aside at once, removed when nobody reads them any more.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use millrace_log::Log;
use millrace_types::{ErrorCode, SteadyMs, TopicPartition, Uuid};

use crate::replicas::state::{Doomed, Replicas};
use crate::topics::Topic;

impl Replicas {
    pub(super) fn delete_topics(&self, topics: Vec<Arc<Topic>>) {
        let mut logs = Vec::new();
        for topic in topics {
            self.topics.unmade.lock().forget(topic.shared.id);
            // Should one come that has the same name, what is there is put aside.
            let is_other = |failed: &TopicPartition| failed.topic != topic.shared.name;
            self.failed_logs.lock().retain(is_other);
            for partition in topic.take_partitions() {
                partition.resign(ErrorCode::UnknownTopicOrPartition);
                let Some(log) = partition.take_log_blocking() else {
                    continue;
                };
                let path = partition.view().dir().path();
                let mut dirs = self.options.dirs.iter();
                let dir = dirs.position(|dir| path.starts_with(dir.path()));
                logs.push((dir.unwrap_or(0), partition.id().clone(), log));
            }
        }
        self.delete_logs(logs);
    }

    /// Puts logs aside, to be removed when nobody reads them any more.
    pub(super) fn delete_logs(&self, logs: Vec<(usize, TopicPartition, Log)>) {
        let now = self.options.clock.moment().steady;
        let mut touched = BTreeSet::new();
        for (dir, partition, log) in logs {
            touched.insert(dir);
            let deletion =
                self.options.dirs[dir].begin_deletion(&partition, log.view(), Uuid::random());
            self.cleaning.forget(&partition);
            match deletion {
                Ok(path) => self.doom(dir, path, now + log.config().file_delete_delay_ms),
                Err(error) => tracing::error!(
                    %partition,
                    error = &error as &dyn std::error::Error,
                    "a log could not be deleted"
                ),
            }
        }
        for dir in touched {
            if let Err(error) = self.options.dirs[dir].sync_names() {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "deleted logs may come back after a power loss, until the next start"
                );
            }
        }
    }

    pub(super) fn delete_unclaimed(&self) {
        let unclaimed = std::mem::take(&mut *self.unclaimed.lock());
        let logs = unclaimed.into_iter().map(|(partition, (dir, opened))| {
            tracing::info!(%partition, "deleting a log that the metadata does not know");
            (dir, partition, opened.log)
        });
        self.delete_logs(logs.collect());
    }

    pub(super) fn doom(&self, dir: usize, path: PathBuf, due: SteadyMs) {
        self.doomed.lock().push(Doomed { dir, path, due });
    }
}
