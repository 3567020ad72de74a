//! What a log knows of its producers and transactions is the same after a restart or a crash of the
//! process, whatever happened before.

use std::sync::Arc;

use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{AbortedTxn, AppendBatch, AppendOutcome, Log, LogConfig, OpenLog, Origin};
use millrace_records::{BatchBuilder, EndTxnMarker};
use millrace_types::{Offset, ProducerEpoch, ProducerId, Sequence};
use proptest::prelude::*;

use crate::support::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A batch in a transaction.
    Send(ProducerId),
    End {
        producer: ProducerId,
        committed: bool,
    },
    /// The producer comes back with a new epoch.
    Bump(ProducerId),
    Roll,
    Flush,
    /// Cut off so many offsets.
    Truncate(Offset),
    Restart {
        was_clean: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let producer = 0..3_i64;
    let step = prop_oneof![
        6 => producer.clone().prop_map(Step::Send),
        4 => (producer.clone(), any::<bool>())
            .prop_map(|(producer, committed)| Step::End { producer, committed }),
        1 => producer.prop_map(Step::Bump),
        1 => Just(Step::Roll),
        1 => Just(Step::Flush),
        1 => (0..6_i64).prop_map(Step::Truncate),
        2 => any::<bool>().prop_map(|was_clean| Step::Restart { was_clean }),
    ];
    prop::collection::vec(step, 1..60)
}

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 900,
        index_interval_bytes: 50,
        ..LogConfig::default()
    }
}

/// A producer as seen from outside: id, epoch, last sequence, start of its transaction.
type Known = (ProducerId, ProducerEpoch, Sequence, Option<Offset>);

fn knowledge(log: &Log) -> (Offset, Offset, Vec<AbortedTxn>, Vec<Known>) {
    let end = log.view().end_offset();
    let producers = log.producers().iter();
    let mut known: Vec<Known> = producers
        .map(|(id, state)| {
            (
                id,
                state.epoch,
                state.last_sequence(),
                state.txn_first_offset,
            )
        })
        .collect();
    known.sort_unstable();
    let aborted = log.view().aborted_transactions(0, end).unwrap();
    (end, log.view().last_stable_offset(end), aborted, known)
}

fn epoch_of(log: &Log, producer: ProducerId) -> ProducerEpoch {
    log.producers().get(producer).map_or(0, |state| state.epoch)
}

fn send(log: &Log, producer: ProducerId, epoch: ProducerEpoch) -> AppendBatch {
    let known = log
        .producers()
        .get(producer)
        .filter(|state| state.epoch == epoch);
    let sequence = known.map_or(0, |state| state.last_sequence() + 1);
    let builder = BatchBuilder::new(0)
        .producer(producer, epoch, sequence)
        .transactional();
    to_append(batch_of(builder, 1, b"some value", NOW), Origin::Client)
}

fn run(disk: &Arc<dyn Disk>, mut log: Log, step: Step) -> Log {
    let batch = match step {
        Step::Send(producer) => send(&log, producer, epoch_of(&log, producer)),
        Step::Bump(producer) => send(&log, producer, epoch_of(&log, producer) + 1),
        Step::End {
            producer,
            committed,
        } => {
            let marker = EndTxnMarker {
                committed,
                coordinator_epoch: 0,
            };
            let bytes = marker
                .to_batch(producer, epoch_of(&log, producer), NOW)
                .unwrap();
            to_append(bytes, Origin::Coordinator)
        }
        Step::Roll => {
            log.roll(NOW).unwrap();
            return log;
        }
        Step::Flush => {
            log.view().flush().unwrap();
            return log;
        }
        Step::Truncate(count) => {
            let target = (log.view().end_offset() - count).max(0);
            log.truncate_to(target).unwrap();
            return log;
        }
        Step::Restart { was_clean } => {
            let recovery_point = log.view().recovery_point();
            let new = OpenLog::new(Arc::new(config()), NOW);
            let options = OpenLog {
                was_clean,
                recovery_point,
                ..new
            };
            if was_clean {
                log.close().unwrap();
            }
            return open(disk, &options).0;
        }
    };
    let mut outcomes = Vec::new();
    log.append(&[batch], 0, NOW, &mut outcomes).unwrap();
    assert!(
        matches!(outcomes[..], [AppendOutcome::Appended { .. }]),
        "{outcomes:?}"
    );
    log
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_restart_changes_nothing_that_is_known(steps in steps()) {
        let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
        let mut log = new_log(&disk, config());
        for step in steps {
            let before = knowledge(&log);
            log = run(&disk, log, step);
            if matches!(step, Step::Restart { .. }) {
                prop_assert_eq!(knowledge(&log), before);
            }
        }
    }
}
