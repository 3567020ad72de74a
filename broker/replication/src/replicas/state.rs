//! What the replicas of a broker are made of, and what they remember.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use millrace_config::TopicConfig;
use millrace_log::{DataDir, LogConfig, OpenedLog};
use millrace_metadata::MetadataImage;
use millrace_types::{Clock, NodeId, SteadyMs, TopicPartition};
use parking_lot::Mutex;

use crate::flusher::Flusher;
use crate::replicas::cleaning::Cleaning;
use crate::replicas::log_config;
use crate::replicas::topic_settings::{TopicConfigs, TopicSettings};
use crate::topics::Topics;

/// What a broker's replicas are made of.
pub struct ReplicasOptions {
    pub me: NodeId,
    pub dirs: Vec<DataDir>,
    pub clock: Arc<dyn Clock>,
    pub topic_configs: Box<TopicConfigs>,
    /// `num.recovery.threads.per.data.dir`
    pub recovery_threads: usize,
    /// `producer.id.expiration.ms`
    pub producer_id_expiration_ms: i64,
}

pub struct Replicas {
    pub(super) options: ReplicasOptions,
    pub(super) topics: Arc<Topics>,
    pub(super) flusher: Arc<Flusher>,
    /// Logs that were found at the start and that the metadata has not claimed yet.
    pub(super) unclaimed: Mutex<HashMap<TopicPartition, (usize, OpenedLog)>>,
    pub(super) doomed: Mutex<Vec<Doomed>>,
    pub(super) failed_logs: Mutex<HashSet<TopicPartition>>,
    pub(super) cleaning: Cleaning,
}

/// A directory that goes once nobody reads it any more.
#[derive(Debug)]
pub(super) struct Doomed {
    pub(super) dir: usize,
    pub(super) path: PathBuf,
    pub(super) due: SteadyMs,
}

impl Replicas {
    #[must_use]
    pub fn new(options: ReplicasOptions, topics: Arc<Topics>, flusher: Arc<Flusher>) -> Self {
        Self {
            options,
            topics,
            flusher,
            unclaimed: Mutex::default(),
            doomed: Mutex::default(),
            failed_logs: Mutex::default(),
            cleaning: Cleaning::default(),
        }
    }

    pub(super) fn settings<'a>(&'a self, image: &'a MetadataImage) -> TopicSettings<'a> {
        TopicSettings::new(image, &*self.options.topic_configs)
    }

    pub(super) fn log_config(&self, config: &TopicConfig) -> LogConfig {
        log_config::log_config(config, self.options.producer_id_expiration_ms)
    }
}
