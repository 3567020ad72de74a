//! Who leads, decided from what a replica saw of the lease: leases in with the local time, one step
//! out. Expiry is judged by how long this replica saw no change, never by comparing its clock with a
//! time that another wrote. No requests, no clock.

use std::time::Duration;

/// The times of an election: everything follows from how long a lease lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Periods {
    /// How long a lease that nobody renews keeps others away.
    pub(crate) lease: Duration,
    /// A leader that could not renew for so long must have stopped working: well before others may start.
    pub(crate) renew: Duration,
    /// No look at or write of the lease takes longer: one that fails leaves time for another.
    pub(crate) request: Duration,
    /// Between renewals, and between looks at another's lease.
    pub(crate) retry: Duration,
}

impl Periods {
    pub(crate) fn of_lease(lease: Duration) -> Self {
        Self {
            lease,
            renew: lease * 10 / 15,
            request: lease * 4 / 15,
            retry: lease * 2 / 15,
        }
    }
}

/// What matters of the stored lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenLease {
    pub(crate) holder: String,
    /// Changes with every write.
    pub(crate) version: String,
    /// What its holder promised; a released lease promises a second.
    pub(crate) duration: Duration,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is no lease: create it in our name.
    Create,
    /// It is free or has run out: write our name into it.
    Take,
    /// It is ours: renew it.
    Renew,
    /// It is another's: look again later.
    Wait,
}

/// One replica's view of the election.
#[derive(Debug)]
pub(crate) struct Election {
    identity: String,
    periods: Periods,
    last_change: Option<(SeenLease, Duration)>,
    renewed: Option<Duration>,
}

impl Election {
    pub(crate) fn new(identity: String, periods: Periods) -> Self {
        Self {
            identity,
            periods,
            last_change: None,
            renewed: None,
        }
    }

    /// What to do about the lease as it was read, at local time `now`.
    pub(crate) fn step(&mut self, lease: Option<SeenLease>, now: Duration) -> Step {
        let Some(lease) = lease else {
            self.last_change = None;
            return Step::Create;
        };
        let changed = match &self.last_change {
            Some((seen, at)) if *seen == lease => *at,
            _ => now,
        };
        let step = if lease.holder == self.identity {
            Step::Renew
        } else if lease.holder.is_empty() || now.saturating_sub(changed) >= lease.duration {
            Step::Take
        } else {
            Step::Wait
        };
        self.last_change = Some((lease, changed));
        step
    }

    /// A write in our name succeeded that was sent at `sent`: others count from no earlier.
    pub(crate) fn wrote(&mut self, sent: Duration) {
        self.renewed = Some(sent);
    }

    /// When this replica must have stopped working if it renews nothing until then.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.renewed.map(|at| at + self.periods.renew)
    }

    /// Another holds what was ours: whatever we still do is wrong.
    pub(crate) fn deposed(&self, step: Step) -> bool {
        self.renewed.is_some() && step != Step::Renew
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(15);

    fn election(identity: &str) -> Election {
        Election::new(identity.to_owned(), Periods::of_lease(LEASE))
    }

    fn lease(holder: &str, version: u32) -> Option<SeenLease> {
        Some(SeenLease {
            holder: holder.to_owned(),
            version: version.to_string(),
            duration: LEASE,
        })
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_lease_is_waited_for_as_long_as_it_changes() {
        let mut election = election("a");
        for (second, version) in [(0, 1), (14, 1), (14, 2), (28, 2)] {
            assert_eq!(election.step(lease("b", version), at(second)), Step::Wait);
        }
        assert_eq!(election.step(lease("b", 2), at(29)), Step::Take);
    }

    #[test]
    fn a_missing_lease_is_created_and_a_released_one_taken_at_once() {
        let mut election = election("a");
        assert_eq!(election.step(None, at(0)), Step::Create);
        assert_eq!(election.step(lease("b", 1), at(1)), Step::Wait);
        assert_eq!(election.step(lease("", 2), at(2)), Step::Take);
    }

    #[test]
    fn a_leader_stops_before_another_may_start() {
        let mut leader = election("a");
        let mut other = election("b");
        leader.wrote(at(100));
        // The other saw that write no earlier than it was sent.
        assert_eq!(other.step(lease("a", 1), at(100)), Step::Wait);
        let stops = leader.deadline().expect("it leads");
        assert_eq!(other.step(lease("a", 1), stops), Step::Wait);
    }

    #[test]
    fn a_leader_that_reads_another_holder_is_deposed() {
        let mut election = election("a");
        assert!(!election.deposed(Step::Wait));
        election.wrote(at(0));
        let step = election.step(lease("b", 7), at(3));
        assert!(election.deposed(step));
    }
}
