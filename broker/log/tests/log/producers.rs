//! Idempotent and transactional producers, as the log knows them.

use std::sync::Arc;

use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{
    AbortedTxn, AppendBatch, AppendOutcome, Log, LogConfig, OpenLog, Origin, ProducerError,
};
use millrace_records::{BatchBuilder, EndTxnMarker};
use millrace_types::{Offset, ProducerEpoch, ProducerId, Sequence};

use crate::support::*;

const ID: ProducerId = 42;

fn disk() -> Arc<dyn Disk> {
    Arc::new(MemDisk::new())
}

fn idempotent(epoch: ProducerEpoch, sequence: Sequence, records: usize) -> AppendBatch {
    let builder = BatchBuilder::new(0).producer(ID, epoch, sequence);
    to_append(batch_of(builder, records, b"value", NOW), Origin::Client)
}

fn in_txn(id: ProducerId, sequence: Sequence) -> AppendBatch {
    let builder = BatchBuilder::new(0)
        .producer(id, 0, sequence)
        .transactional();
    to_append(batch_of(builder, 1, b"value", NOW), Origin::Client)
}

fn marker(id: ProducerId, committed: bool, coordinator_epoch: i32) -> AppendBatch {
    let marker = EndTxnMarker {
        committed,
        coordinator_epoch,
    };
    to_append(marker.to_batch(id, 0, NOW).unwrap(), Origin::Coordinator)
}

fn outcome(log: &mut Log, batch: AppendBatch) -> AppendOutcome {
    let mut outcomes = Vec::new();
    log.append(&[batch], 0, NOW, &mut outcomes).unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes[0]
}

fn reopen(disk: &Arc<dyn Disk>, log: Log, was_clean: bool) -> Log {
    let options = OpenLog {
        was_clean,
        ..OpenLog::new(Arc::clone(log.config()), NOW)
    };
    if was_clean {
        log.close().unwrap();
    }
    open(disk, &options).0
}

#[test]
fn sequences_are_checked() {
    let appended = |base_offset| AppendOutcome::Appended { base_offset };
    let refused = AppendOutcome::Refused;
    let out_of_order = |found, expected| {
        refused(ProducerError::OutOfOrder {
            producer_id: ID,
            found,
            expected,
        })
    };
    let stale = ProducerError::StaleEpoch {
        producer_id: ID,
        found: 0,
        current: 1,
    };
    let duplicate = |base_offset, records: i64| AppendOutcome::Duplicate {
        base_offset,
        timestamp: NOW + records - 1,
    };
    let mut log = new_log(&disk(), LogConfig::default());
    for (epoch, sequence, records, expected) in [
        (0, 100, 2, appended(0)),
        (0, 100, 2, duplicate(0, 2)),
        (0, 100, 3, out_of_order(100, 102)),
        (0, 103, 1, out_of_order(103, 102)),
        (0, 102, 1, appended(2)),
        (0, 103, 1, appended(3)),
        (0, 100, 2, duplicate(0, 2)),
        (1, 5, 1, out_of_order(5, 0)),
        (1, 0, 1, appended(4)),
        (0, 104, 1, refused(stale)),
        (1, 1, 1, appended(5)),
    ] {
        let found = outcome(&mut log, idempotent(epoch, sequence, records));
        assert_eq!(
            found, expected,
            "epoch {epoch} sequence {sequence} records {records}"
        );
    }
}

#[test]
fn sequences_wrap_to_zero() {
    let mut log = new_log(&disk(), LogConfig::default());
    append(&mut log, idempotent(0, i32::MAX - 1, 3));
    assert_eq!(append(&mut log, idempotent(0, 1, 1)), 3);
    let repeated = outcome(&mut log, idempotent(0, i32::MAX - 1, 3));
    assert_eq!(
        repeated,
        AppendOutcome::Duplicate {
            base_offset: 0,
            timestamp: NOW + 2
        }
    );
}

#[test]
fn the_last_five_batches_are_remembered() {
    let mut log = new_log(&disk(), LogConfig::default());
    for sequence in 0..7 {
        append(&mut log, idempotent(0, sequence, 1));
    }
    for sequence in 2..7 {
        let expected = AppendOutcome::Duplicate {
            base_offset: Offset::from(sequence),
            timestamp: NOW,
        };
        assert_eq!(outcome(&mut log, idempotent(0, sequence, 1)), expected);
    }
    for found in 0..2 {
        let expected = ProducerError::OldDuplicate {
            producer_id: ID,
            found,
        };
        assert_eq!(
            outcome(&mut log, idempotent(0, found, 1)),
            AppendOutcome::Refused(expected)
        );
    }
}

#[test]
fn batches_of_one_append_see_each_other() {
    let mut log = new_log(&disk(), LogConfig::default());
    let batches = [
        idempotent(0, 0, 1),
        idempotent(0, 0, 1),
        idempotent(0, 2, 1),
        idempotent(0, 1, 1),
    ];
    let mut outcomes = Vec::new();
    log.append(&batches, 0, NOW, &mut outcomes).unwrap();
    assert_eq!(outcomes[0], AppendOutcome::Appended { base_offset: 0 });
    assert_eq!(
        outcomes[1],
        AppendOutcome::Duplicate {
            base_offset: 0,
            timestamp: NOW
        }
    );
    assert!(matches!(
        outcomes[2],
        AppendOutcome::Refused(ProducerError::OutOfOrder { .. })
    ));
    assert_eq!(outcomes[3], AppendOutcome::Appended { base_offset: 1 });
}

#[test]
fn producers_survive_a_restart_and_a_crash() {
    for was_clean in [true, false] {
        let disk = disk();
        let mut log = new_log(&disk, LogConfig::default());
        append(&mut log, idempotent(3, 0, 2));
        log.roll(NOW).unwrap();
        append(&mut log, in_txn(7, 0));
        append(&mut log, idempotent(3, 2, 2));
        let mut log = reopen(&disk, log, was_clean);
        let repeated = outcome(&mut log, idempotent(3, 2, 2));
        assert_eq!(
            repeated,
            AppendOutcome::Duplicate {
                base_offset: 3,
                timestamp: NOW + 1
            }
        );
        assert_eq!(
            log.view().last_stable_offset(5),
            2,
            "the transaction is still open"
        );
        assert_eq!(append(&mut log, idempotent(3, 4, 1)), 5);
    }
}

#[test]
fn idle_producers_are_forgotten_unless_in_a_transaction() {
    let mut log = new_log(&disk(), LogConfig::default());
    append(&mut log, idempotent(0, 5, 1));
    append(&mut log, in_txn(7, 0));
    let day = log.config().producer_id_expiration_ms;
    log.expire_producers(NOW + day - 1);
    assert_eq!(log.producers().len(), 2);
    log.expire_producers(NOW + day);
    assert_eq!(
        log.producers().iter().map(|(id, _)| id).collect::<Vec<_>>(),
        [7]
    );
    // Who is unknown may begin anywhere.
    append(&mut log, idempotent(0, 1000, 1));
}

#[test]
fn transactions_hold_readers_of_committed_data_back() {
    let mut log = new_log(&disk(), LogConfig::default());
    append(&mut log, plain(1, b"0"));
    append(&mut log, in_txn(1, 0));
    append(&mut log, in_txn(2, 0));
    let stable = |log: &Log, high_watermark| log.view().last_stable_offset(high_watermark);
    assert_eq!(stable(&log, 3), 1);
    assert_eq!(append(&mut log, marker(2, true, 0)), 3);
    assert_eq!(stable(&log, 4), 1);
    assert_eq!(append(&mut log, marker(1, false, 0)), 4);
    assert_eq!(stable(&log, 4), 1, "the marker is not replicated");
    assert_eq!(stable(&log, 5), 5);
    let aborted = AbortedTxn {
        producer_id: 1,
        first_offset: 1,
        last_offset: 4,
        last_stable_offset: 5,
    };
    assert_eq!(log.view().aborted_transactions(0, 5).unwrap(), [aborted]);
    assert_eq!(log.view().aborted_transactions(2, 3).unwrap(), [aborted]);
    assert_eq!(log.view().aborted_transactions(0, 1).unwrap(), []);
    assert_eq!(log.view().aborted_transactions(5, 9).unwrap(), []);
}

#[test]
fn a_batch_outside_of_the_transaction_is_refused() {
    let mut log = new_log(&disk(), LogConfig::default());
    append(&mut log, in_txn(ID, 0));
    let expected = ProducerError::NotTransactional { producer_id: ID };
    assert_eq!(
        outcome(&mut log, idempotent(0, 1, 1)),
        AppendOutcome::Refused(expected)
    );
    append(&mut log, marker(ID, true, 5));
    append(&mut log, idempotent(0, 1, 1));
    let expected = ProducerError::CoordinatorFenced {
        found: 4,
        current: 5,
    };
    assert_eq!(
        outcome(&mut log, marker(ID, true, 4)),
        AppendOutcome::Refused(expected)
    );
}

#[test]
fn aborted_transactions_are_found_again_after_a_crash() {
    for was_clean in [true, false] {
        let disk = disk();
        let config = LogConfig {
            segment_bytes: 1000,
            ..LogConfig::default()
        };
        let mut log = new_log(&disk, config);
        append(&mut log, in_txn(1, 0));
        for round in 0..20 {
            append(&mut log, in_txn(2, round));
            append(&mut log, marker(2, round % 2 == 0, 0));
        }
        append(&mut log, marker(1, false, 0));
        let end = log.view().end_offset();
        let expected = log.view().aborted_transactions(0, end).unwrap();
        assert_eq!(expected.len(), 11);
        assert!(log.view().segment_count() > 3);
        let log = reopen(&disk, log, was_clean);
        assert_eq!(log.view().aborted_transactions(0, end).unwrap(), expected);
        for txn in &expected[1..] {
            let found = log
                .view()
                .aborted_transactions(txn.first_offset, txn.last_offset)
                .unwrap();
            assert_eq!(found, [expected[0], *txn]);
        }
    }
}

#[test]
fn a_truncated_transaction_is_open_again() {
    let mut log = new_log(&disk(), LogConfig::default());
    append(&mut log, in_txn(1, 0));
    append(&mut log, marker(1, false, 0));
    assert_eq!(log.view().aborted_transactions(0, 2).unwrap().len(), 1);
    log.truncate_to(1).unwrap();
    assert_eq!(log.view().aborted_transactions(0, 2).unwrap(), []);
    assert_eq!(log.view().last_stable_offset(1), 0);
    append(&mut log, marker(1, true, 0));
    assert_eq!(log.view().last_stable_offset(2), 2);
    assert_eq!(log.view().aborted_transactions(0, 2).unwrap(), []);
}
