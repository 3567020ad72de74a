//! Volumes that grow, and how long they last.

use millrace_plan::storage::growth::Growth;
use millrace_plan::storage::{Claim, RESIZE_PATIENCE, Reason, Resize, StoragePlan, plan_storage};

const NOW: i64 = 10_000_000;

#[test]
fn claims_grow_and_never_shrink() {
    let claim = |requested, actual, can_grow, resize| Claim {
        requested,
        actual,
        can_grow,
        resize,
    };
    let idle = |requested, actual, can_grow| claim(requested, actual, can_grow, Resize::Idle);
    let resizing = |resize| claim(20, Some(10), Some(true), resize);
    let pending = |ago: i64| resizing(Resize::FileSystemPending { since: NOW - ago });
    let message = || "out of room".to_owned();
    let patience = i64::try_from(RESIZE_PATIENCE.as_millis()).unwrap();
    let larger = Reason::LargerThanWanted {
        has: 30,
        wanted: 20,
    };
    let cases = [
        (idle(20, Some(20), None), StoragePlan::Converged),
        // A volume may come larger than it was asked for.
        (idle(20, Some(25), None), StoragePlan::Converged),
        (idle(20, None, None), StoragePlan::Wait(Reason::NoVolumeYet)),
        (
            idle(10, None, Some(true)),
            StoragePlan::Wait(Reason::NoVolumeYet),
        ),
        (idle(10, Some(10), Some(true)), StoragePlan::Grow { to: 20 }),
        (
            idle(10, Some(10), Some(false)),
            StoragePlan::Leave(Reason::ClassCannotGrow),
        ),
        (
            idle(10, Some(10), None),
            StoragePlan::Leave(Reason::ClassUnknown),
        ),
        (idle(30, Some(30), Some(true)), StoragePlan::Leave(larger)),
        (
            idle(20, Some(10), Some(true)),
            StoragePlan::Wait(Reason::Growing),
        ),
        (
            resizing(Resize::UnderWay),
            StoragePlan::Wait(Reason::Growing),
        ),
        (pending(0), StoragePlan::Wait(Reason::FileSystemGrows)),
        (pending(patience), StoragePlan::Restart),
        (
            resizing(Resize::Failed { message: message() }),
            StoragePlan::Leave(Reason::Failed { message: message() }),
        ),
    ];
    for (claim, expected) in cases {
        assert_eq!(plan_storage(&claim, 20, NOW), expected, "{claim:?}");
    }
}

const HOUR: i64 = 3_600_000;
const GIB: u64 = 1 << 30;

/// What is told every ten minutes for some hours, with so much written in each, from 100 GiB free.
fn told(hours: i64, written_in_an_hour: u64) -> Vec<Option<u32>> {
    let mut growth = Growth::resume(None);
    let looks = (0..).zip(0..hours * 6).map(|(number, tenth)| {
        let used = number * written_in_an_hour / 6;
        growth.observe(tenth * HOUR / 6, used, (100 * GIB).saturating_sub(used))
    });
    looks.collect()
}

#[test]
fn days_left_are_told_in_coarse_steps_once_there_is_something_to_tell() {
    let cases = [
        (0, None),
        (GIB / 100, None),
        (GIB / 10, Some(30)),
        (GIB, Some(3)),
        (25 * GIB, Some(0)),
    ];
    for (written, expected) in cases {
        let told = told(3, written);
        assert!(told[..6].iter().all(Option::is_none), "{written}: {told:?}");
        assert_eq!(told[7], expected, "{written}: {told:?}");
    }
}

#[test]
fn the_answer_changes_rarely() {
    let told = told(96, GIB);
    let changes = told.windows(2).filter(|pair| pair[0] != pair[1]).count();
    // Nothing, 3 days, 2, 1, 0: as often as there are steps to pass.
    assert_eq!(changes, 4, "{told:?}");
}

#[test]
fn a_new_operator_goes_on_with_what_was_told() {
    let mut growth = Growth::resume(Some(7));
    assert_eq!(growth.observe(0, 0, GIB), Some(7));
    let mut full = Growth::resume(None);
    full.observe(0, GIB, 0);
    assert_eq!(full.observe(2 * HOUR, GIB, 0), Some(0));
}
