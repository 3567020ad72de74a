//! What every handle of the API and every watch shares: the store behind its lock, the signals that
//! something changed, and the clock.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::refusal::Refusal;
use crate::revision::Revision;
use crate::script::{Asked, Fate};
use crate::store::Store;

type Script = Box<dyn FnMut(&Asked) -> Fate + Send>;

pub(crate) struct Shared {
    pub(crate) store: Mutex<Store>,
    pub(crate) newest: Arc<Revision>,
    /// How often every watch was ended.
    pub(crate) dropped: Arc<Revision>,
    pub(crate) lag: Mutex<Duration>,
    pub(crate) script: Mutex<Script>,
    /// Its clock: the time at which it began, and how long ago that is.
    began: Timestamp,
    started: Instant,
}

impl Shared {
    pub(crate) fn new(began: Timestamp) -> Self {
        Self {
            store: Mutex::default(),
            newest: Arc::default(),
            dropped: Arc::default(),
            lag: Mutex::default(),
            script: Mutex::new(Box::new(|_| Fate::Answered)),
            began,
            started: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let age = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.began.saturating_add(age).unwrap_or(self.began)
    }

    /// Changes the store, and wakes whoever waits for a change.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut store = self.store.lock();
        store.grow_old(self.now());
        let before = store.revision();
        let done = work(&mut store);
        let revision = store.revision();
        drop(store);
        if revision != before {
            self.newest.grow_to(revision);
        }
        done
    }
}
