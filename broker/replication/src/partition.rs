//! One partition on this broker: its log, its leader's view, and the requests that wait at it.
//! Ties the pure parts together; decides nothing that they decide.

mod append;
mod flush;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use millrace_config::TopicConfig;
use millrace_log::{Log, LogView};
use millrace_types::{ErrorCode, LeaderEpoch, NodeId, Offset, TopicPartition, Uuid};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::combiner::Combiner;
use crate::flusher::Flusher;
use crate::leadership::{Assignment, Leadership};
use crate::meter::TopicMeter;
use crate::parked::{Committed, FetchWait, Parked};

pub use append::{Appended, Placed};
pub use read::{Isolation, ReadAnswer, ReadAsk};

/// Work that needs the log for itself.
type Maintenance = Box<dyn FnOnce(&mut Option<Log>) + Send>;

enum Job {
    Append(append::AppendJob),
    Maintain(Maintenance),
}

/// What changes when leaders do, and who waits for what the leader does.
#[derive(Debug, Default)]
struct Office {
    /// Absent while another broker leads.
    leadership: Option<Leadership>,
    parked: Parked,
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
    this: Weak<Self>,
    me: NodeId,
    id: TopicPartition,
    topic: Arc<TopicShared>,
    view: Arc<LogView>,
    /// Empty once the partition is closed.
    log: Combiner<Option<Log>, Job>,
    office: Mutex<Office>,
    high_watermark: AtomicI64,
    /// As the last one who had the log left them.
    producers: AtomicUsize,
    flusher: Arc<Flusher>,
    flush_state: AtomicU8,
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
            flush_state: AtomicU8::new(flush::IDLE),
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

    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.office.lock().leadership.is_some()
    }

    /// Compares what a client believes to be the leader's epoch with what it is.
    ///
    /// # Errors
    /// Another broker leads, or the client is behind, or this broker is.
    pub fn check_epoch(&self, believed: LeaderEpoch) -> Result<LeaderEpoch, ErrorCode> {
        let office = self.office.lock();
        let leadership = office
            .leadership
            .as_ref()
            .ok_or(ErrorCode::NotLeaderOrFollower)?;
        let epoch = leadership.epoch();
        match believed {
            millrace_types::NO_LEADER_EPOCH => Ok(epoch),
            believed if believed < epoch => Err(ErrorCode::FencedLeaderEpoch),
            believed if believed > epoch => Err(ErrorCode::UnknownLeaderEpoch),
            _ => Ok(epoch),
        }
    }

    /// The metadata says who leads now.
    pub fn assign(&self, assignment: Assignment) {
        let epoch = assignment.leader_epoch;
        if assignment.leader != self.me {
            self.resign(ErrorCode::NotLeaderOrFollower);
            return;
        }
        let known = self
            .office
            .lock()
            .leadership
            .as_ref()
            .map(Leadership::epoch);
        if known == Some(epoch) {
            self.with_leadership(epoch, |leadership| leadership.reassign(assignment));
            return;
        }
        self.exclusive(move |log| {
            if let Some(log) = log {
                log.assign_epoch(epoch);
            }
        });
        let mut office = self.office.lock();
        let end = self.view.end_offset();
        let leadership = Leadership::begin(self.me, assignment, end, self.high_watermark());
        self.publish(&mut office, leadership.high_watermark());
        office.leadership = Some(leadership);
    }

    /// This broker leads no longer: who waits here is told why.
    pub fn resign(&self, reason: ErrorCode) {
        let mut office = self.office.lock();
        office.leadership = None;
        office.parked.dismiss(reason);
    }

    /// Does something with the leader's view of `epoch`, then moves the high watermark.
    fn with_leadership(&self, epoch: LeaderEpoch, change: impl FnOnce(&mut Leadership) -> Offset) {
        let mut office = self.office.lock();
        let Some(leadership) = &mut office.leadership else {
            return;
        };
        if leadership.epoch() == epoch {
            let high_watermark = change(leadership);
            self.publish(&mut office, high_watermark);
        }
    }

    fn publish(&self, office: &mut Office, high_watermark: Offset) {
        let before = self
            .high_watermark
            .fetch_max(high_watermark, Ordering::AcqRel);
        if high_watermark > before {
            office.parked.committed(high_watermark);
        }
    }

    /// Runs `work` as soon as nobody else has the log, perhaps on another thread.
    pub fn exclusive(&self, work: impl FnOnce(&mut Option<Log>) + Send + 'static) {
        // A full queue drops the work; what maintenance leaves undone it finds again next time.
        let _dropped = self.submit(Job::Maintain(Box::new(work)));
    }

    /// As [`Self::exclusive`], with an answer; none when the partition is closed or has stalled.
    pub async fn exclusively<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Log) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        self.exclusive(move |log| {
            if let Some(log) = log {
                let _gone = sender.send(work(log));
            }
        });
        receiver.await.ok()
    }

    /// As [`Self::exclusively`], for those who may block.
    pub fn exclusively_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Log) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        self.exclusive(move |log| {
            if let Some(log) = log {
                let _gone = sender.send(work(log));
            }
        });
        receiver.blocking_recv().ok()
    }

    /// Takes the log for good; later appends find the partition closed. Blocks while somebody
    /// else writes.
    pub fn take_log_blocking(&self) -> Option<Log> {
        let (sender, receiver) = oneshot::channel();
        self.exclusive(move |log| {
            let _gone = sender.send(log.take());
        });
        receiver.blocking_recv().ok().flatten()
    }

    /// Parks a long poll. Look again after this: what came before it woke nobody.
    pub fn park_fetch(&self, wait: Arc<FetchWait>) -> usize {
        self.office.lock().parked.park_fetch(wait)
    }

    pub fn release_fetch(&self, place: usize) {
        self.office.lock().parked.release_fetch(place);
    }

    /// Resolves when the producer of a batch that ends at `end` may be told so: when this broker
    /// has made it as durable as the topic asks, and with `all` when every replica in sync has it.
    /// `None` if it may at once.
    pub fn acknowledged(&self, end: Offset, all: bool) -> Option<oneshot::Receiver<Committed>> {
        if all {
            self.committed(end)
        } else {
            self.flushed(end)
        }
    }

    /// Resolves when the high watermark reaches `end`; `None` if it has already.
    pub fn committed(&self, end: Offset) -> Option<oneshot::Receiver<Committed>> {
        if self.high_watermark() >= end {
            return None;
        }
        let mut office = self.office.lock();
        // It may have moved before the lock was had.
        (self.high_watermark() < end).then(|| {
            let waiting = office.parked.park_produce(end);
            self.dismiss_the_late(&mut office);
            waiting
        })
    }

    /// When the log failed or the leadership went, whoever waited was dismissed. Who comes after
    /// that waits for what does not happen any more.
    fn dismiss_the_late(&self, office: &mut Office) {
        if self.view.is_offline() {
            office.parked.dismiss(ErrorCode::KafkaStorageError);
        } else if office.leadership.is_none() {
            office.parked.dismiss(ErrorCode::NotLeaderOrFollower);
        }
    }

    /// Produce and fetch requests that wait here, in this order.
    #[must_use]
    pub fn parked(&self) -> (usize, usize) {
        let office = self.office.lock();
        (
            office.parked.parked_produces(),
            office.parked.parked_fetches(),
        )
    }
}
