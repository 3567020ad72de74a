//! Requests that wait at a partition: fetches for more bytes, produces for the high watermark or the
//! disk.
//! Holds and releases them; what they do next is theirs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use millrace_types::{ErrorCode, Offset};
use slab::Slab;
use tokio::sync::{Notify, oneshot};

/// Appends whose bytes are counted one by one while they are not committed; older ones are
/// counted together, which at worst wakes a fetch early.
const UNEXPOSED_MAX: usize = 64;

/// One long poll, parked at every partition it reads.
#[derive(Debug)]
pub struct FetchWait {
    missing_bytes: AtomicI64,
    wake: Notify,
}

impl FetchWait {
    #[must_use]
    pub fn new(missing_bytes: usize) -> Arc<Self> {
        let wait = Self {
            missing_bytes: AtomicI64::default(),
            wake: Notify::new(),
        };
        wait.lack(missing_bytes);
        Arc::new(wait)
    }

    /// So many bytes are missing still, as of now.
    pub fn lack(&self, missing_bytes: usize) {
        let missing = i64::try_from(missing_bytes).unwrap_or(i64::MAX);
        self.missing_bytes.store(missing, Ordering::Release);
    }

    /// Resolves when enough bytes have become readable, or something else wants the poll to look
    /// again. A wake-up before the call is not lost.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    fn exposed(&self, bytes: i64) {
        if self.missing_bytes.fetch_sub(bytes, Ordering::AcqRel) <= bytes {
            self.wake.notify_one();
        }
    }
}

/// How an acknowledgement ended: at the high watermark, or with the reason why not.
pub type Committed = Result<(), ErrorCode>;

/// Everything that waits at one partition.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    fetches: Slab<Arc<FetchWait>>,
    /// Until the high watermark is there.
    produces: Queue,
    /// Until the disk has them.
    flushes: Queue,
    /// End offset and size of the appends that the high watermark has not reached.
    unexposed: VecDeque<(Offset, i64)>,
}

/// Produce requests by the offset that something must reach; the second part keeps the keys apart.
#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeMap<(Offset, u64), oneshot::Sender<Committed>>,
    seen: u64,
}

impl Queue {
    fn park(&mut self, required: Offset) -> oneshot::Receiver<Committed> {
        let (sender, receiver) = oneshot::channel();
        self.seen += 1;
        self.waiting.insert((required, self.seen), sender);
        receiver
    }

    fn release(&mut self, reached: Offset) {
        while let Some(entry) = self.waiting.first_entry()
            && entry.key().0 <= reached
        {
            // A produce whose connection has gone no longer listens.
            let _gone = entry.remove().send(Ok(()));
        }
    }

    fn dismiss(&mut self, reason: ErrorCode) {
        for (_, produce) in std::mem::take(&mut self.waiting) {
            let _gone = produce.send(Err(reason));
        }
    }
}

impl Parked {
    pub(crate) fn park_fetch(&mut self, wait: Arc<FetchWait>) -> usize {
        self.fetches.insert(wait)
    }

    pub(crate) fn release_fetch(&mut self, place: usize) {
        self.fetches.try_remove(place);
    }

    pub(crate) fn park_produce(&mut self, required: Offset) -> oneshot::Receiver<Committed> {
        self.produces.park(required)
    }

    pub(crate) fn park_until_flushed(&mut self, required: Offset) -> oneshot::Receiver<Committed> {
        self.flushes.park(required)
    }

    pub(crate) fn parked_produces(&self) -> usize {
        self.produces.waiting.len() + self.flushes.waiting.len()
    }

    pub(crate) fn parked_fetches(&self) -> usize {
        self.fetches.len()
    }

    pub(crate) fn appended(&mut self, end: Offset, bytes: i64) {
        if self.unexposed.len() == UNEXPOSED_MAX
            && let Some(last) = self.unexposed.back_mut()
        {
            last.0 = end;
            last.1 += bytes;
            return;
        }
        self.unexposed.push_back((end, bytes));
    }

    /// The high watermark moved: lets go whoever waited for that.
    pub(crate) fn committed(&mut self, high_watermark: Offset) {
        let mut bytes = 0;
        while let Some(&(end, size)) = self.unexposed.front()
            && end <= high_watermark
        {
            bytes += size;
            self.unexposed.pop_front();
        }
        if bytes > 0 {
            for (_, fetch) in &self.fetches {
                fetch.exposed(bytes);
            }
        }
        self.produces.release(high_watermark);
    }

    /// Everything before `durable` is on the disk.
    pub(crate) fn flushed(&mut self, durable: Offset) {
        self.flushes.release(durable);
    }

    /// The replica no longer leads, or is gone: nobody here gets what they waited for.
    pub(crate) fn dismiss(&mut self, reason: ErrorCode) {
        self.unexposed.clear();
        for (_, fetch) in &self.fetches {
            fetch.wake.notify_one();
        }
        self.produces.dismiss(reason);
        self.flushes.dismiss(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_wakes_once_enough_bytes_are_committed() {
        let mut parked = Parked::default();
        let wait = FetchWait::new(100);
        let place = parked.park_fetch(Arc::clone(&wait));
        parked.appended(10, 60);
        parked.appended(20, 60);
        let mut woken = poll_by_hand(&wait);
        parked.committed(10);
        assert!(!woken.is_ready());
        parked.committed(20);
        assert!(woken.is_ready());
        parked.release_fetch(place);
        assert_eq!(parked.parked_fetches(), 0);
    }

    #[test]
    fn produces_are_released_in_order_of_their_offsets() {
        let mut parked = Parked::default();
        let mut first = parked.park_produce(10);
        let mut second = parked.park_produce(20);
        let mut durable = parked.park_until_flushed(10);
        parked.committed(15);
        assert_eq!(first.try_recv(), Ok(Ok(())));
        assert!(durable.try_recv().is_err());
        parked.flushed(10);
        assert_eq!(durable.try_recv(), Ok(Ok(())));
        assert!(second.try_recv().is_err());
        parked.dismiss(ErrorCode::NotLeaderOrFollower);
        assert_eq!(second.try_recv(), Ok(Err(ErrorCode::NotLeaderOrFollower)));
    }

    #[test]
    fn many_uncommitted_appends_take_bounded_room_and_lose_no_wakeup() {
        let mut parked = Parked::default();
        let wait = FetchWait::new(1000);
        parked.park_fetch(Arc::clone(&wait));
        for number in 1..=1000 {
            parked.appended(number, 1);
        }
        assert_eq!(parked.unexposed.len(), UNEXPOSED_MAX);
        let mut woken = poll_by_hand(&wait);
        parked.committed(1000);
        assert!(woken.is_ready());
    }

    struct Woken<'a>(std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>);

    fn poll_by_hand(wait: &FetchWait) -> Woken<'_> {
        Woken(Box::pin(wait.woken()))
    }

    impl Woken<'_> {
        fn is_ready(&mut self) -> bool {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            self.0.as_mut().poll(&mut context).is_ready()
        }
    }
}
