//! One thread at a time, without a lock that is held during the work.

use parking_lot::{Condvar, Mutex};

/// Lets one thread at a time do something that takes long, while nobody holds a lock.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    is_taken: Mutex<bool>,
    freed: Condvar,
}

impl Turnstile {
    /// Waits for its turn, then works.
    pub(crate) fn in_turn<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut is_taken = self.is_taken.lock();
        while *is_taken {
            self.freed.wait(&mut is_taken);
        }
        *is_taken = true;
        drop(is_taken);
        let _turn = Turn(self);
        work()
    }
}

/// Ends with its drop, even when the work panics.
struct Turn<'a>(&'a Turnstile);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.is_taken.lock() = false;
        self.0.freed.notify_one();
    }
}
