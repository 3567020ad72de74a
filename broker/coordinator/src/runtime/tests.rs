//! A shard small enough to see through, driven by hand: order of writes, held replies, failures.

use std::collections::BTreeMap;

use super::*;
use crate::result::KeyValue;

/// Adds up numbers by name.
#[derive(Default)]
struct Sums {
    sums: BTreeMap<char, i64>,
    uncommitted: VecDeque<(Offset, char, i64)>,
    settled: Vec<Result<(), ErrorCode>>,
}

enum Ask {
    Add(char, i64),
    /// Several batches, answered with the last.
    AddEach(Vec<(char, i64)>),
    Read(char),
    /// Go off at this time and say so under the name.
    Alarm(SteadyMs),
}

impl Shard for Sums {
    type Request = Ask;
    type Response = Result<i64, ErrorCode>;
    type Record = (char, i64);
    type Deferred = Option<(RequestToken, i64)>;
    type Timer = RequestToken;

    fn refuse(_: Ask, error: ErrorCode) -> Self::Response {
        Err(error)
    }

    fn encode(&(name, number): &(char, i64)) -> Result<KeyValue, ErrorCode> {
        if name == '!' {
            return Err(ErrorCode::InvalidRequest);
        }
        Ok(KeyValue {
            key: name.to_string().into(),
            value: Some(number.to_string().into()),
        })
    }

    fn activate(&mut self, _: &mut TurnOf<'_, Self>) {}

    fn handle(&mut self, token: RequestToken, request: Ask, turn: &mut TurnOf<'_, Self>) {
        match request {
            Ask::Add(name, number) => {
                let latest = self.uncommitted.iter().filter(|change| change.1 == name);
                let latest: i64 = latest.map(|change| change.2).sum();
                let sum = self.sums.get(&name).unwrap_or(&0) + latest + number;
                turn.write(vec![(name, number)], Some((token, sum)));
            }
            Ask::AddEach(numbers) => {
                for record in numbers {
                    turn.write(vec![record], None);
                }
                if let Some(then) = turn.last_deferred() {
                    *then = Some((token, 0));
                }
            }
            Ask::Read(name) => turn.reply(token, Ok(*self.sums.get(&name).unwrap_or(&0))),
            Ask::Alarm(at) => turn.timers.schedule(token, at),
        }
    }

    fn fire(&mut self, token: RequestToken, turn: &mut TurnOf<'_, Self>) {
        turn.reply(token, Ok(turn.now.steady));
    }

    fn replay(&mut self, offset: Offset, (name, number): (char, i64), _: Source) {
        self.uncommitted.push_back((offset, name, number));
    }

    fn commit(&mut self, high_watermark: Offset) {
        while self
            .uncommitted
            .front()
            .is_some_and(|change| change.0 < high_watermark)
        {
            if let Some((_, name, number)) = self.uncommitted.pop_front() {
                *self.sums.entry(name).or_default() += number;
            }
        }
    }

    fn settle(
        &mut self,
        deferred: Self::Deferred,
        outcome: Result<(), ErrorCode>,
        turn: &mut TurnOf<'_, Self>,
    ) {
        self.settled.push(outcome);
        if let Some((token, sum)) = deferred {
            turn.reply(token, outcome.map(|()| sum));
        }
    }

    fn unload(&mut self, _: &mut TurnOf<'_, Self>) {}
}

type Answers = Vec<(u64, Result<i64, ErrorCode>)>;

fn answers(effects: &Effects<Result<i64, ErrorCode>>) -> Answers {
    let replies = effects.replies.iter();
    replies
        .map(|reply| (reply.token.0, reply.response))
        .collect()
}

fn at(millis: i64) -> Moment {
    Moment::at(millis)
}

fn active() -> Runtime<Sums> {
    let mut runtime = Runtime::new(Sums::default(), 100);
    runtime.loaded(0, at(0));
    runtime
}

#[test]
fn a_reply_waits_for_its_records_and_reads_see_committed_state_only() {
    let mut runtime = active();
    let asked = runtime.handle(RequestToken(1), Ask::Add('a', 5), at(0));
    assert_eq!(asked.append.expect("an append").records.len(), 1);
    assert_eq!(answers(&runtime.on_appended(0, at(0))), []);
    let read = runtime.handle(RequestToken(2), Ask::Read('a'), at(0));
    assert_eq!(answers(&read), [(2, Ok(0))]);
    assert_eq!(answers(&runtime.on_committed(1, at(0))), [(1, Ok(5))]);
    let read = runtime.handle(RequestToken(3), Ask::Read('a'), at(0));
    assert_eq!(answers(&read), [(3, Ok(5))]);
}

#[test]
fn a_commit_that_is_known_before_its_append_settles_it() {
    let mut runtime = active();
    runtime.handle(RequestToken(1), Ask::Add('a', 5), at(0));
    assert_eq!(answers(&runtime.on_committed(1, at(0))), []);
    assert_eq!(answers(&runtime.on_appended(0, at(0))), [(1, Ok(5))]);
}

#[test]
fn requests_queue_behind_an_append_and_are_decided_on_its_outcome() {
    let mut runtime = active();
    runtime.handle(RequestToken(1), Ask::Add('a', 5), at(0));
    let second = runtime.handle(RequestToken(2), Ask::Add('a', 1), at(0));
    assert_eq!(second.append, None);
    let after = runtime.on_append_failed(ErrorCode::NotEnoughReplicas, at(0));
    assert_eq!(answers(&after), [(1, Err(ErrorCode::NotEnoughReplicas))]);
    assert!(after.append.is_some());
    runtime.on_appended(0, at(0));
    assert_eq!(answers(&runtime.on_committed(1, at(0))), [(2, Ok(1))]);
}

#[test]
fn alarms_wait_for_the_append_and_for_queued_requests() {
    let mut runtime = active();
    let set = runtime.handle(RequestToken(1), Ask::Alarm(50), at(0));
    assert_eq!(set.next_deadline, Some(50));
    let asked = runtime.handle(RequestToken(2), Ask::Add('a', 1), at(10));
    assert_eq!(asked.next_deadline, None);
    runtime.handle(RequestToken(3), Ask::Read('a'), at(20));
    assert_eq!(answers(&runtime.on_timer(at(60))), []);
    let after = runtime.on_append_failed(ErrorCode::KafkaStorageError, at(70));
    let tokens: Vec<u64> = answers(&after).iter().map(|answer| answer.0).collect();
    assert_eq!(tokens, [2, 3, 1]);
}

#[test]
fn the_writes_of_one_turn_fail_together() {
    let mut runtime = active();
    let each = vec![('a', 1), ('b', 2), ('c', 3)];
    runtime.handle(RequestToken(1), Ask::AddEach(each), at(0));
    runtime.handle(RequestToken(2), Ask::Add('d', 4), at(0));
    assert!(runtime.on_appended(0, at(0)).append.is_some());
    let failed = runtime.on_append_failed(ErrorCode::NotEnoughReplicas, at(0));
    assert_eq!(answers(&failed), [(1, Err(ErrorCode::NotEnoughReplicas))]);
    let append = failed.append.expect("the next request's");
    assert_eq!(append.records[0].key, "d");
}

#[test]
fn a_record_without_a_form_fails_its_write_alone() {
    let mut runtime = active();
    let asked = runtime.handle(RequestToken(1), Ask::Add('!', 1), at(0));
    assert_eq!(asked.append, None);
    assert_eq!(answers(&asked), [(1, Err(ErrorCode::InvalidRequest))]);
}

#[test]
fn a_write_that_does_not_commit_in_time_fails_its_reply() {
    let mut runtime = active();
    runtime.handle(RequestToken(1), Ask::Add('a', 5), at(0));
    let appended = runtime.on_appended(0, at(10));
    assert_eq!(appended.next_deadline, Some(110));
    assert_eq!(answers(&runtime.on_timer(at(109))), []);
    let late = runtime.on_timer(at(110));
    assert_eq!(answers(&late), [(1, Err(ErrorCode::RequestTimedOut))]);
    assert_eq!(answers(&runtime.on_committed(1, at(120))), []);
    let read = runtime.handle(RequestToken(2), Ask::Read('a'), at(120));
    assert_eq!(answers(&read), [(2, Ok(5))]);
}

#[test]
fn loading_refuses_and_unloading_answers_everyone() {
    let mut runtime = Runtime::new(Sums::default(), 100);
    let early = runtime.handle(RequestToken(1), Ask::Read('a'), at(0));
    assert_eq!(
        answers(&early),
        [(1, Err(ErrorCode::CoordinatorLoadInProgress))]
    );
    runtime.on_committed(2, at(0));
    for (offset, record) in [(0, ('a', 1)), (1, ('a', 2)), (2, ('a', 4))] {
        runtime.load(offset, record);
    }
    runtime.loaded(2, at(0));
    let read = runtime.handle(RequestToken(2), Ask::Read('a'), at(0));
    assert_eq!(answers(&read), [(2, Ok(3))]);

    runtime.handle(RequestToken(3), Ask::Add('a', 1), at(0));
    runtime.on_appended(3, at(0));
    runtime.handle(RequestToken(4), Ask::Add('a', 1), at(0));
    runtime.handle(RequestToken(5), Ask::Read('a'), at(0));
    let gone = Err(ErrorCode::NotCoordinator);
    let unloaded = runtime.unload(at(0));
    assert_eq!(answers(&unloaded), [(3, gone), (4, gone), (5, gone)]);
    assert_eq!(unloaded.next_deadline, None);
    let late = runtime.handle(RequestToken(6), Ask::Read('a'), at(0));
    assert_eq!(answers(&late), [(6, gone)]);
    // The driver's report may come after the fact.
    assert_eq!(answers(&runtime.on_appended(4, at(0))), []);
    assert_eq!(answers(&runtime.unload(at(0))), []);
}

#[test]
fn the_queue_has_an_end() {
    let mut runtime = active();
    runtime.handle(RequestToken(0), Ask::Add('a', 1), at(0));
    for token in 1..=MAX_QUEUED_REQUESTS as u64 {
        runtime.handle(RequestToken(token), Ask::Read('a'), at(0));
    }
    let over = runtime.handle(RequestToken(u64::MAX), Ask::Read('a'), at(0));
    let refused = (u64::MAX, Err(ErrorCode::CoordinatorNotAvailable));
    assert_eq!(answers(&over), [refused]);
    let all = answers(&runtime.on_append_failed(ErrorCode::KafkaStorageError, at(0)));
    assert_eq!(all.len(), MAX_QUEUED_REQUESTS + 1);
}
