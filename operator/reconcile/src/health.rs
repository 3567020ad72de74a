//! Whether the operator's work goes on: what runs now and since when. A liveness probe reads it, and
//! the metrics. It only remembers; it stops nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// A pass over one resource has deadlines on every call; one that runs longer hangs.
const PASS_LIMIT: Duration = Duration::from_secs(600);

/// Work that runs now.
#[derive(Debug, Default)]
pub struct Health {
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    next: u64,
    passes: BTreeMap<u64, Pass>,
}

#[derive(Debug)]
struct Pass {
    kind: &'static str,
    what: String,
    since: Instant,
}

/// A pass that runs until this is dropped.
#[derive(Debug)]
pub struct RunningPass<'a> {
    health: &'a Health,
    id: u64,
}

impl Health {
    /// Notes that a pass over `what` begins.
    pub fn begin(&self, kind: &'static str, what: String) -> RunningPass<'_> {
        let mut running = self.running.lock();
        let id = running.next;
        running.next += 1;
        let since = Instant::now();
        running.passes.insert(id, Pass { kind, what, since });
        RunningPass { health: self, id }
    }

    /// Why the operator should be started anew, if it should.
    pub fn stuck(&self) -> Option<String> {
        let now = Instant::now();
        let running = self.running.lock();
        let pass = running
            .passes
            .values()
            .find(|pass| now.duration_since(pass.since) > PASS_LIMIT)?;
        Some(format!(
            "the pass over {} {} runs for more than {} s",
            pass.kind,
            pass.what,
            PASS_LIMIT.as_secs()
        ))
    }

    /// How long the oldest pass over a resource of `kind` has been running.
    pub(crate) fn oldest(&self, kind: &str) -> Option<Duration> {
        let running = self.running.lock();
        let oldest = running.passes.values().find(|pass| pass.kind == kind)?;
        Some(oldest.since.elapsed())
    }
}

impl Drop for RunningPass<'_> {
    fn drop(&mut self) {
        self.health.running.lock().passes.remove(&self.id);
    }
}
