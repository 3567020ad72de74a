//! What happens to a log while it is being cleaned.

use std::cell::Cell;

use millrace_log::{Log, ReadRequest};
use millrace_records::Batches;

use crate::scenarios::shows;
use crate::script::Fixture;

const SCRIPT: &str = "a=1
    a=2
    roll
    b=1
    roll
    c=1";

#[test]
fn a_cleaning_that_was_overtaken_by_a_truncation_changes_nothing() {
    let mut fixture = Fixture::new();
    fixture.run(SCRIPT);
    let cleaned = fixture.clean_with(&|_| true, &|log| log.truncate_to(1).unwrap());
    assert!(cleaned.unwrap().unwrap().was_interrupted);
    shows(&fixture, "0-0 0:a=1");
}

#[test]
fn a_truncation_below_the_reader_is_no_damage() {
    for batches in 0..6 {
        let mut fixture = Fixture::new();
        fixture.run(SCRIPT);
        let left = Cell::new(batches);
        let truncate = |log: &mut Log| {
            if left.replace(left.get() - 1) == 0 {
                log.truncate_to(0).unwrap();
            }
            true
        };
        let cleaned = fixture.clean_with(&truncate, &|_| {}).unwrap().unwrap();
        assert!(cleaned.was_interrupted, "{batches}");
        shows(&fixture, "");
    }
}

#[test]
fn a_reader_of_the_old_segments_goes_on_with_them() {
    let mut fixture = Fixture::new();
    fixture.run(SCRIPT);
    let request = ReadRequest {
        from: 0,
        max_bytes: usize::MAX,
        upper_bound: 100,
        min_one_batch: true,
    };
    let old = fixture.log.view().read(&request).unwrap().unwrap();
    fixture.run("clean");
    fixture.log.remove_deleted_files(fixture.now).unwrap();
    let mut bytes = vec![0; old.len];
    old.file.read_exact_at(&mut bytes, old.position).unwrap();
    assert_eq!(Batches::new(&bytes).flatten().count(), 2);
    shows(
        &fixture,
        "1-1 1:a=2
         2-2 2:b=1
         --
         3-3 3:c=1",
    );
}

#[test]
fn a_cancelled_cleaning_changes_nothing() {
    let mut fixture = Fixture::new();
    fixture.run(SCRIPT);
    let before = fixture.show();
    for batches in 0..6 {
        let left = Cell::new(batches);
        let go_on = |_: &mut Log| left.replace(left.get() - 1) != 0;
        let cleaned = fixture.clean_with(&go_on, &|_| panic!("nothing is whole"));
        let cleaned = cleaned.unwrap().unwrap();
        assert!(cleaned.was_interrupted && cleaned.end == 0, "{batches}");
    }
    assert_eq!(fixture.show(), before);
}
