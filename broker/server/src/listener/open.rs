//! The connections that are open, over all listeners of the process: counted, found when somebody
//! has to leave, and complained about.

use std::net::SocketAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use millrace_replication::Count;
use millrace_types::{Clock, SystemClock};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::task::AbortHandle;
use tracing::{debug, info};

use crate::connection::activity::Activity;
use crate::listener::admission::{AdmissionLimits, Admissions, Denial};
use crate::listener::complaints::Complaints;

pub struct OpenConnections {
    clock: Arc<dyn Clock>,
    places: Mutex<Places>,
    /// A place became free, or the limits changed.
    changed: Notify,
    complaints: Mutex<Complaints>,
    accepted: Count,
    refused: Count,
}

#[derive(Default)]
struct Places {
    admissions: Admissions,
    taken: HashMap<u64, Taken>,
    next: u64,
}

/// One open connection.
struct Taken {
    listener: Arc<str>,
    peer: SocketAddr,
    activity: Arc<Activity>,
    /// Set once it runs.
    task: Option<AbortHandle>,
    /// It was told to leave.
    is_leaving: bool,
}

impl Default for OpenConnections {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock::new()))
    }
}

impl OpenConnections {
    fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            places: Mutex::default(),
            changed: Notify::new(),
            complaints: Mutex::default(),
            accepted: Count::default(),
            refused: Count::default(),
        }
    }

    pub fn count(&self) -> usize {
        self.places.lock().admissions.total()
    }

    /// Since the start.
    pub fn accepted(&self) -> u64 {
        self.accepted.value()
    }

    /// Since the start, because of a limit.
    pub fn refused(&self) -> u64 {
        self.refused.value()
    }

    /// New limits hold at once: who waits is let in, and what is too much has to leave.
    pub fn set_limits(&self, limits: AdmissionLimits) {
        let mut places = self.places.lock();
        places.admissions.set_limits(limits);
        places.make_the_idlest_leave();
        drop(places);
        self.changed.notify_waiters();
    }

    /// Decides on a new connection; one that enters has its place until the admission is dropped.
    pub(crate) fn admit(
        self: &Arc<Self>,
        listener: &Arc<str>,
        peer: SocketAddr,
    ) -> Result<Admission, Denial> {
        let mut places = self.places.lock();
        let now = self.clock.elapsed();
        places.admissions.decide(listener, peer.ip(), now)?;
        self.accepted.increment();
        let id = places.next;
        places.next += 1;
        let activity = Activity::new(Arc::clone(&self.clock));
        let taken = Taken {
            listener: Arc::clone(listener),
            peer,
            activity: Arc::clone(&activity),
            task: None,
            is_leaving: false,
        };
        places.taken.insert(id, taken);
        places.make_the_idlest_leave();
        Ok(Admission {
            id,
            activity,
            open: Arc::clone(self),
        })
    }

    /// Names the task that serves a connection, so that it can be made to leave.
    pub(crate) fn runs(&self, id: u64, task: AbortHandle) {
        // It may have ended already.
        if let Some(taken) = self.places.lock().taken.get_mut(&id) {
            taken.task = Some(task);
        }
    }

    /// Resolves at the next change after it was first polled or enabled.
    pub(crate) fn change(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub(crate) fn refuse(&self, peer: SocketAddr, kind: &'static str, reason: &str) {
        self.refused.increment();
        self.complain(peer, kind, reason);
    }

    /// Tells the operator what a client did, unless many did the same.
    pub(crate) fn complain(&self, peer: SocketAddr, kind: &'static str, reason: &str) {
        if self.may_say(kind) {
            info!(%peer, reason, "connection closed");
        } else {
            debug!(%peer, reason, "connection closed");
        }
    }

    /// Whether one more line of this kind may go to the log.
    pub(crate) fn may_say(&self, kind: &'static str) -> bool {
        self.complaints.lock().may_say(kind, self.clock.elapsed())
    }

    /// Says what was kept back in a flood that is over.
    pub(crate) fn sum_up_complaints(&self) {
        let overdue = self.complaints.lock().overdue(self.clock.elapsed());
        for (kind, times) in overdue {
            info!(times, "{kind}");
        }
    }

    fn leave(&self, id: u64) {
        let mut places = self.places.lock();
        if let Some(taken) = places.taken.remove(&id) {
            places.admissions.leave(&taken.listener, taken.peer.ip());
        }
        drop(places);
        self.changed.notify_waiters();
    }
}

impl Places {
    /// Ends the connections that said nothing for longest until no more are open than allowed.
    fn make_the_idlest_leave(&mut self) {
        let Self {
            admissions, taken, ..
        } = self;
        // Those that were told to leave still count until they are gone.
        let leaving = taken.values().filter(|taken| taken.is_leaving).count();
        let mut excess = admissions.excess().saturating_sub(leaving);
        if excess == 0 {
            return;
        }
        let mut candidates: Vec<_> = taken
            .iter_mut()
            .filter(|(_, taken)| !taken.is_leaving && !admissions.is_protected(&taken.listener))
            .collect();
        // Of those that spoke in the same millisecond, who came first.
        candidates.sort_unstable_by_key(|(id, taken)| (taken.activity.last(), **id));
        for (_, taken) in candidates {
            if excess == 0 {
                break;
            }
            if let Some(task) = &taken.task {
                info!(peer = %taken.peer, listener = %taken.listener,
                    "connection closed: more are open than max.connections allows, and it was \
                     silent for longest");
                task.abort();
                taken.is_leaving = true;
                excess -= 1;
            }
        }
    }
}

/// One counted connection; dropping it gives its place back.
pub(crate) struct Admission {
    pub(crate) id: u64,
    pub(crate) activity: Arc<Activity>,
    open: Arc<OpenConnections>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.open.leave(self.id);
    }
}
