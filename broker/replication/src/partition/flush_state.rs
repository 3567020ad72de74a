//! How far the flush of a partition is: at most one is queued or runs, and while one runs another may be
//! wanted.

use std::sync::atomic::{AtomicU8, Ordering};

const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const RUNNING: u8 = 2;
const RUNNING_AND_WANTED: u8 = 3;

/// Idle at first.
#[derive(Debug, Default)]
pub(super) struct FlushState(AtomicU8);

impl FlushState {
    /// Somebody wants a flush. Says whether it is to be queued; otherwise one will come anyway.
    pub(super) fn want(&self) -> bool {
        let wanted = |state| match state {
            IDLE => Some(QUEUED),
            RUNNING => Some(RUNNING_AND_WANTED),
            _ => None,
        };
        self.change(wanted) == Ok(IDLE)
    }

    /// The flush that was queued begins.
    pub(super) fn begin(&self) {
        self.0.store(RUNNING, Ordering::Release);
    }

    /// It has ended. Says whether another one is to be queued.
    pub(super) fn end(&self) -> bool {
        let ended = |state| {
            Some(if state == RUNNING_AND_WANTED {
                QUEUED
            } else {
                IDLE
            })
        };
        self.change(ended) == Ok(RUNNING_AND_WANTED)
    }

    /// What it was before.
    fn change(&self, to: impl Fn(u8) -> Option<u8>) -> Result<u8, u8> {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, to)
    }
}
