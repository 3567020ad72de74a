//! Any sequence of batches, transactions, rolls and cleanings, against what compaction promises.

use std::collections::BTreeMap;

use millrace_records::{BatchView, Scratch};
use millrace_types::Offset;
use proptest::prelude::*;

use crate::script::{Fixture, batches};

/// A key's last committed record: its offset, and its value unless it is a tombstone.
type Latest = BTreeMap<Vec<u8>, (Offset, Option<Vec<u8>>)>;

/// One line of a script.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let record = || ("[abcd]", "[xy]{0,2}").prop_map(|(key, value)| format!("{key}={value}"));
    let records = || prop::collection::vec(record(), 1..4).prop_map(|records| records.join(" "));
    let line = prop_oneof![
        4 => records(),
        2 => (1..3_u8, records()).prop_map(|(id, records)| format!("p{id} {records}")),
        4 => (3..6_u8, records()).prop_map(|(id, records)| format!("t{id} {records}")),
        2 => (3..6_u8).prop_map(|id| format!("commit {id}")),
        2 => (3..6_u8).prop_map(|id| format!("abort {id}")),
        3 => Just("roll".to_owned()),
        1 => (1..200_u8).prop_map(|ms| format!("wait {ms}")),
        2 => Just("clean".to_owned()),
    ];
    prop::collection::vec(line, 1..60)
}

/// What a reader of committed data learns from the log, by offset.
fn committed(fixture: &Fixture, from: Offset) -> BTreeMap<Offset, (Vec<u8>, Option<Vec<u8>>)> {
    let view = fixture.log.view();
    let stable = view.last_stable_offset(view.end_offset());
    let aborted = view.aborted_transactions(0, Offset::MAX).unwrap();
    let mut records = BTreeMap::new();
    let mut scratch = Scratch::default();
    for (_, bytes) in batches(&fixture.log, from) {
        let batch = BatchView::read(&bytes).unwrap();
        let header = *batch.header();
        let is_aborted = header.attributes.is_transactional()
            && aborted.iter().any(|txn| {
                txn.producer_id == header.producer_id
                    && (txn.first_offset..=txn.last_offset).contains(&header.base_offset)
            });
        if header.base_offset >= stable || is_aborted || header.attributes.is_control() {
            continue;
        }
        for record in batch
            .records(&mut scratch, 1 << 20)
            .unwrap()
            .map(Result::unwrap)
        {
            let key = record.key.unwrap().to_vec();
            records.insert(record.offset, (key, record.value.map(<[u8]>::to_vec)));
        }
    }
    records
}

fn latest(records: &BTreeMap<Offset, (Vec<u8>, Option<Vec<u8>>)>) -> Latest {
    let entries = records
        .iter()
        .map(|(&offset, (key, value))| (key.clone(), (offset, value.clone())));
    entries.collect()
}

fn values(latest: Latest) -> Latest {
    latest
        .into_iter()
        .filter(|(_, (_, value))| value.is_some())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_loses_no_value_and_invents_none(
        lines in lines(),
        keys_in_map in prop_oneof![1..4_usize, Just(1000)],
        segment_bytes in prop_oneof![Just(1), Just(300), Just(1 << 30)],
    ) {
        let mut fixture = Fixture::new();
        fixture.keys_in_map = keys_in_map;
        fixture.clean.segment_bytes = segment_bytes;
        for line in lines {
            let before = committed(&fixture, 0);
            let end = fixture.log.view().end_offset();
            let producers: BTreeMap<_, _> =
                fixture.log.producers().iter().map(|(id, state)| (id, *state)).collect();
            fixture.step(&line).unwrap();
            if line != "clean" {
                continue;
            }
            let after = committed(&fixture, 0);
            prop_assert_eq!(values(latest(&before)), values(latest(&after)));
            for (offset, record) in &after {
                prop_assert_eq!(before.get(offset), Some(record));
            }
            prop_assert_eq!(fixture.log.view().end_offset(), end);
            for from in 0..end {
                let tail: BTreeMap<_, _> = committed(&fixture, from)
                    .into_iter()
                    .filter(|&(offset, _)| offset >= from)
                    .collect();
                prop_assert!(tail.iter().eq(after.range(from..)), "read from {}", from);
            }

            // What a restart finds out about producers and transactions is what was known.
            let stable = fixture.log.view().last_stable_offset(end);
            let fixture_after = fixture.restart_without_snapshots();
            prop_assert_eq!(committed(&fixture_after, 0), after);
            prop_assert_eq!(fixture_after.log.view().last_stable_offset(end), stable);
            for (id, state) in producers {
                let found = fixture_after.log.producers().get(id).copied();
                prop_assert_eq!(found.map(|found| found.last_sequence()), Some(state.last_sequence()));
                prop_assert_eq!(found.map(|found| found.epoch), Some(state.epoch));
                prop_assert_eq!(
                    found.and_then(|found| found.txn_first_offset), state.txn_first_offset
                );
            }
            fixture = fixture_after;
        }
    }
}
