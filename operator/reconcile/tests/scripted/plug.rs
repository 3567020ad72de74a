//! Everything the operator asks, of Kubernetes and of Kafka, goes through here: it is counted, made to fail
//! by seed, and cut off after a given write of either.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use millrace_admin::{AdminError, fake};
use millrace_local::faults::{Faults, Pick, Writes};
use millrace_local::{Asked, Fate};
use millrace_types::ErrorCode;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

/// What has been asked, and what becomes of the next question.
#[derive(Clone)]
pub(crate) struct Plug {
    state: Arc<Mutex<State>>,
    /// Whether the operator was cut off.
    cut: watch::Sender<bool>,
}

struct State {
    began: Instant,
    /// When everything was asked, and what became of it.
    calls: Vec<String>,
    writes: Writes,
    reads: BTreeMap<String, u64>,
    faults: Option<Faults>,
}

impl Plug {
    pub(crate) fn new() -> Self {
        let state = State {
            began: Instant::now(),
            calls: Vec::new(),
            writes: Writes::default(),
            reads: BTreeMap::new(),
            faults: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            cut: watch::Sender::new(false),
        }
    }

    /// Cuts the operator off once it has made so many writes.
    pub(crate) fn cut_after(&self, writes: usize) {
        self.state.lock().writes.limit(Some(writes));
    }

    pub(crate) fn trouble(&self, faults: Option<Faults>) {
        self.state.lock().faults = faults;
    }

    /// Lets the next operator work.
    pub(crate) fn mend(&self) {
        self.state.lock().writes.limit(None);
        self.cut.send_replace(false);
    }

    pub(crate) fn is_cut(&self) -> watch::Receiver<bool> {
        self.cut.subscribe()
    }

    /// Every write so far, in order.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.state.lock().writes.noted().to_vec()
    }

    /// Every question so far: when, what, and what became of it.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state.lock().calls.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.state.lock().writes.noted().len()
    }

    pub(crate) fn take_reads(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.state.lock().reads)
    }

    pub(crate) fn of_kubernetes(&self, asked: &Asked) -> Fate {
        let part = if asked.status { "/status" } else { "" };
        let of_kind = format!("{:?} {}{part}", asked.verb, asked.kind);
        let name = match asked.kind {
            // What follows the dot is the time of day.
            "Event" => asked.name.split('.').next().unwrap_or_default(),
            _ => asked.name.as_str(),
        };
        let what = format!(
            "{:?} {} {}/{name}{part}",
            asked.verb, asked.kind, asked.namespace
        );
        let mut state = self.state.lock();
        let fate = if *self.cut.borrow() {
            Fate::Unanswered
        } else {
            if !asked.writes() {
                *state.reads.entry(of_kind).or_default() += 1;
            }
            let fault = state.faults.as_mut().and_then(|faults| faults.fate(asked));
            match fault {
                Some(fate) => fate,
                None if asked.writes() && self.is_last(&mut state, &what) => Fate::AnswerLost,
                None => Fate::Answered,
            }
        };
        state.note(&what, &fate);
        fate
    }

    pub(crate) fn of_kafka(&self, cluster: &str, up: bool, asked: &fake::Asked) -> fake::Fate {
        let of_cluster = format!("{:?} {cluster}", asked.call);
        let what = format!("{of_cluster} {:?}", asked.names);
        let mut state = self.state.lock();
        let fate = if *self.cut.borrow() {
            fake::Fate::AnsweredAfter(Duration::MAX)
        } else {
            if !asked.call.writes() {
                *state.reads.entry(of_cluster).or_default() += 1;
            }
            let fault = match up {
                true => state.faults.as_mut().and_then(kafka_fault),
                false => Some(fake::Fate::Failed(AdminError::Unanswered)),
            };
            match fault {
                Some(fate) => fate,
                None if asked.call.writes() && self.is_last(&mut state, &what) => {
                    fake::Fate::AnswerLost
                }
                None => fake::Fate::Answered,
            }
        };
        state.note(&what, &fate);
        fate
    }

    /// Notes a write. After the last one nobody hears of anything.
    fn is_last(&self, state: &mut State, write: &str) -> bool {
        let last = state.writes.note(write.to_owned());
        if last {
            self.cut.send_replace(true);
        }
        last
    }
}

impl State {
    fn note(&mut self, what: &str, fate: &impl Debug) {
        let at = self.began.elapsed();
        self.calls.push(format!("{at:?} {what}: {fate:?}"));
    }
}

fn kafka_fault(faults: &mut Faults) -> Option<fake::Fate> {
    let Pick { choice, delay } = faults.pick(5)?;
    Some(match choice {
        0 => fake::Fate::Failed(AdminError::Unanswered),
        1 => fake::Fate::Failed(AdminError::refused(ErrorCode::NotController)),
        2 => fake::Fate::Failed(AdminError::refused(ErrorCode::RequestTimedOut)),
        3 => fake::Fate::AnswerLost,
        _ => fake::Fate::AnsweredAfter(delay),
    })
}
