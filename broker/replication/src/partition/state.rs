//! What a partition is made of, and what anybody may ask of it at any time.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use millrace_config::TopicConfig;
use millrace_log::{Log, LogView};
use millrace_types::{NodeId, Offset, TopicPartition, Uuid};
use parking_lot::Mutex;

use crate::combiner::Combiner;
use crate::flusher::Flusher;
use crate::leadership::Leadership;
use crate::meter::TopicMeter;
use crate::parked::Parked;
use crate::partition::flush_state::FlushState;
use crate::partition::job::Job;

/// What changes when leaders do, and who waits for what the leader does.
#[derive(Debug, Default)]
pub(super) struct Office {
    /// Absent while another broker leads.
    pub(super) leadership: Option<Leadership>,
    pub(super) parked: Parked,
}

/// What a partition shares with the others of its topic.
#[derive(Debug)]
pub struct TopicShared {
    pub name: Arc<str>,
    pub id: Uuid,
    pub config: ArcSwap<TopicConfig>,
    pub meter: TopicMeter,
}

pub struct Partition {
    /// For the flusher's queue, which keeps what it is to flush.
    pub(super) this: Weak<Self>,
    pub(super) me: NodeId,
    pub(super) id: TopicPartition,
    pub(super) topic: Arc<TopicShared>,
    pub(super) view: Arc<LogView>,
    /// Empty once the partition is closed.
    pub(super) log: Combiner<Option<Log>, Job>,
    pub(super) office: Mutex<Office>,
    pub(super) high_watermark: AtomicI64,
    /// As the last one who had the log left them.
    pub(super) producers: AtomicUsize,
    pub(super) flusher: Arc<Flusher>,
    pub(super) flush_state: FlushState,
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partition")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Partition {
    #[must_use]
    pub fn new(
        me: NodeId,
        topic: Arc<TopicShared>,
        index: i32,
        log: Log,
        known_high_watermark: Offset,
        flusher: Arc<Flusher>,
    ) -> Arc<Self> {
        let view = Arc::clone(log.view());
        let known = known_high_watermark.clamp(view.start_offset(), view.end_offset());
        let producers = log.producers().len();
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            me,
            id: TopicPartition::new(Arc::clone(&topic.name), index),
            topic,
            view,
            log: Combiner::new(Some(log)),
            office: Mutex::default(),
            high_watermark: AtomicI64::new(known),
            producers: AtomicUsize::new(producers),
            flusher,
            flush_state: FlushState::default(),
        })
    }

    #[must_use]
    pub fn id(&self) -> &TopicPartition {
        &self.id
    }

    #[must_use]
    pub fn topic(&self) -> &Arc<TopicShared> {
        &self.topic
    }

    /// The shared half of the log: offsets, sizes, lookups.
    #[must_use]
    pub fn view(&self) -> &Arc<LogView> {
        &self.view
    }

    /// Everything before it is held by every replica in sync.
    #[must_use]
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark.load(Ordering::Acquire)
    }

    #[must_use]
    pub fn last_stable_offset(&self) -> Offset {
        self.view.last_stable_offset(self.high_watermark())
    }

    /// Idempotent producers that the log remembers.
    #[must_use]
    pub fn producers(&self) -> usize {
        self.producers.load(Ordering::Relaxed)
    }
}
