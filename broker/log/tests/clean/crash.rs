//! The machine dies at every operation of a cleaning. Opened again, the log has all it promises.

use std::sync::Arc;

use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk};

use crate::script::Fixture;

const SCRIPT: &str = "a=1 b=1
    t7 a=2
    p8 c=1
    roll
    a=3
    abort 7
    c=
    roll
    b=2 d=1
    roll
    e=1";

/// The last value of each key, in the words of the script.
fn values(fixture: &Fixture) -> Vec<(String, String)> {
    let shown = fixture.show();
    let words = shown.split_whitespace().filter(|word| word.contains(':'));
    let mut values = std::collections::BTreeMap::new();
    for word in words {
        let (_, record) = word.split_once(':').unwrap();
        let (key, value) = record.split_once('=').unwrap();
        values.insert(key.to_owned(), value.to_owned());
    }
    // The record of the aborted transaction is overtaken in either case.
    values.retain(|_, value| !value.is_empty());
    values.into_iter().collect()
}

/// All segments become one, or each is replaced by itself.
const SEGMENT_BYTES: [u32; 2] = [1 << 30, 1];

fn prepared(disk: &HostileDisk, segment_bytes: u32) -> Fixture {
    let mut fixture = Fixture::on(Arc::new(disk.clone()));
    fixture.clean.segment_bytes = segment_bytes;
    fixture.run(SCRIPT);
    fixture
}

/// How many changes a cleaning makes to the disk.
fn operations(segment_bytes: u32) -> u64 {
    let disk = HostileDisk::new(Arc::new(MemDisk::new()));
    let mut fixture = prepared(&disk, segment_bytes);
    let before = disk.operations();
    fixture.run("clean");
    disk.operations() - before
}

fn die_after(segment_bytes: u32, operations: u64, chance: &mut dyn FnMut(usize) -> usize) {
    let mem = MemDisk::new();
    let disk = HostileDisk::new(Arc::new(mem.clone()));
    let mut fixture = prepared(&disk, segment_bytes);
    fixture.log.view().flush().unwrap();
    let expected = values(&fixture);
    let end = fixture.log.view().end_offset();
    let recovery_point = fixture.log.view().recovery_point();
    disk.fail_after(operations, Fault::Dead);
    let died = fixture.step("clean").is_err();

    let after: Arc<dyn Disk> = Arc::new(mem.after_power_loss(chance));
    let mut fixture = Fixture::reopened(after, recovery_point);
    fixture.clean.segment_bytes = segment_bytes;
    assert_eq!(fixture.log.view().end_offset(), end, "after {operations}");
    assert_eq!(
        values(&fixture),
        expected,
        "after {operations}, died: {died}\n{}",
        fixture.show()
    );
    // It can be cleaned as if nothing had happened.
    fixture.run("clean");
    assert_eq!(values(&fixture), expected, "cleaned after {operations}");
    assert_eq!(
        fixture.show().matches("a=").count(),
        1,
        "{}",
        fixture.show()
    );
}

#[test]
fn a_crash_at_any_operation_of_a_cleaning_loses_nothing() {
    for segment_bytes in SEGMENT_BYTES {
        let all = operations(segment_bytes);
        assert!(all > 10, "{all}");
        for operations in 0..=all {
            for luck in 0..4 {
                die_after(segment_bytes, operations, &mut |below| luck % below);
            }
        }
    }
}

#[test]
fn an_error_at_any_operation_leaves_a_log_that_reads_the_same() {
    for segment_bytes in SEGMENT_BYTES {
        for at in 0..operations(segment_bytes) {
            let disk = HostileDisk::new(Arc::new(MemDisk::new()));
            let mut fixture = prepared(&disk, segment_bytes);
            let expected = values(&fixture);
            disk.fail_after(at, Fault::Io);
            let failed = fixture.step("clean").is_err();
            disk.heal();
            assert_eq!(values(&fixture), expected, "error at {at}: {failed}");
            if !fixture.log.view().is_offline() {
                fixture.run("clean");
                assert_eq!(values(&fixture), expected, "cleaned after an error at {at}");
            }
        }
    }
}
