//! Who leads: the leader's view begins, changes and ends as the metadata says, and moves the high
//! watermark.

use std::sync::atomic::Ordering;

use millrace_types::{ErrorCode, LeaderEpoch, Offset};

use crate::leadership::{Assignment, Leadership};
use crate::partition::state::{Office, Partition};

impl Partition {
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
    pub(super) fn with_leadership(
        &self,
        epoch: LeaderEpoch,
        change: impl FnOnce(&mut Leadership) -> Offset,
    ) {
        let mut office = self.office.lock();
        let Some(leadership) = &mut office.leadership else {
            return;
        };
        if leadership.epoch() == epoch {
            let high_watermark = change(leadership);
            self.publish(&mut office, high_watermark);
        }
    }

    pub(super) fn publish(&self, office: &mut Office, high_watermark: Offset) {
        let before = self
            .high_watermark
            .fetch_max(high_watermark, Ordering::AcqRel);
        if high_watermark > before {
            office.parked.committed(high_watermark);
        }
    }
}
