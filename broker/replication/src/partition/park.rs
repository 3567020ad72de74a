//! Requests that wait here: fetches for more, producers for their batch to be durable or committed.

use std::sync::Arc;

use millrace_types::{ErrorCode, Offset};
use tokio::sync::oneshot;

use crate::parked::{Committed, FetchWait};
use crate::partition::state::{Office, Partition};

impl Partition {
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
    pub(super) fn dismiss_the_late(&self, office: &mut Office) {
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
