//! A coordinator with a log in memory, replicas that can be held back, and a hand-moved clock.

use bytes::Bytes;
use millrace_coordinator::{
    Effects, GroupConfig, GroupRecord, GroupRequest, GroupResponse, GroupShard, KeyValue, Reply,
    RequestToken, Runtime,
};
use millrace_types::{ErrorCode, Moment, SteadyMs};

pub(crate) const COMMIT_TIMEOUT_MS: i64 = 5_000;

pub(crate) struct Bench {
    pub(crate) runtime: Runtime<GroupShard>,
    pub(crate) config: GroupConfig,
    pub(crate) log: Vec<KeyValue>,
    pub(crate) now: SteadyMs,
    /// By how much the wall clock was set.
    pub(crate) clock_set_by: i64,
    /// Whether what is appended commits at once.
    pub(crate) replicas_follow: bool,
    pub(crate) append_error: Option<ErrorCode>,
    pub(crate) replies: Vec<Reply<GroupResponse>>,
    /// Records appended since they were last looked at.
    pub(crate) appended: Vec<GroupRecord>,
    deadline: Option<SteadyMs>,
    tokens: u64,
}

impl Bench {
    pub(crate) fn new(config: GroupConfig) -> Self {
        let mut bench = Self {
            runtime: Runtime::new(GroupShard::new(config.clone()), COMMIT_TIMEOUT_MS),
            config,
            log: Vec::new(),
            now: 1_000_000,
            clock_set_by: 0,
            replicas_follow: true,
            append_error: None,
            replies: Vec::new(),
            appended: Vec::new(),
            deadline: None,
            tokens: 0,
        };
        let effects = bench.runtime.loaded(0, bench.moment());
        bench.absorb(effects);
        bench
    }

    pub(crate) fn ask(&mut self, request: GroupRequest) -> RequestToken {
        let token = RequestToken(self.tokens);
        self.tokens += 1;
        let effects = self.runtime.handle(token, request, self.moment());
        self.absorb(effects);
        token
    }

    /// How many questions there have been.
    pub(crate) fn asked(&self) -> u64 {
        self.tokens
    }

    /// Asks and takes the reply, which must come at once.
    pub(crate) fn answer(&mut self, request: GroupRequest) -> GroupResponse {
        let token = self.ask(request);
        let at = self.replies.iter().position(|reply| reply.token == token);
        self.replies.remove(at.expect("an answer at once")).response
    }

    /// Lets time pass, alarm by alarm.
    pub(crate) fn advance(&mut self, millis: i64) {
        let end = self.now + millis;
        while let Some(deadline) = self.deadline.filter(|&deadline| deadline <= end) {
            self.now = deadline.max(self.now);
            let effects = self.runtime.on_timer(self.moment());
            self.absorb(effects);
        }
        self.now = end;
    }

    pub(crate) fn replicas_catch_up(&mut self) {
        let effects = self.runtime.on_committed(self.end(), self.moment());
        self.absorb(effects);
    }

    /// Another coordinator takes over with what the log holds.
    pub(crate) fn reload(&mut self) {
        let effects = self.runtime.unload(self.moment());
        self.absorb(effects);
        self.runtime = Runtime::new(GroupShard::new(self.config.clone()), COMMIT_TIMEOUT_MS);
        self.runtime.on_committed(self.end(), self.moment());
        for (offset, record) in (0..).zip(&self.log) {
            let record = GroupRecord::decode(&record.key, record.value.as_ref());
            let record = record.expect("a readable record").expect("a known type");
            self.runtime.load(offset, record);
        }
        let effects = self.runtime.loaded(self.end(), self.moment());
        self.absorb(effects);
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.now + self.clock_set_by,
            steady: self.now,
        }
    }

    fn end(&self) -> i64 {
        i64::try_from(self.log.len()).expect("a short log")
    }

    fn absorb(&mut self, effects: Effects<GroupResponse>) {
        let mut next = Some(effects);
        while let Some(effects) = next.take() {
            self.deadline = effects.next_deadline;
            self.replies.extend(effects.replies);
            let Some(append) = effects.append else {
                continue;
            };
            next = Some(match self.append_error {
                Some(error) => self.runtime.on_append_failed(error, self.moment()),
                None => self.append(append.records),
            });
        }
    }

    fn append(&mut self, records: Vec<KeyValue>) -> Effects<GroupResponse> {
        let first = self.end();
        for record in records {
            let value: Option<&Bytes> = record.value.as_ref();
            let decoded = GroupRecord::decode(&record.key, value).expect("what was encoded");
            self.appended.extend(decoded);
            self.log.push(record);
        }
        if self.replicas_follow {
            // The order in which the two reports come does not matter.
            let committed = self.runtime.on_committed(self.end(), self.moment());
            self.replies.extend(committed.replies);
        }
        self.runtime.on_appended(first, self.moment())
    }
}
