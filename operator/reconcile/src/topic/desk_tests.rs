//! The desk's promises: nobody waits twice, edits overtake, failures wait, nothing is lost.

use std::time::Duration;

use millrace_model::ObjectKey as Key;

use super::{BATCH_LIMIT, BATCHES_AT_ONCE, Batch, Desk, Lane, Outcome, RETRY_LAST, wait_after};

fn key(name: &str) -> Key {
    Key::new("shop", name)
}

fn names(batch: &Batch) -> Vec<String> {
    batch
        .topics
        .iter()
        .map(|topic| topic.name.to_string())
        .collect()
}

fn want(desk: &mut Desk, topic: &str, lane: Lane) {
    desk.want(&key(topic), &key("cluster"), lane);
}

fn finish(desk: &mut Desk, batch: &Batch, outcome: Outcome) {
    desk.finish(batch, &vec![outcome; batch.topics.len()], Duration::ZERO);
}

#[test]
fn a_topic_waits_once_however_often_it_is_wanted() {
    let mut desk = Desk::default();
    for _ in 0..3 {
        want(&mut desk, "a", Lane::Backlog);
    }
    let batch = desk.next_batch().expect("work");
    assert_eq!(names(&batch), ["a"]);
    assert_eq!(desk.next_batch(), None);
    finish(&mut desk, &batch, Outcome::Done);
    assert_eq!((desk.next_batch(), desk.depth()), (None, 0));
}

#[test]
fn an_edit_does_not_wait_behind_the_backlog() {
    let mut desk = Desk::default();
    for number in 0..BATCH_LIMIT * (BATCHES_AT_ONCE + 1) {
        want(&mut desk, &format!("new-{number}"), Lane::Backlog);
    }
    for _ in 0..BATCHES_AT_ONCE {
        assert_eq!(desk.next_batch().expect("work").lane, Lane::Backlog);
    }
    assert_eq!(desk.next_batch(), None, "the backlog's workers are busy");
    // It was in the backlog's queue too, whose old place must not serve it twice.
    let last = format!("new-{}", BATCH_LIMIT * (BATCHES_AT_ONCE + 1) - 1);
    want(&mut desk, &last, Lane::Edits);
    let edit = desk.next_batch().expect("edits have workers of their own");
    assert_eq!((edit.lane, names(&edit)), (Lane::Edits, vec![last]));
}

#[test]
fn a_change_during_work_is_worked_on_afterwards() {
    let mut desk = Desk::default();
    want(&mut desk, "a", Lane::Backlog);
    let batch = desk.next_batch().expect("work");
    want(&mut desk, "a", Lane::Edits);
    want(&mut desk, "a", Lane::Backlog);
    assert_eq!(desk.next_batch(), None, "never twice at a time");
    finish(&mut desk, &batch, Outcome::Retry);
    assert_eq!(desk.next_batch().expect("work").lane, Lane::Edits);
    assert_eq!(desk.next_due(), None, "it did not wait for its failure");
}

#[test]
fn failures_wait_longer_each_time_and_success_forgets_them() {
    let mut desk = Desk::default();
    want(&mut desk, "a", Lane::Backlog);
    let mut now = Duration::ZERO;
    let mut last = Duration::ZERO;
    for _ in 0..5 {
        let batch = desk.next_batch().expect("work");
        desk.finish(&batch, &[Outcome::Retry], now);
        let due = desk.next_due().expect("a repeat");
        assert!(due - now > last, "{:?} after {last:?}", due - now);
        last = due - now;
        desk.tick(due - Duration::from_nanos(1));
        assert_eq!(desk.next_batch(), None, "not before its time");
        desk.tick(due);
        now = due;
    }
    let batch = desk.next_batch().expect("work");
    finish(&mut desk, &batch, Outcome::Done);
    assert_eq!(desk.next_due(), None);
    assert!(wait_after(u32::MAX, &key("a")) <= RETRY_LAST);
}

#[test]
fn a_topic_that_is_gone_is_not_worked_on() {
    let mut desk = Desk::default();
    want(&mut desk, "a", Lane::Backlog);
    want(&mut desk, "b", Lane::Backlog);
    desk.forget(&key("a"));
    let batch = desk.next_batch().expect("work");
    assert_eq!(names(&batch), ["b"]);
    desk.forget(&key("b"));
    finish(&mut desk, &batch, Outcome::Retry);
    assert_eq!((desk.next_due(), desk.depth()), (None, 0));
}

#[test]
fn a_topic_that_moves_to_another_cluster_is_served_there() {
    let mut desk = Desk::default();
    want(&mut desk, "a", Lane::Backlog);
    desk.forget(&key("a"));
    desk.want(&key("a"), &key("other"), Lane::Backlog);
    let batch = desk.next_batch().expect("work");
    assert_eq!(batch.cluster, key("other"));
    assert_eq!(desk.next_batch(), None);
}
