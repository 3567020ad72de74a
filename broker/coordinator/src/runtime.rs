//! Drives one shard: orders its writes, holds replies until they commit, keeps its alarms.
//! Generic over the shard and free of I/O: the driver appends, reports, and sleeps.
//!
//! ```text
//! loading ──loaded──▶ active ──unload──▶ unloaded
//! ```
//!
//! While an append is under way nothing is decided: requests queue and alarms wait. So every
//! decision sees all earlier writes replayed, an append that fails has changed nothing, and a disk
//! that stalls does not cost members their session: their queued heartbeats count before their
//! alarms do.
//!
//! Alarms go by the steady half of `now`, so that a wall clock that is set forward does not end every
//! session at once; what is written down goes by the other, so that it is right from then on.

use std::collections::VecDeque;

use millrace_types::{ErrorCode, Moment, Offset, SteadyMs};

use crate::result::{Append, Effects, Reply, RequestToken};
use crate::shard::{Shard, Source, Turn, TurnOf, Write};
use crate::timers::Timers;

#[cfg(test)]
mod tests;

/// Requests that may queue behind an append that is under way. An append takes well under a
/// millisecond, so this is seconds of work: more means that the disk has stopped.
pub const MAX_QUEUED_REQUESTS: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Loading,
    Active,
    Unloaded,
}

/// A write that the log has and the replicas do not yet.
struct Uncommitted<Deferred> {
    end: Offset,
    deadline: SteadyMs,
    then: Deferred,
}

/// A write, with the number of the turn that asked for it.
struct TurnWrite<S: Shard> {
    turn: u64,
    write: Write<S::Record, S::Deferred>,
}

/// One partition's shard and all that waits on it.
pub struct Runtime<S: Shard> {
    shard: S,
    phase: Phase,
    timers: Timers<S::Timer>,
    queued: VecDeque<(RequestToken, S::Request)>,
    unwritten: VecDeque<TurnWrite<S>>,
    appending: Option<TurnWrite<S>>,
    uncommitted: VecDeque<Uncommitted<S::Deferred>>,
    high_watermark: Offset,
    commit_timeout_ms: i64,
    replies: Vec<Reply<S::Response>>,
    turns: u64,
}

impl<S: Shard> Runtime<S> {
    /// A shard that is about to be loaded. A write that does not commit within `commit_timeout_ms`
    /// fails its replies, though its records may yet commit.
    pub fn new(shard: S, commit_timeout_ms: i64) -> Self {
        Self {
            shard,
            phase: Phase::Loading,
            timers: Timers::default(),
            queued: VecDeque::new(),
            unwritten: VecDeque::new(),
            appending: None,
            uncommitted: VecDeque::new(),
            high_watermark: 0,
            commit_timeout_ms,
            replies: Vec::new(),
            turns: 0,
        }
    }

    /// The shard's state, for metrics and tests.
    pub fn shard(&self) -> &S {
        &self.shard
    }

    pub fn is_active(&self) -> bool {
        self.phase == Phase::Active
    }

    /// Replays one record of the log while loading, in the order of the log up to its end. Tell
    /// [`on_committed`](Self::on_committed) first: records known to be committed need no waiting
    /// line in memory.
    pub fn load(&mut self, offset: Offset, record: S::Record) {
        debug_assert_eq!(self.phase, Phase::Loading, "records are loaded first");
        self.shard.replay(offset, record, Source::Loaded);
    }

    /// The whole log is loaded: requests are served from here on.
    pub fn loaded(&mut self, high_watermark: Offset, now: Moment) -> Effects<S::Response> {
        if self.phase == Phase::Loading {
            self.phase = Phase::Active;
            self.high_watermark = self.high_watermark.max(high_watermark);
            self.shard.commit(self.high_watermark);
            self.turn(now, |shard, turn| shard.activate(turn));
        }
        self.proceed(now)
    }

    pub fn handle(
        &mut self,
        token: RequestToken,
        request: S::Request,
        now: Moment,
    ) -> Effects<S::Response> {
        match self.phase {
            Phase::Loading => self.refuse(token, request, ErrorCode::CoordinatorLoadInProgress),
            Phase::Unloaded => self.refuse(token, request, ErrorCode::NotCoordinator),
            Phase::Active if self.queued.len() >= MAX_QUEUED_REQUESTS => {
                self.refuse(token, request, ErrorCode::CoordinatorNotAvailable);
            }
            Phase::Active => self.queued.push_back((token, request)),
        }
        self.proceed(now)
    }

    /// The append under way got the offsets from `first` on.
    pub fn on_appended(&mut self, first: Offset, now: Moment) -> Effects<S::Response> {
        if let Some(TurnWrite { write, .. }) = self.appending.take() {
            let mut end = first;
            for record in write.records {
                self.shard.replay(end, record, Source::Written);
                end += 1;
            }
            self.uncommitted.push_back(Uncommitted {
                end,
                deadline: now.steady.saturating_add(self.commit_timeout_ms),
                then: write.then,
            });
            self.settle_committed(now);
        }
        self.proceed(now)
    }

    /// The append under way was refused: the log has none of it.
    pub fn on_append_failed(&mut self, error: ErrorCode, now: Moment) -> Effects<S::Response> {
        if let Some(failed) = self.appending.take() {
            self.fail_turn(failed, error, now);
        }
        self.proceed(now)
    }

    /// The writes of one turn follow from each other: without the first, none of them is made.
    fn fail_turn(&mut self, failed: TurnWrite<S>, error: ErrorCode, now: Moment) {
        let turn = failed.turn;
        let mut next = Some(failed);
        while let Some(TurnWrite { write, .. }) = next {
            self.turn(now, |shard, turn| {
                shard.settle(write.then, Err(error), turn);
            });
            let same_turn = self
                .unwritten
                .front()
                .is_some_and(|write| write.turn == turn);
            next = if same_turn {
                self.unwritten.pop_front()
            } else {
                None
            };
        }
    }

    /// Everything below `high_watermark` is as durable as the topic's settings ask.
    pub fn on_committed(&mut self, high_watermark: Offset, now: Moment) -> Effects<S::Response> {
        self.high_watermark = self.high_watermark.max(high_watermark);
        if self.phase != Phase::Unloaded {
            self.settle_committed(now);
        }
        self.proceed(now)
    }

    pub fn on_timer(&mut self, now: Moment) -> Effects<S::Response> {
        while self
            .uncommitted
            .front()
            .is_some_and(|write| write.deadline <= now.steady)
        {
            self.settle_first(Err(ErrorCode::RequestTimedOut), now);
        }
        self.proceed(now)
    }

    /// This node no longer leads the partition, or could not load it: all that waits is answered.
    pub fn unload(&mut self, now: Moment) -> Effects<S::Response> {
        if self.phase == Phase::Unloaded {
            return self.proceed(now);
        }
        self.phase = Phase::Unloaded;
        self.turn(now, |shard, turn| shard.unload(turn));
        let gone = Err(ErrorCode::NotCoordinator);
        while !self.uncommitted.is_empty() {
            self.settle_first(gone, now);
        }
        let unwritten = std::mem::take(&mut self.unwritten);
        for TurnWrite { write, .. } in self.appending.take().into_iter().chain(unwritten) {
            self.turn(now, |shard, turn| shard.settle(write.then, gone, turn));
        }
        for (token, request) in std::mem::take(&mut self.queued) {
            self.refuse(token, request, ErrorCode::NotCoordinator);
        }
        debug_assert!(
            self.unwritten.is_empty(),
            "an unloaded shard writes nothing"
        );
        self.timers.clear();
        self.proceed(now)
    }

    /// Goes on until an append is under way or nothing is left to do, and hands out the result.
    fn proceed(&mut self, now: Moment) -> Effects<S::Response> {
        let mut append = None;
        while self.phase == Phase::Active && self.appending.is_none() {
            if let Some(next) = self.unwritten.pop_front() {
                match next.write.records.iter().map(S::encode).collect() {
                    Ok(records) => {
                        append = Some(Append { records });
                        self.appending = Some(next);
                    }
                    Err(error) => self.fail_turn(next, error, now),
                }
            } else if let Some((token, request)) = self.queued.pop_front() {
                self.turn(now, |shard, turn| shard.handle(token, request, turn));
            } else if let Some(timer) = self.timers.pop_due(now.steady) {
                self.turn(now, |shard, turn| shard.fire(timer, turn));
            } else {
                break;
            }
        }
        Effects {
            append,
            replies: std::mem::take(&mut self.replies),
            next_deadline: self.next_deadline(),
        }
    }

    fn next_deadline(&self) -> Option<SteadyMs> {
        let commit = self.uncommitted.front().map(|write| write.deadline);
        // An alarm that is due waits for the append under way, whose report comes anyway.
        let alarm = match self.appending {
            Some(_) => None,
            None => self.timers.next_deadline(),
        };
        commit.into_iter().chain(alarm).min()
    }

    fn settle_committed(&mut self, now: Moment) {
        self.shard.commit(self.high_watermark);
        while self
            .uncommitted
            .front()
            .is_some_and(|write| write.end <= self.high_watermark)
        {
            self.settle_first(Ok(()), now);
        }
    }

    fn settle_first(&mut self, outcome: Result<(), ErrorCode>, now: Moment) {
        if let Some(write) = self.uncommitted.pop_front() {
            self.turn(now, |shard, turn| shard.settle(write.then, outcome, turn));
        }
    }

    fn refuse(&mut self, token: RequestToken, request: S::Request, error: ErrorCode) {
        let response = S::refuse(request, error);
        self.replies.push(Reply { token, response });
    }

    fn turn(&mut self, now: Moment, act: impl FnOnce(&mut S, &mut TurnOf<'_, S>)) {
        let mut turn = Turn::new(now, &mut self.timers);
        act(&mut self.shard, &mut turn);
        let Turn {
            replies, writes, ..
        } = turn;
        self.replies.extend(replies);
        let turn = self.turns;
        self.turns += 1;
        let writes = writes.into_iter().map(|write| TurnWrite { turn, write });
        self.unwritten.extend(writes);
    }
}
