//! Batches as they are built: sparse ones, emptied ones, recompressed ones.

use super::*;
use crate::batch::BatchView;

const LIMIT: usize = 1024 * 1024;

fn record(timestamp: Timestamp) -> NewRecord<'static> {
    NewRecord {
        timestamp,
        key: Some(b"key"),
        value: Some(b"value value value value value value value value"),
        headers: &[],
    }
}

fn offsets_and_times(bytes: &[u8]) -> Vec<(Offset, Timestamp)> {
    let view = BatchView::read(bytes).unwrap();
    assert_eq!(view.check_crc(), Ok(()));
    let mut scratch = Scratch::default();
    let records = view.records(&mut scratch, LIMIT).unwrap();
    records
        .map(|record| record.map(|r| (r.offset, r.timestamp)).unwrap())
        .collect()
}

#[test]
fn offsets_may_have_gaps_but_only_grow() {
    let mut batch = BatchBuilder::new(10);
    batch.push_at(12, &record(5)).unwrap();
    for offset in [11, 12, i64::from(i32::MAX) + 11, i64::MAX] {
        assert!(batch.push_at(offset, &record(5)).is_err(), "{offset}");
    }
    batch.push(&record(3)).unwrap();
    let bytes = batch.build().unwrap();
    let header = *BatchView::read(&bytes).unwrap().header();
    assert_eq!((header.base_offset, header.last_offset()), (10, 13));
    assert_eq!((header.base_timestamp, header.max_timestamp), (5, 5));
    assert_eq!(offsets_and_times(&bytes), [(12, 5), (13, 3)]);
}

#[test]
fn an_emptied_batch_keeps_everything_but_its_records() {
    let mut batch = BatchBuilder::new(10)
        .compression(Compression::Lz4)
        .leader_epoch(4)
        .producer(7, 1, 20)
        .transactional();
    batch.push(&record(5)).unwrap();
    batch.push(&record(6)).unwrap();
    let full = batch.build().unwrap();
    let before = *BatchView::read(&full).unwrap().header();
    let emptied = BatchBuilder::like(&before).build().unwrap();
    let after = *BatchView::read(&emptied).unwrap().header();
    let expected = BatchHeader {
        length: after.length,
        crc: after.crc,
        record_count: 0,
        attributes: before.attributes.with_compression(Compression::None),
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(after.size_in_bytes(), HEADER_BYTES);
    assert_eq!(after.last_sequence(), 21);
    assert_eq!(offsets_and_times(&emptied), []);
}

#[test]
fn a_thinned_batch_keeps_offsets_sequences_and_its_own_times() {
    let mut batch = BatchBuilder::new(10).producer(7, 1, 20);
    for timestamp in [5, 9, 6] {
        batch.push(&record(timestamp)).unwrap();
    }
    let full = batch.build().unwrap();
    let view = BatchView::read(&full).unwrap();
    let mut scratch = Scratch::default();
    let mut thin = BatchBuilder::like(view.header()).delete_horizon(1_000);
    for kept in view
        .records(&mut scratch, LIMIT)
        .unwrap()
        .map(Result::unwrap)
    {
        if kept.offset != 11 {
            thin.push_view(&kept).unwrap();
        }
    }
    let thin = thin.build().unwrap();
    let header = *BatchView::read(&thin).unwrap().header();
    assert_eq!(header.delete_horizon(), Some(1_000));
    assert_eq!((header.last_offset(), header.last_sequence()), (12, 22));
    assert_eq!(header.max_timestamp, 6);
    assert_eq!(offsets_and_times(&thin), [(10, 5), (12, 6)]);
}

#[test]
fn recompressing_changes_the_codec_and_nothing_else() {
    let mut batch = BatchBuilder::new(10).producer(7, 1, 20);
    for timestamp in 0..100 {
        batch.push(&record(timestamp)).unwrap();
    }
    let plain = batch.build().unwrap();
    let mut scratch = Scratch::default();
    for from in Compression::ALL {
        let mut to = |bytes: &[u8], codec| {
            let view = BatchView::read(bytes).unwrap();
            recompress(
                view.header(),
                view.records_bytes(),
                (codec, CompressionLevels::default()),
                LIMIT,
                &mut scratch,
            )
            .unwrap()
        };
        let packed = to(&plain, from);
        let header = *BatchView::read(&packed).unwrap().header();
        assert_eq!(header.attributes.compression(), Ok(from));
        assert!(
            from == Compression::None || packed.len() < plain.len() / 2,
            "{from}"
        );
        assert_eq!(offsets_and_times(&packed), offsets_and_times(&plain));
        assert_eq!(to(&packed, Compression::None), plain);
    }
}

#[test]
fn timestamps_too_far_apart_are_refused() {
    let mut batch = BatchBuilder::new(0);
    batch.push(&record(i64::MIN)).unwrap();
    assert!(matches!(
        batch.push(&record(1)),
        Err(BuildError::Timestamp(1))
    ));
}
