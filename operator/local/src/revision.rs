//! A number that only grows, and those who wait for it to. They are woken in the order in which they began
//! to wait, which tokio's watch channel leaves to chance: one seed would be another run each time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// The number.
#[derive(Debug, Default)]
pub(crate) struct Revision {
    number: AtomicU64,
    grown: Notify,
}

/// Somebody who waits for it to grow.
#[derive(Clone, Debug)]
pub struct Newest {
    revision: Arc<Revision>,
    seen: u64,
}

impl Revision {
    pub(crate) fn grow_to(&self, number: u64) {
        self.number.fetch_max(number, Ordering::AcqRel);
        self.grown.notify_waiters();
    }

    pub(crate) fn grow(&self) {
        self.number.fetch_add(1, Ordering::AcqRel);
        self.grown.notify_waiters();
    }

    fn now(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }
}

impl Newest {
    /// Knows the number as it is now.
    pub(crate) fn of(revision: &Arc<Revision>) -> Self {
        let revision = Arc::clone(revision);
        let seen = revision.now();
        Self { revision, seen }
    }

    /// What happened until now is known.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.revision.now();
    }

    /// Returns when something happened that is not known yet.
    pub async fn changed(&mut self) {
        loop {
            // Whoever is told between the look and the wait is told.
            let grown = self.revision.grown.notified();
            let now = self.revision.now();
            if now != self.seen {
                self.seen = now;
                return;
            }
            grown.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;
    use parking_lot::Mutex;

    use super::*;

    #[tokio::test]
    async fn who_waited_first_is_woken_first() {
        let revision = Arc::new(Revision::default());
        let woken = Mutex::new(Vec::new());
        let waiting = (0..100).map(|who| {
            let (mut newest, woken) = (Newest::of(&revision), &woken);
            async move {
                newest.changed().await;
                woken.lock().push(who);
            }
        });
        tokio::join!(join_all(waiting), async { revision.grow() });
        assert_eq!(*woken.lock(), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_happened_before_is_heard_of_once() {
        let revision = Arc::new(Revision::default());
        let mut newest = Newest::of(&revision);
        revision.grow_to(7);
        newest.changed().await;
        revision.grow();
        newest.mark_unchanged();
        let again = newest.changed();
        assert!(futures::future::FutureExt::now_or_never(again).is_none());
    }
}
