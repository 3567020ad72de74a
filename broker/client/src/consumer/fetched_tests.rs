//! Whole batches, cut ones, compressed ones, and those of transactions.

use millrace_records::{BatchBuilder, Compression, EndTxnMarker, NewRecord};

use super::*;

fn batch(base: Offset, values: &[&str], shape: impl Fn(BatchBuilder) -> BatchBuilder) -> Vec<u8> {
    let mut builder = shape(BatchBuilder::new(base));
    for value in values {
        let record = NewRecord {
            value: Some(value.as_bytes()),
            ..NewRecord::default()
        };
        builder.push(&record).unwrap();
    }
    builder.build().unwrap()
}

fn marker(base: Offset, producer: ProducerId, committed: bool) -> Vec<u8> {
    let marker = EndTxnMarker {
        committed,
        coordinator_epoch: 0,
    };
    let mut bytes = marker.to_batch(producer, 0, 0).unwrap();
    // The checksum begins behind the offset.
    bytes[..size_of::<Offset>()].copy_from_slice(&base.to_be_bytes());
    bytes
}

fn values(
    bytes: Vec<u8>,
    from: Offset,
    aborted: Option<&[AbortedTransaction]>,
) -> (Vec<String>, Offset) {
    let at = TopicPartition::new("t", 0);
    let bytes = Bytes::from(bytes);
    let fetched = read(&at, &bytes, from, aborted, &mut Scratch::default()).unwrap();
    let text = |record: ConsumerRecord| {
        let value = record.value.unwrap();
        format!("{} {}", record.offset, String::from_utf8_lossy(&value))
    };
    (
        fetched.records.into_iter().map(text).collect(),
        fetched.next,
    )
}

#[test]
fn records_before_the_position_and_a_cut_batch_are_left_out() {
    let mut bytes = batch(10, &["a", "b", "c"], |b| b);
    let cut = batch(13, &["d"], |b| b);
    bytes.extend_from_slice(&cut[..cut.len() - 1]);
    let (read, next) = values(bytes, 11, None);
    assert_eq!(read, ["11 b", "12 c"]);
    assert_eq!(next, 13);
}

#[test]
fn compressed_batches_are_opened() {
    let bytes = batch(0, &["a", "b"], |b| b.compression(Compression::Zstd));
    assert_eq!(values(bytes, 0, None).0, ["0 a", "1 b"]);
}

#[test]
fn damaged_batches_are_told() {
    let mut bytes = batch(0, &["a"], |b| b);
    *bytes.last_mut().unwrap() ^= 1;
    let at = TopicPartition::new("t", 0);
    let outcome = read(&at, &bytes.into(), 0, None, &mut Scratch::default());
    assert!(matches!(outcome, Err(ClientError::Records { .. })));
}

#[test]
fn aborted_transactions_stay_away_from_a_committed_reader() {
    let transactional =
        |producer| move |b: BatchBuilder| b.producer(producer, 0, 0).transactional();
    let parts = [
        batch(0, &["aborted"], transactional(7)),
        batch(1, &["committed"], transactional(8)),
        batch(2, &["plain"], |b| b),
        marker(3, 7, false),
        marker(4, 8, true),
        batch(5, &["later"], transactional(7)),
        marker(6, 7, true),
    ];
    let aborted = [AbortedTransaction {
        producer_id: 7,
        first_offset: 0,
    }];
    let (read, next) = values(parts.concat(), 0, Some(&aborted));
    assert_eq!(read, ["1 committed", "2 plain", "5 later"]);
    assert_eq!(next, 7);
    let (all, _) = values(parts.concat(), 0, None);
    assert_eq!(all.len(), 4);
}
