//! The fake itself: what becomes of a call before and after the cluster has done its part.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::admin::{Outcome, Reply};
use crate::error::AdminError;
use crate::fake::script::{Asked, Call, Fate};
use crate::fake::state::State;
use crate::kafka::CALL_DEADLINE;

type Script = Box<dyn FnMut(&Asked) -> Fate + Send>;

/// A cluster in memory.
pub struct FakeKafka {
    state: Mutex<State>,
    script: Mutex<Script>,
    asked: Mutex<Vec<Asked>>,
}

impl FakeKafka {
    /// A cluster of so many brokers, numbered from 0.
    #[must_use]
    pub fn new(brokers: i32) -> Self {
        Self {
            state: Mutex::new(State::new(brokers)),
            script: Mutex::new(Box::new(|_| Fate::Answered)),
            asked: Mutex::default(),
        }
    }

    /// What becomes of every call from now on.
    pub fn script(&self, script: impl FnMut(&Asked) -> Fate + Send + 'static) {
        *self.script.lock() = Box::new(script);
    }

    /// Looks at the cluster, or changes it behind everybody's back.
    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock())
    }

    /// What was asked since the last time, in order.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock())
    }

    fn decide(&self, call: Call, names: Vec<Arc<str>>) -> Fate {
        let asked = Asked { call, names };
        let fate = (self.script.lock())(&asked);
        self.asked.lock().push(asked);
        fate
    }

    pub(crate) fn one<'a, T: Send + 'a>(
        &'a self,
        call: Call,
        work: impl FnOnce(&mut State) -> Outcome<T> + Send + 'a,
    ) -> Reply<'a, Outcome<T>> {
        Box::pin(async move {
            let fate = self.decide(call, Vec::new());
            begin(&fate).await?;
            let outcome = work(&mut self.state.lock());
            end(&fate).await?;
            outcome
        })
    }

    pub(crate) fn each<'a, I: Sync, T: Send + 'a>(
        &'a self,
        call: Call,
        items: &'a [I],
        name: fn(&I) -> Arc<str>,
        work: fn(&mut State, &I) -> Outcome<T>,
    ) -> Reply<'a, Vec<Outcome<T>>> {
        Box::pin(async move {
            let fate = self.decide(call, items.iter().map(name).collect());
            let all = |error: AdminError| items.iter().map(|_| Err(error.clone())).collect();
            if let Err(error) = begin(&fate).await {
                return all(error);
            }
            let outcomes = {
                let mut state = self.state.lock();
                let outcomes = items.iter().map(|item| match fate.of_item(&name(item)) {
                    Some(error) => Err(error),
                    None => work(&mut state, item),
                });
                outcomes.collect()
            };
            match end(&fate).await {
                Ok(()) => outcomes,
                Err(error) => all(error),
            }
        })
    }
}

/// What happens before the cluster has done anything.
async fn begin(fate: &Fate) -> Outcome<()> {
    match fate {
        Fate::AnsweredAfter(delay) if *delay < CALL_DEADLINE => {
            tokio::time::sleep(*delay).await;
            Ok(())
        }
        Fate::AnsweredAfter(_) => hang().await,
        Fate::Failed(error) => Err(error.clone()),
        Fate::Answered | Fate::ItemsFailed(_) | Fate::AnswerLost => Ok(()),
    }
}

/// What happens after it.
async fn end(fate: &Fate) -> Outcome<()> {
    match fate {
        Fate::AnswerLost => hang().await,
        _ => Ok(()),
    }
}

async fn hang() -> Outcome<()> {
    tokio::time::sleep(CALL_DEADLINE).await;
    Err(AdminError::Deadline {
        after: CALL_DEADLINE,
    })
}
