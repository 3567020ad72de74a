//! What a coordinator's state machine looks like to the runtime: requests and timers in, records and
//! replies out. A shard must not do I/O, read a clock or make up random values.
//!
//! A request is decided on state into which every record of the log is replayed. It may answer at
//! once, park its token inside the shard, or ask for a [`Write`]; the records of a write reach the
//! shard through [`Shard::replay`] only once the log has them, so a failed append leaves nothing to
//! undo. What the write promised is kept in its `Deferred` until the records commit.

use millrace_types::{ErrorCode, Moment, Offset};

use crate::result::{KeyValue, Reply, RequestToken};
use crate::timers::Timers;

/// One partition's worth of a coordinator's state.
pub trait Shard: Sized {
    type Request;
    type Response;
    type Record;
    /// What is done, and who is answered, once a write has committed or failed.
    type Deferred;
    /// Names an alarm.
    type Timer: Clone + Eq + std::hash::Hash;

    /// The reply to a request that never reaches the shard.
    fn refuse(request: Self::Request, error: ErrorCode) -> Self::Response;

    /// # Errors
    /// What the write fails with when the record has no form.
    fn encode(record: &Self::Record) -> Result<KeyValue, ErrorCode>;

    /// Everything loaded: members get their timers.
    fn activate(&mut self, turn: &mut TurnOf<'_, Self>);

    fn handle(&mut self, token: RequestToken, request: Self::Request, turn: &mut TurnOf<'_, Self>);

    fn fire(&mut self, timer: Self::Timer, turn: &mut TurnOf<'_, Self>);

    /// The log holds `record` at `offset`, committed or not.
    fn replay(&mut self, offset: Offset, record: Self::Record, source: Source);

    /// Everything below `high_watermark` is committed: reads may see it.
    fn commit(&mut self, high_watermark: Offset);

    /// A write asked for earlier has committed, or never will.
    fn settle(
        &mut self,
        deferred: Self::Deferred,
        outcome: Result<(), ErrorCode>,
        turn: &mut TurnOf<'_, Self>,
    );

    /// Leadership is gone: the shard answers every token parked inside it and forgets its state.
    /// Only [`settle`](Self::settle) follows, for writes that now never commit.
    fn unload(&mut self, turn: &mut TurnOf<'_, Self>);
}

/// Where a replayed record comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The log, while the shard loads.
    Loaded,
    /// A write of this very shard, whose state may already hold what the record says.
    Written,
}

/// Records that stand or fall together, and what depends on them.
#[derive(Debug)]
pub struct Write<Record, Deferred> {
    pub records: Vec<Record>,
    pub then: Deferred,
}

/// One event's worth of a shard's work: the time, its alarms, and what it wants done.
pub struct Turn<'a, Response, Record, Deferred, Timer> {
    pub now: Moment,
    pub timers: &'a mut Timers<Timer>,
    pub(crate) replies: Vec<Reply<Response>>,
    pub(crate) writes: Vec<Write<Record, Deferred>>,
}

/// The turn of one kind of shard.
pub type TurnOf<'a, S> = Turn<
    'a,
    <S as Shard>::Response,
    <S as Shard>::Record,
    <S as Shard>::Deferred,
    <S as Shard>::Timer,
>;

impl<'a, Response, Record, Deferred, Timer> Turn<'a, Response, Record, Deferred, Timer> {
    pub(crate) fn new(now: Moment, timers: &'a mut Timers<Timer>) -> Self {
        Self {
            now,
            timers,
            replies: Vec::new(),
            writes: Vec::new(),
        }
    }

    pub fn reply(&mut self, token: RequestToken, response: Response) {
        self.replies.push(Reply { token, response });
    }

    /// Asks for one batch; `records` must not be empty.
    pub fn write(&mut self, records: Vec<Record>, then: Deferred) {
        debug_assert!(!records.is_empty(), "a write has records");
        self.writes.push(Write { records, then });
    }

    /// What follows the last write of this turn.
    pub fn last_deferred(&mut self) -> Option<&mut Deferred> {
        self.writes.last_mut().map(|write| &mut write.then)
    }
}
