//! Header, checksum, walking and patching, against bytes written down by hand.

use millrace_types::NO_SEQUENCE;

use super::header::CRC_END;
use super::*;
use crate::attributes::{Attributes, TimestampType};

fn header() -> BatchHeader {
    BatchHeader {
        base_offset: 0x0102_0304_0506_0708,
        length: 49 + 3,
        leader_epoch: 0x1112_1314,
        magic: MAGIC_V2,
        crc: 0,
        attributes: Attributes(0x13),
        last_offset_delta: 4,
        base_timestamp: 1_000,
        max_timestamp: 2_000,
        producer_id: 7,
        producer_epoch: 3,
        base_sequence: i32::MAX - 1,
        record_count: 5,
    }
}

fn batch_of(header: BatchHeader, records: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER_BYTES - LENGTH_END + records.len()).unwrap();
    let header = BatchHeader { length, ..header }.with_crc_over(records);
    [&header.to_bytes(), records].concat()
}

fn batch() -> Vec<u8> {
    batch_of(header(), b"abc")
}

#[test]
fn the_header_survives_the_round_trip() {
    let bytes = batch();
    let view = BatchView::read(&bytes).unwrap();
    let expected = header().with_crc_over(b"abc");
    assert_eq!(*view.header(), expected);
    assert_eq!(view.header().to_bytes(), bytes[..HEADER_BYTES]);
    assert_eq!(view.records_bytes(), b"abc");
    assert_eq!(view.header().size_in_bytes(), 64);
    assert_eq!(view.header().last_offset(), 0x0102_0304_0506_070c);
    assert_eq!(view.check_crc(), Ok(()));
    assert_eq!(
        bytes[..16],
        *b"\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\x34\x11\x12\x13\x14"
    );
}

#[test]
fn the_checksum_is_crc_32c() {
    assert_eq!(crc_of(b"123456789"), 0xe306_9283);
}

#[test]
fn sequences_wrap_to_zero() {
    for (sequence, increment, expected) in [
        (0, 0, 0),
        (5, 4, 9),
        (i32::MAX - 1, 1, i32::MAX),
        (i32::MAX - 1, 2, 0),
        (i32::MAX, 1, 0),
        (i32::MAX, i32::MAX, i32::MAX - 1),
    ] {
        assert_eq!(sequence_after(sequence, increment), expected);
    }
    assert_eq!(header().last_sequence(), 2);
    let none = BatchHeader {
        base_sequence: NO_SEQUENCE,
        ..header()
    };
    assert_eq!(none.last_sequence(), NO_SEQUENCE);
}

#[test]
fn every_flipped_bit_under_the_checksum_is_found() {
    let bytes = batch();
    for at in CRC_END - 4..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let intact = BatchView::read(&damaged).is_ok_and(|view| view.check_crc().is_ok());
            assert!(!intact, "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_header_that_contradicts_itself_is_corrupt() {
    let damage = |at: usize, with: &[u8]| {
        let mut bytes = batch();
        bytes[at..at + with.len()].copy_from_slice(with);
        BatchView::read(&bytes).map(|_| ()).unwrap_err()
    };
    assert_eq!(
        damage(8, &48_i32.to_be_bytes()),
        CorruptBatch::Length(48).into()
    );
    assert_eq!(
        damage(8, &(-1_i32).to_be_bytes()),
        CorruptBatch::Length(-1).into()
    );
    assert_eq!(damage(16, &[1]), CorruptBatch::Magic(1).into());
    assert_eq!(
        damage(57, &(-1_i32).to_be_bytes()),
        CorruptBatch::RecordCount(-1).into()
    );
    let base_offset = header().base_offset;
    let negative = CorruptBatch::OffsetRange {
        base_offset,
        delta: -1,
    };
    assert_eq!(damage(23, &(-1_i32).to_be_bytes()), negative.into());
    let past_the_end = CorruptBatch::OffsetRange {
        base_offset: i64::MAX,
        delta: 4,
    };
    assert_eq!(damage(0, &i64::MAX.to_be_bytes()), past_the_end.into());
}

#[test]
fn walking_tells_a_cut_tail_from_a_wrong_one() {
    let one = batch();
    let two = [one.as_slice(), &one].concat();
    let walk = |bytes: &[u8]| {
        let mut batches = Batches::new(bytes);
        let found: Vec<_> = batches.by_ref().map(|batch| batch.map(|_| ())).collect();
        (found, batches.position())
    };
    assert_eq!(walk(&[]), (vec![], 0));
    assert_eq!(walk(&two), (vec![Ok(()), Ok(())], 128));
    let cut = |needed, available| Err(BatchError::Truncated { needed, available });
    assert_eq!(walk(&two[..64 + 60]), (vec![Ok(()), cut(61, 60)], 64));
    assert_eq!(walk(&two[..64 + 63]), (vec![Ok(()), cut(64, 63)], 64));
    let mut wrong = two;
    wrong[64 + 16] = 0;
    let magic = Err(CorruptBatch::Magic(0).into());
    assert_eq!(walk(&wrong), (vec![Ok(()), magic], 64));
}

#[test]
fn a_new_header_goes_with_the_old_records() {
    let original = batch();
    let header = *BatchView::read(&original).unwrap().header();
    let placed = BatchHeader {
        base_offset: 99,
        leader_epoch: 5,
        ..header
    };
    let stamped = placed.with_append_time(3_000, b"abc");
    for new in [placed, stamped] {
        let stored = [&new.to_bytes()[..], b"abc"].concat();
        let view = BatchView::read(&stored).unwrap();
        assert_eq!(view.check_crc(), Ok(()));
        assert_eq!(*view.header(), new);
    }
    assert_eq!(stamped.max_timestamp, 3_000);
    assert_eq!(
        stamped.attributes.timestamp_type(),
        TimestampType::LogAppendTime
    );
}

#[test]
fn the_delete_horizon_is_the_base_timestamp_when_its_bit_is_set() {
    assert_eq!(header().delete_horizon(), None);
    let mut cleaned = header();
    cleaned.attributes = cleaned.attributes.with_delete_horizon(true);
    assert_eq!(cleaned.delete_horizon(), Some(1_000));
}
