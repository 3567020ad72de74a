//! Everything the operator asks, of Kubernetes and of Kafka, goes through here: it is counted, made to fail
//! by seed, and cut off after a given write of either.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_admin::{AdminError, fake};
use millrace_local::faults::{Faults, Pick, Writes};
use millrace_local::{Asked, Fate};
use millrace_types::ErrorCode;
use parking_lot::Mutex;
use tokio::sync::watch;

/// What has been asked, and what becomes of the next question.
#[derive(Clone)]
pub(crate) struct Plug {
    state: Arc<Mutex<State>>,
    /// Whether the operator was cut off.
    cut: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    writes: Writes,
    reads: BTreeMap<String, u64>,
    faults: Option<Faults>,
}

impl Plug {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::default(),
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

    pub(crate) fn count(&self) -> usize {
        self.state.lock().writes.noted().len()
    }

    pub(crate) fn take_reads(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.state.lock().reads)
    }

    pub(crate) fn of_kubernetes(&self, asked: &Asked) -> Fate {
        if *self.cut.borrow() {
            return Fate::Unanswered;
        }
        let mut state = self.state.lock();
        let part = if asked.status { "/status" } else { "" };
        let what = format!("{:?} {}{part}", asked.verb, asked.kind);
        if !asked.writes() {
            *state.reads.entry(what).or_default() += 1;
        }
        if let Some(fate) = state.faults.as_mut().and_then(|faults| faults.fate(asked)) {
            return fate;
        }
        if asked.writes() {
            let what = format!(
                "{:?} {} {}/{}{part}",
                asked.verb, asked.kind, asked.namespace, asked.name
            );
            if state.writes.note(what) {
                self.cut.send_replace(true);
                return Fate::AnswerLost;
            }
        }
        Fate::Answered
    }

    pub(crate) fn of_kafka(&self, cluster: &str, up: bool, asked: &fake::Asked) -> fake::Fate {
        if *self.cut.borrow() {
            return fake::Fate::AnsweredAfter(Duration::MAX);
        }
        let mut state = self.state.lock();
        let what = format!("{:?} {cluster}", asked.call);
        if !asked.call.writes() {
            *state.reads.entry(what.clone()).or_default() += 1;
        }
        if !up {
            return fake::Fate::Failed(AdminError::Unanswered);
        }
        if let Some(fate) = state.faults.as_mut().and_then(kafka_fault) {
            return fate;
        }
        if asked.call.writes() && state.writes.note(format!("{what} {:?}", asked.names)) {
            self.cut.send_replace(true);
            return fake::Fate::AnswerLost;
        }
        fake::Fate::Answered
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
