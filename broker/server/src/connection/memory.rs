//! How much memory the requests of all connections may take together. Who finds none waits in
//! line; nobody is refused.
//!
//! One connection at a time may go beyond the limit and finish the frame it has begun: otherwise
//! many half frames could fill the memory and wait for each other. So the bound is the limit and
//! one frame.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory is counted in units of this size.
const UNIT_BYTES: usize = 1024;

/// The memory that requests may take.
pub struct RequestMemory {
    units: Arc<Semaphore>,
    /// Whoever has it need not count.
    excess: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl RequestMemory {
    #[must_use]
    pub fn new(limit_bytes: u64) -> Arc<Self> {
        let units = usize::try_from(limit_bytes).unwrap_or(usize::MAX) / UNIT_BYTES;
        Arc::new(Self {
            units: Arc::new(Semaphore::new(units.clamp(1, Semaphore::MAX_PERMITS))),
            excess: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Whether somebody waits for memory now.
    pub(crate) fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// What one connection or one request has of it; dropping it gives it back.
pub(crate) struct Share {
    memory: Arc<RequestMemory>,
    units: Option<OwnedSemaphorePermit>,
    excess: Option<OwnedSemaphorePermit>,
}

impl Share {
    pub(crate) fn none_of(memory: &Arc<RequestMemory>) -> Self {
        Self {
            memory: Arc::clone(memory),
            units: None,
            excess: None,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.units.is_none() && self.excess.is_none()
    }

    /// Whether this keeps from others what they wait for.
    pub(crate) fn is_in_the_way(&self) -> bool {
        !self.is_empty() && self.memory.is_wanted()
    }

    /// All of it; nothing stays behind.
    pub(crate) fn take(&mut self) -> Self {
        Self {
            memory: Arc::clone(&self.memory),
            units: self.units.take(),
            excess: self.excess.take(),
        }
    }

    /// Grows to this many bytes, if that needs no waiting.
    pub(crate) fn try_grow(&mut self, bytes: usize) -> bool {
        let missing = self.missing(bytes);
        if missing == 0 {
            return true;
        }
        // Those who wait come first: the semaphore lets nobody pass them.
        match Arc::clone(&self.memory.units).try_acquire_many_owned(missing) {
            Ok(units) => self.add(units),
            Err(_) => return false,
        }
        true
    }

    /// Grows to this many bytes once there is room. May be dropped and asked again.
    pub(crate) async fn grow(&mut self, bytes: usize) {
        let missing = self.missing(bytes);
        if missing == 0 {
            return;
        }
        let memory = Arc::clone(&self.memory);
        let _waiting = InLine::behind(&memory.waiting);
        let units = Arc::clone(&memory.units).acquire_many_owned(missing);
        let excess = Arc::clone(&memory.excess).acquire_owned();
        // The semaphores are never closed.
        tokio::select! {
            biased;
            Ok(units) = units => self.add(units),
            Ok(excess) = excess => self.excess = Some(excess),
            else => {}
        }
    }

    /// Units that are still to be had. None while the excess is ours.
    fn missing(&self, bytes: usize) -> u32 {
        if self.excess.is_some() {
            return 0;
        }
        let held = self.units.as_ref().map_or(0, |units| units.num_permits());
        let missing = bytes.div_ceil(UNIT_BYTES).saturating_sub(held);
        u32::try_from(missing).unwrap_or(u32::MAX)
    }

    fn add(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.units {
            Some(units) => units.merge(more),
            None => self.units = Some(more),
        }
    }
}

/// Counts one more who waits, for as long as it lives.
struct InLine<'a>(&'a AtomicUsize);

impl<'a> InLine<'a> {
    fn behind(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    const KIB: usize = 1024;

    fn is_pending(future: std::pin::Pin<&mut impl Future>) -> bool {
        future
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    }

    #[test]
    fn what_is_given_back_can_be_had_again() {
        let memory = RequestMemory::new(10 * KIB as u64);
        let (mut one, mut other) = (Share::none_of(&memory), Share::none_of(&memory));
        assert!(one.try_grow(8 * KIB));
        assert!(one.try_grow(8 * KIB), "nothing is counted twice");
        assert!(!other.try_grow(3 * KIB));
        assert!(other.try_grow(2 * KIB));
        drop(one.take());
        assert!(one.is_empty());
        assert!(other.try_grow(10 * KIB));
    }

    #[test]
    fn one_at_a_time_goes_beyond_the_limit_and_the_others_wait() {
        let memory = RequestMemory::new(10 * KIB as u64);
        let mut shares: Vec<_> = (0..3).map(|_| Share::none_of(&memory)).collect();
        assert!(shares[0].try_grow(10 * KIB));
        let [first, second, third] = &mut shares[..] else {
            unreachable!("three were made")
        };
        assert!(!is_pending(pin!(second.grow(1000 * KIB))));
        assert!(second.try_grow(2000 * KIB), "the whole frame may follow");
        {
            let mut waits = pin!(third.grow(5 * KIB));
            assert!(is_pending(waits.as_mut()));
            assert!(first.is_in_the_way() && second.is_in_the_way());
            drop(second.take());
            assert!(!is_pending(waits.as_mut()));
        }
        assert!(!first.is_in_the_way());
    }

    #[test]
    fn whoever_gives_up_waiting_is_not_waited_for() {
        let memory = RequestMemory::new(KIB as u64);
        let mut shares: Vec<_> = (0..4).map(|_| Share::none_of(&memory)).collect();
        assert!(shares[0].try_grow(KIB));
        assert!(!is_pending(pin!(shares[1].grow(KIB))));
        assert!(is_pending(pin!(shares[2].grow(KIB))));
        assert!(!memory.is_wanted());
        drop(shares[0].take());
        assert!(shares[3].try_grow(KIB));
    }
}
