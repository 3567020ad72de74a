//! Batches fill, wait, go and come back.

use super::*;

fn options(linger_ms: u64, batch_bytes: usize) -> ProducerOptions {
    ProducerOptions {
        linger: Duration::from_millis(linger_ms),
        batch_bytes,
        ..ProducerOptions::default()
    }
}

fn record(value: &'static str) -> ProducerRecord {
    ProducerRecord {
        topic: "t".into(),
        value: Some(Bytes::from_static(value.as_bytes())),
        ..ProducerRecord::default()
    }
}

const ME: Identity = Identity { id: 9, epoch: 1 };

fn base_sequence(batch: &Batch) -> Sequence {
    let bytes = batch.encoded.as_ref().unwrap();
    millrace_records::BatchHeader::read(bytes)
        .unwrap()
        .base_sequence
}

#[test]
fn a_batch_waits_for_company_unless_it_is_full_or_flushed() {
    let start = Instant::now();
    let later = start + Duration::from_millis(10);
    let mut accumulator = Accumulator::new(&options(10, 100));
    assert_eq!(accumulator.next_due(), None);
    let first = accumulator.append(&record("a"), 0, 7, start).unwrap();
    assert!(first.opened && !first.full);
    assert!(accumulator.take_due(start, None).batches.is_empty());
    assert_eq!(accumulator.next_due(), Some(later));
    assert_eq!(accumulator.take_due(later, None).batches.len(), 1);

    let long = record(
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
    );
    let full = accumulator.append(&long, 1, 7, start).unwrap();
    assert!(full.full);
    assert_eq!(accumulator.take_due(start, None).batches.len(), 1);

    accumulator.append(&record("b"), 2, 7, start).unwrap();
    accumulator.flush();
    assert_eq!(accumulator.take_due(start, None).batches.len(), 1);
}

#[test]
fn one_batch_of_a_partition_is_on_its_way_and_a_retry_goes_first_with_the_same_bytes() {
    let now = Instant::now();
    let mut accumulator = Accumulator::new(&options(0, 1));
    let at = TopicPartition::new("t", 0);
    for value in ["a", "b", "c"] {
        accumulator.append(&record(value), 0, 7, now).unwrap();
    }
    let (_, first) = accumulator.take_due(now, Some(ME)).batches.pop().unwrap();
    assert_eq!(base_sequence(&first), 0);
    assert!(accumulator.take_due(now, Some(ME)).batches.is_empty());

    let bytes = first.encoded.clone();
    let again_at = now + Duration::from_millis(50);
    accumulator.put_back(&at, first, again_at);
    assert!(accumulator.take_due(now, Some(ME)).batches.is_empty());
    assert_eq!(accumulator.next_due(), Some(again_at));
    let (_, again) = accumulator
        .take_due(again_at, Some(ME))
        .batches
        .pop()
        .unwrap();
    assert_eq!(again.encoded, bytes);
    accumulator.settled(&at);

    let (_, second) = accumulator.take_due(now, Some(ME)).batches.pop().unwrap();
    assert_eq!(base_sequence(&second), 1);
    accumulator.settled(&at);
    let other = Identity { id: 10, epoch: 0 };
    let (_, third) = accumulator
        .take_due(now, Some(other))
        .batches
        .pop()
        .unwrap();
    assert_eq!(base_sequence(&third), 0);
}

#[tokio::test]
async fn every_record_of_a_batch_learns_its_fate() {
    let now = Instant::now();
    let mut accumulator = Accumulator::new(&options(0, 1000));
    let first = accumulator.append(&record("a"), 0, 7, now).unwrap();
    let second = accumulator.append(&record("b"), 0, 7, now).unwrap();
    assert_eq!((first.index, second.index), (0, 1));
    let (_, batch) = accumulator.take_due(now, None).batches.pop().unwrap();
    batch.finish(Ok(Some(40)));
    for mut appended in [first, second] {
        let fate = appended
            .fate
            .wait_for(Option::is_some)
            .await
            .unwrap()
            .clone();
        assert!(matches!(fate, Some(Ok(Some(40)))));
    }
}

#[test]
fn a_record_that_does_not_fit_the_batch_leaves_it_whole() {
    let now = Instant::now();
    let mut accumulator = Accumulator::new(&options(0, 1000));
    let first = accumulator.append(&record("a"), 0, 7, now).unwrap();
    let far = ProducerRecord {
        timestamp: Some(Timestamp::MAX),
        ..record("b")
    };
    let early = ProducerRecord {
        timestamp: Some(Timestamp::MIN),
        ..record("c")
    };
    let refused = [far, early].map(|r| accumulator.append(&r, 0, 7, now).is_err());
    assert!(refused.contains(&true));
    let (_, batch) = accumulator.take_due(now, Some(ME)).batches.pop().unwrap();
    let bytes = batch.encoded.as_ref().unwrap();
    let header = millrace_records::BatchHeader::read(bytes).unwrap();
    let accepted = refused.iter().filter(|refused| !**refused).count();
    assert_eq!(usize::try_from(header.record_count), Ok(1 + accepted));
    drop(first);
}
