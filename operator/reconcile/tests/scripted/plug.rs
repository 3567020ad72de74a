//! Everything the operator asks goes through here: it is counted, made to fail by seed, and cut off
//! after a given write.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_admin::{AdminError, fake};
use millrace_local::{Asked, Fate, Verb};
use millrace_types::ErrorCode;
use parking_lot::Mutex;
use tokio::sync::watch;

/// How long a delayed answer takes, at most.
const DELAY_MOST: u64 = 3_000;

/// What has been asked, and what becomes of the next question.
#[derive(Clone)]
pub(crate) struct Plug {
    state: Arc<Mutex<State>>,
    /// Whether the operator was cut off.
    cut: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    writes: Vec<String>,
    reads: BTreeMap<String, u64>,
    cut_after: Option<u64>,
    trouble: Option<Trouble>,
}

/// Faults by seed, each so many times in a hundred.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) seed: u64,
    pub(crate) percent: u64,
}

impl Trouble {
    /// A number from 0 to 99 and one more to choose with.
    fn next(&mut self) -> (u64, u64) {
        // A linear congruential generator: the same seed, the same faults.
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = self.seed >> 33;
        (high % 100, high / 100)
    }
}

impl Plug {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::default(),
            cut: watch::Sender::new(false),
        }
    }

    /// Cuts the operator off once it has made so many writes.
    pub(crate) fn cut_after(&self, writes: u64) {
        self.state.lock().cut_after = Some(writes);
    }

    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        self.state.lock().trouble = trouble;
    }

    /// Lets the next operator work.
    pub(crate) fn mend(&self) {
        self.state.lock().cut_after = None;
        self.cut.send_replace(false);
    }

    pub(crate) fn is_cut(&self) -> watch::Receiver<bool> {
        self.cut.subscribe()
    }

    /// Every write so far, in order.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.state.lock().writes.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.state.lock().writes.len()
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
        if let Some(fate) = state.trouble.as_mut().and_then(kubernetes_fault) {
            // Lists and watches have no deadline: a connection that stays silent is broken in the end.
            let silent = matches!(fate, Fate::Unanswered | Fate::AnswerLost);
            let waits = matches!(asked.verb, Verb::List | Verb::Watch);
            return if silent && waits { Fate::Broken } else { fate };
        }
        if asked.writes() {
            let what = format!(
                "{:?} {} {}/{}{part}",
                asked.verb, asked.kind, asked.namespace, asked.name
            );
            if state.write(what) {
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
        if let Some(fate) = state.trouble.as_mut().and_then(kafka_fault) {
            return fate;
        }
        if asked.call.writes() && state.write(format!("{what} {:?}", asked.names)) {
            self.cut.send_replace(true);
            return fake::Fate::AnswerLost;
        }
        fake::Fate::Answered
    }
}

impl State {
    /// Notes a write. Returns whether it is the last one.
    fn write(&mut self, what: String) -> bool {
        self.writes.push(what);
        self.cut_after == u64::try_from(self.writes.len()).ok()
    }
}

fn kubernetes_fault(trouble: &mut Trouble) -> Option<Fate> {
    let (roll, choice) = trouble.next();
    let delay = Duration::from_millis(choice / 8 % DELAY_MOST);
    (roll < trouble.percent).then_some(match choice % 8 {
        0 => Fate::Failed(500),
        1 => Fate::Failed(503),
        2 => Fate::Failed(409),
        3 => Fate::Failed(429),
        4 => Fate::Broken,
        5 => Fate::Unanswered,
        6 => Fate::AnswerLost,
        _ => Fate::AnsweredAfter(delay),
    })
}

fn kafka_fault(trouble: &mut Trouble) -> Option<fake::Fate> {
    let (roll, choice) = trouble.next();
    let delay = Duration::from_millis(choice / 5 % DELAY_MOST);
    (roll < trouble.percent).then(|| match choice % 5 {
        0 => fake::Fate::Failed(AdminError::Unanswered),
        1 => fake::Fate::Failed(AdminError::refused(ErrorCode::NotController)),
        2 => fake::Fate::Failed(AdminError::refused(ErrorCode::RequestTimedOut)),
        3 => fake::Fate::AnswerLost,
        _ => fake::Fate::AnsweredAfter(delay),
    })
}
