//! What is kept and what goes, case by case.

use crate::script::Fixture;

#[track_caller]
pub(crate) fn shows(fixture: &Fixture, expected: &str) {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    };
    assert_eq!(lines(&fixture.show()), lines(expected));
}

#[track_caller]
fn becomes(fixture: &mut Fixture, script: &str, expected: &str) {
    fixture.run(script);
    shows(fixture, expected);
}

#[track_caller]
fn check(script: &str, expected: &str) {
    becomes(&mut Fixture::new(), script, expected);
}

#[test]
fn the_last_record_of_each_key_stays_with_its_offset() {
    check(
        "a=1 b=1 a=2
         c=1
         a=3
         roll
         d=1
         clean",
        "0-2 1:b=1
         3-3 3:c=1
         4-4 4:a=3
         --
         5-5 5:d=1",
    );
}

#[test]
fn the_active_segment_neither_changes_nor_counts() {
    check(
        "a=1
         a=2
         roll
         a=3
         a=4
         clean",
        "1-1 1:a=2
         --
         2-2 2:a=3
         3-3 3:a=4",
    );
}

#[test]
fn segments_are_joined() {
    check(
        "a=1
         roll
         b=1
         roll
         a=2
         roll
         clean
         z=1",
        "1-1 1:b=1
         2-2 2:a=2
         --
         3-3 3:z=1",
    );
}

#[test]
fn segments_that_do_not_fit_together_keep_their_ends() {
    let mut fixture = Fixture::new();
    fixture.clean.segment_bytes = 150;
    becomes(
        &mut fixture,
        "a=1
         a=2
         roll
         a=3 b=1
         roll
         a=4 b=2
         roll
         clean
         z=1",
        "1-1
         --
         2-3
         --
         4-5 4:a=4 5:b=2
         --
         6-6 6:z=1",
    );
}

#[test]
fn clean_segments_lose_what_dirty_ones_overtake() {
    check(
        "a=1 b=1
         roll
         clean
         b=2 c=1
         roll
         clean",
        "0-1 0:a=1
         2-3 2:b=2 3:c=1",
    );
}

#[test]
fn records_without_a_key_go() {
    check(
        "=x a=1 =y
         roll
         clean",
        "0-2 1:a=1",
    );
}

#[test]
fn the_last_batch_of_a_cleaning_stays_even_if_empty() {
    check(
        "a=1
         =x
         roll
         clean",
        "0-0 0:a=1
         1-1",
    );
}

#[test]
fn tombstones_stay_until_their_horizon() {
    let mut fixture = Fixture::new();
    // The first cleaning sets the horizon, and overtaken records go at once.
    becomes(
        &mut fixture,
        "a=1 b=1
         a= c=1
         roll
         clean",
        "0-1 1:b=1
         2-3 horizon+100 2:a= 3:c=1",
    );
    becomes(
        &mut fixture,
        "wait 99
         d=1
         roll
         clean",
        "0-1 1:b=1
         2-3 horizon+100 2:a= 3:c=1
         4-4 4:d=1",
    );
    becomes(
        &mut fixture,
        "wait 1
         e=1
         roll
         clean",
        "0-1 1:b=1
         2-3 horizon+100 3:c=1
         4-4 4:d=1
         5-5 5:e=1",
    );
}

#[test]
fn a_tombstone_that_was_overtaken_goes_at_once() {
    check(
        "a=1
         a=
         a=2
         roll
         clean",
        "2-2 2:a=2",
    );
}

#[test]
fn the_last_batch_of_a_live_producer_is_kept_empty() {
    let mut fixture = Fixture::new();
    becomes(
        &mut fixture,
        "p7 a=1 b=1
         p7 a=2
         p8 a=3
         a=4 b=2
         roll
         clean",
        "2-2 p7#2
         3-3 p8#0
         4-5 4:a=4 5:b=2",
    );
    // It goes when the producer has been forgotten.
    becomes(
        &mut fixture,
        "wait 1000
         expire
         c=1
         roll
         clean",
        "4-5 4:a=4 5:b=2
         6-6 6:c=1",
    );
}

#[test]
fn aborted_records_go_at_once_and_their_marker_later() {
    let mut fixture = Fixture::new();
    // The last batch of the producer is kept empty; an aborted value does not overtake.
    becomes(
        &mut fixture,
        "a=1
         t7 a=2 b=2
         t7 c=2
         abort 7
         c=3
         roll
         clean",
        "0-0 0:a=1
         3-3 t7#2
         4-4 t7 abort
         5-5 5:c=3",
    );
    assert_eq!(
        fixture
            .log
            .view()
            .aborted_transactions(0, 10)
            .unwrap()
            .len(),
        1
    );
    // The batch still counted for the marker when it was looked at.
    becomes(
        &mut fixture,
        "wait 1000
         expire
         d=1
         roll
         clean",
        "0-0 0:a=1
         4-4 t7 abort
         5-5 5:c=3
         6-6 6:d=1",
    );
    becomes(
        &mut fixture,
        "e=1
         roll
         clean",
        "0-0 0:a=1
         4-4 t7 horizon+1100 abort
         5-5 5:c=3
         6-6 6:d=1
         7-7 7:e=1",
    );
    assert!(
        fixture
            .log
            .view()
            .aborted_transactions(0, 10)
            .unwrap()
            .is_empty()
    );
    becomes(
        &mut fixture,
        "wait 100
         f=1
         roll
         clean",
        "0-0 0:a=1
         5-5 5:c=3
         6-6 6:d=1
         7-7 7:e=1
         8-8 8:f=1",
    );
}

#[test]
fn a_commit_marker_stays_while_its_records_do() {
    let mut fixture = Fixture::new();
    becomes(
        &mut fixture,
        "t7 a=1 b=1
         commit 7
         a=2
         roll
         wait 1000
         expire
         clean",
        "0-1 t7#1 1:b=1
         2-2 t7 commit
         3-3 3:a=2",
    );
    becomes(
        &mut fixture,
        "b=2
         roll
         clean",
        "2-2 t7 commit
         3-3 3:a=2
         4-4 4:b=2",
    );
    becomes(
        &mut fixture,
        "c=1
         roll
         clean
         wait 100
         d=1
         roll
         clean",
        "3-3 3:a=2
         4-4 4:b=2
         5-5 5:c=1
         6-6 6:d=1",
    );
}

#[test]
fn a_marker_that_is_all_a_live_producer_left_stays_whole() {
    let mut fixture = Fixture::new();
    becomes(
        &mut fixture,
        "commit 7
         roll
         clean
         wait 100
         a=1
         roll
         clean",
        "0-0 t7 horizon+100 commit
         1-1 1:a=1",
    );
    let fixture = fixture.restart_without_snapshots();
    assert_eq!(
        fixture
            .log
            .producers()
            .get(7)
            .map(|producer| producer.epoch),
        Some(0)
    );
}

#[test]
fn an_open_transaction_stops_the_cleaning() {
    check(
        "a=1
         a=2
         roll
         t7 a=3
         roll
         b=1
         roll
         clean",
        "1-1 1:a=2
         --
         2-2 t7#0 2:a=3
         --
         3-3 3:b=1",
    );
}

#[test]
fn transactions_over_several_segments_are_understood() {
    check(
        "a=1 b=1
         t7 a=2
         roll
         t8 b=2
         roll
         abort 7
         commit 8
         z=1
         roll
         clean",
        "0-1 0:a=1
         2-2 t7#0
         3-3 t8#0 3:b=2
         4-4 t7 abort
         5-5 t8 commit
         6-6 6:z=1",
    );
}

#[test]
fn a_full_map_cleans_what_it_knows_and_goes_on_later() {
    let mut fixture = Fixture::new();
    fixture.keys_in_map = 2;
    fixture.run(
        "a=1
         a=2
         b=1
         c=1
         a=3
         b=2
         c=2
         roll
         clean",
    );
    assert_eq!(fixture.checkpoint, Some(3));
    let once = "1-1 1:a=2
         2-2 2:b=1
         3-3 3:c=1
         4-4 4:a=3
         5-5 5:b=2
         6-6 6:c=2";
    shows(&fixture, once);
    fixture.run("clean");
    assert_eq!(fixture.checkpoint, Some(5));
    fixture.run("clean");
    assert_eq!(fixture.checkpoint, Some(7));
    shows(
        &fixture,
        "4-4 4:a=3
         5-5 5:b=2
         6-6 6:c=2",
    );
}

#[test]
fn a_batch_with_more_keys_than_the_map_is_cleaned_in_parts() {
    let mut fixture = Fixture::new();
    fixture.keys_in_map = 2;
    fixture.run(
        "a=1 b=1 c=1 d=1 a=2 d=2
         roll
         clean",
    );
    assert_eq!(fixture.checkpoint, Some(2));
    fixture.run("clean");
    assert_eq!(fixture.checkpoint, Some(4));
    becomes(&mut fixture, "clean", "0-5 1:b=1 2:c=1 4:a=2 5:d=2");
    assert_eq!(fixture.checkpoint, Some(6));
}

#[test]
fn compressed_batches_stay_compressed() {
    use millrace_records::{BatchBuilder, BatchView, Compression, NewRecord};
    let mut builder = BatchBuilder::new(0).compression(Compression::Lz4);
    for key in [b"a", b"b", b"a"] {
        let record = NewRecord {
            key: Some(key),
            value: Some(&[b'x'; 500]),
            ..NewRecord::default()
        };
        builder.push(&record).unwrap();
    }
    let mut fixture = Fixture::new();
    fixture.append_client(builder.build().unwrap());
    fixture.run("roll\nclean");
    let batches = crate::script::batches(&fixture.log, 0);
    let view = BatchView::read(&batches[0].1).unwrap();
    assert_eq!(view.header().attributes.compression(), Ok(Compression::Lz4));
    assert_eq!(
        (view.header().record_count, view.header().last_offset()),
        (2, 2)
    );
}
