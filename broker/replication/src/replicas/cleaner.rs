//! Compaction of the logs on this broker: the dirtiest first, as many at a time as there are threads
//! for it, until none needs it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use millrace_config::{CleanerConfig, TopicConfig};
use millrace_log::LogError;
use millrace_log::clean::{
    CleanConfig, CleanRequest, Cleaned, DirtySpan, HashSeed, LastRecords, OffsetMap, Replaced,
    clean, dirtiest,
};
use millrace_records::validate::expansion_limit;
use millrace_types::{Offset, Timestamp, TopicPartition, Uuid};
use parking_lot::{Condvar, Mutex};

use crate::partition::Partition;
use crate::replicas::Replicas;

/// Bytes read between two looks at the rate limit: a fraction of a second of a slow disk.
const RATE_STEP_BYTES: f64 = 4.0 * 1024.0 * 1024.0;

/// What a key takes in the map of last offsets, rounded up.
const KEY_BYTES: usize = 32;

/// Logs that somebody cleans, or that this pass leaves alone from now on.
type Taken = Mutex<HashSet<TopicPartition>>;

/// Where cleanings ended, and whether they may go on.
#[derive(Default)]
pub(super) struct Cleaner {
    checkpoints: Mutex<HashMap<TopicPartition, Offset>>,
    /// Logs that could not be cleaned; they stay as they are until the next start.
    failed: Mutex<Vec<TopicPartition>>,
    stopping: AtomicBool,
    pace: Mutex<f64>,
    stopped: Condvar,
}

impl Cleaner {
    pub(super) fn remember(&self, checkpoints: impl IntoIterator<Item = (TopicPartition, Offset)>) {
        self.checkpoints.lock().extend(checkpoints);
    }

    /// A log may have lost its tail: what grows there again was never cleaned.
    pub(super) fn cap(&self, partition: &TopicPartition, end: Offset) {
        if let Some(checkpoint) = self.checkpoints.lock().get_mut(partition) {
            *checkpoint = end.min(*checkpoint);
        }
    }

    pub(super) fn forget(&self, partition: &TopicPartition) {
        self.checkpoints.lock().remove(partition);
        self.failed.lock().retain(|failed| failed != partition);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.stopped.notify_all();
    }

    /// Holds the cleaner to `bytes_per_second`; says whether to go on.
    fn may_go_on(&self, bytes: usize, bytes_per_second: f64) -> bool {
        if bytes_per_second.is_finite() {
            let mut pace = self.pace.lock();
            *pace += bytes as f64;
            if *pace >= RATE_STEP_BYTES {
                let due = Duration::from_secs_f64(*pace / bytes_per_second);
                *pace = 0.0;
                self.stopped.wait_for(&mut pace, due);
            }
        }
        !self.is_stopping()
    }
}

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
        while !self.cleaner.stopping.load(Ordering::Acquire)
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
                    self.cleaner.failed.lock().push(partition.id().clone());
                }
            }
            taken.lock().remove(partition.id());
        }
    }

    /// Ends a cleaning that is under way, and begins none any more.
    pub fn stop_cleaning(&self) {
        self.cleaner.stop();
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
                || self.cleaner.failed.lock().contains(partition.id());
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
        let checkpoint = self.cleaner.checkpoints.lock().get(partition.id()).copied();
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
                self.cleaner
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
        self.cleaner
            .checkpoints
            .lock()
            .insert(partition.id().clone(), cleaned.end);
        let checkpoints = self.cleaner.checkpoints.lock().clone();
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
