//! Compaction of the logs on this broker: the dirtiest first, as many at a time as there are threads
//! for it, until none needs it.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use millrace_config::{CleanerConfig, TopicConfig};
use millrace_log::LogError;
use millrace_log::clean::{
    CleanConfig, CleanRequest, Cleaned, DirtySpan, HashSeed, LastRecords, OffsetMap, Replaced,
    clean, dirtiest,
};
use millrace_records::validate::expansion_limit;
use millrace_types::{Timestamp, TopicPartition, Uuid};
use parking_lot::Mutex;

use crate::partition::Partition;
use crate::replicas::state::Replicas;

/// What a key takes in the map of last offsets, rounded up.
const KEY_BYTES: usize = 32;

/// Logs that somebody cleans, or that this pass leaves alone from now on.
type Taken = Mutex<HashSet<TopicPartition>>;

impl Replicas {
    /// Cleans every log that needs it. Returns when none does, or when it is told to stop.
    pub fn clean_logs(&self, config: &CleanerConfig) {
        if !config.enabled || config.threads == 0 {
            return;
        }
        let config = &share_of_one_thread(config);
        let taken = Taken::default();
        thread::scope(|scope| {
            // The caller's own thread is the first.
            for number in 1..config.threads {
                let cleaner = thread::Builder::new().name(format!("clean-{number}"));
                let started = cleaner.spawn_scoped(scope, || self.clean_in_turn(config, &taken));
                if let Err(error) = started {
                    tracing::warn!(%error, "fewer threads clean logs than are configured");
                    break;
                }
            }
            self.clean_in_turn(config, &taken);
        });
    }

    fn clean_in_turn(&self, config: &CleanerConfig, taken: &Taken) {
        let seed: HashSeed = Uuid::random().0;
        while !self.cleaning.is_stopping()
            && let Some((partition, span)) = self.take_dirtiest(config, taken)
        {
            let mut map = OffsetMap::new(map_bytes(span, config), config.load_factor, seed);
            match self.clean_log(&partition, span, config, &mut map) {
                // It was closed or cut meanwhile: what it needs now, the next pass will see.
                Ok(cleaned) if cleaned.was_interrupted => continue,
                Ok(cleaned) => self.note_cleaned(&partition, cleaned),
                Err(error) => {
                    tracing::error!(
                        partition = %partition.id(),
                        error = &error as &dyn std::error::Error,
                        "a log could not be cleaned; it is left alone until the next start"
                    );
                    self.cleaning.failed.lock().push(partition.id().clone());
                }
            }
            taken.lock().remove(partition.id());
        }
    }

    /// Ends a cleaning that is under way, and begins none any more.
    pub fn stop_cleaning(&self) {
        self.cleaning.stop();
    }

    fn take_dirtiest(
        &self,
        config: &CleanerConfig,
        taken: &Taken,
    ) -> Option<(Arc<Partition>, DirtySpan)> {
        let now = self.options.clock.now();
        let mut taken = taken.lock();
        let dirty = self.partitions().into_iter().filter_map(|partition| {
            let topic = partition.topic().config.load();
            let is_left_alone = !topic.cleanup.compact
                || partition.view().is_offline()
                || taken.contains(partition.id())
                || self.cleaning.failed.lock().contains(partition.id());
            if is_left_alone {
                return None;
            }
            let span = self.span_of(&partition, &clean_config(&topic, config), now)?;
            span.needs_cleaning(&clean_config(&topic, config))
                .then_some((partition, span))
        });
        let found = dirtiest(dirty)?;
        taken.insert(found.0.id().clone());
        Some(found)
    }

    fn span_of(
        &self,
        partition: &Partition,
        config: &CleanConfig,
        now: Timestamp,
    ) -> Option<DirtySpan> {
        let checkpoint = self
            .cleaning
            .checkpoints
            .lock()
            .get(partition.id())
            .copied();
        let stable = partition.last_stable_offset();
        let span = partition.view().dirty_span(checkpoint, stable, config, now);
        span.inspect_err(|error| {
            partition.code_of(error);
        })
        .ok()
    }

    fn clean_log(
        &self,
        partition: &Arc<Partition>,
        span: DirtySpan,
        config: &CleanerConfig,
        map: &mut OffsetMap,
    ) -> Result<Cleaned, LogError> {
        let now = self.options.clock.now();
        let producers = partition.exclusively_blocking(|log| LastRecords::of(log.producers()));
        let Some(producers) = producers else {
            return Ok(Cleaned {
                was_interrupted: true,
                ..Cleaned::default()
            });
        };
        let settings = clean_config(&partition.topic().config.load(), config);
        let request = CleanRequest {
            span,
            config: &settings,
            producers: &producers,
            now,
            may_go_on: &|bytes| {
                self.cleaning
                    .may_go_on(bytes, config.io_max_bytes_per_second)
            },
        };
        clean(partition.view(), &request, map, &mut |replacement| {
            let now = self.options.clock.moment().steady;
            partition
                .exclusively_blocking(move |log| replacement.apply(log, now))
                .unwrap_or(Ok(Replaced::Stale))
        })
    }

    fn note_cleaned(&self, partition: &Partition, cleaned: Cleaned) {
        tracing::info!(partition = %partition.id(), ?cleaned, "log cleaned");
        self.cleaning
            .checkpoints
            .lock()
            .insert(partition.id().clone(), cleaned.end);
        let checkpoints = self.cleaning.checkpoints.lock().clone();
        for dir in &self.options.dirs {
            let inside = checkpoints.iter().filter(|(id, _)| {
                let known = self.topics.partition(&id.topic, id.partition);
                known.is_some_and(|known| known.view().dir().path().starts_with(dir.path()))
            });
            let inside = inside.map(|(id, offset)| (id, *offset));
            if let Err(error) = dir.write_cleaner_offsets(inside) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the cleaner's checkpoint could not be written"
                );
            }
        }
    }
}

/// Buffer and bandwidth are configured for all threads together.
fn share_of_one_thread(config: &CleanerConfig) -> CleanerConfig {
    CleanerConfig {
        dedupe_buffer_bytes: config.dedupe_buffer_bytes / config.threads,
        io_buffer_bytes: config.io_buffer_bytes / config.threads,
        io_max_bytes_per_second: config.io_max_bytes_per_second / config.threads as f64,
        ..config.clone()
    }
}

/// No more memory than the keys of the span can need, and never more than the configuration allows.
fn map_bytes(span: DirtySpan, config: &CleanerConfig) -> usize {
    let keys_max = usize::try_from(span.end - span.first_dirty).unwrap_or(usize::MAX);
    let slots = (keys_max as f64 / config.load_factor) as usize;
    config
        .dedupe_buffer_bytes
        .min(slots.saturating_add(2).saturating_mul(KEY_BYTES))
}

fn clean_config(topic: &TopicConfig, cleaner: &CleanerConfig) -> CleanConfig {
    CleanConfig {
        min_dirty_ratio: topic.min_cleanable_dirty_ratio,
        min_lag_ms: topic.min_compaction_lag_ms,
        max_lag_ms: topic.max_compaction_lag_ms,
        delete_retention_ms: topic.delete_retention_ms,
        segment_bytes: topic.segment_bytes,
        index_interval_bytes: u32::try_from(topic.index_interval_bytes).unwrap_or(u32::MAX),
        max_expanded_bytes: expansion_limit(topic.max_message_bytes),
        io_buffer_bytes: cleaner.io_buffer_bytes,
    }
}
