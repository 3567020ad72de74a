//! Each rule with a batch that breaks it, for plain and compressed records alike.

use millrace_types::ErrorCode;

use super::*;
use crate::attributes::Attributes;
use crate::batch::{BatchError, HEADER_BYTES};
use crate::builder::{BatchBuilder, NewRecord};
use crate::compression::{DecompressError, UnknownCodec};
use crate::record::RecordError;

const NOW: Timestamp = 1_000_000_000;

fn batch_of(builder: BatchBuilder, timestamps: &[Timestamp]) -> Vec<u8> {
    let mut builder = builder;
    for &timestamp in timestamps {
        let record = NewRecord {
            timestamp,
            key: Some(b"key"),
            value: Some(b"value"),
            headers: &[],
        };
        builder.push(&record).unwrap();
    }
    builder.build().unwrap()
}

fn good() -> Vec<u8> {
    batch_of(BatchBuilder::new(0), &[NOW, NOW + 2, NOW + 1])
}

/// Changes the header (and, by way of it, the checksum) of a good batch.
fn with_header(change: impl Fn(&mut BatchHeader)) -> Vec<u8> {
    let bytes = good();
    let mut header = *BatchView::read(&bytes).unwrap().header();
    change(&mut header);
    let records = &bytes[HEADER_BYTES..];
    [&header.with_crc_over(records).to_bytes(), records].concat()
}

fn check(bytes: &[u8], rules: &Rules) -> Result<Validated, InvalidBatch> {
    validate(bytes, rules, NOW, &mut Scratch::default())
}

#[track_caller]
fn refused(bytes: &[u8], expected: ErrorCode) -> InvalidBatch {
    let error = check(bytes, &Rules::default()).unwrap_err();
    assert_eq!(error.code(), expected, "{error}");
    error
}

/// What the log writes for a batch that was taken.
fn stored(sent: &[u8], valid: &Validated) -> Vec<u8> {
    let header = BatchHeader {
        base_offset: 500,
        leader_epoch: 9,
        ..valid.header
    };
    [&header.to_bytes(), &sent[HEADER_BYTES..]].concat()
}

#[test]
fn a_good_batch_is_stored_with_only_offset_and_epoch_changed() {
    for codec in Compression::ALL {
        let builder = BatchBuilder::new(0).compression(codec);
        let bytes = batch_of(builder, &[NOW, NOW + 2, NOW + 1]);
        let valid = check(&bytes, &Rules::default()).unwrap();
        assert_eq!(valid.header.max_timestamp, NOW + 2);
        assert_eq!(valid.max_timestamp_delta, 1);
        let stored = stored(&bytes, &valid);
        assert_eq!(stored[16..], bytes[16..]);
        assert_eq!(BatchView::read(&stored).unwrap().check_crc(), Ok(()));
    }
}

#[test]
fn log_append_time_and_a_wrong_maximum_rewrite_the_header() {
    let append_time = Rules {
        timestamp_type: TimestampType::LogAppendTime,
        timestamp_after_max_ms: 0,
        ..Rules::default()
    };
    let wrong = with_header(|header| header.max_timestamp = 77);
    for (bytes, rules, expected) in [
        (good(), append_time, (NOW, 0)),
        (wrong, Rules::default(), (NOW + 2, 1)),
    ] {
        let valid = check(&bytes, &rules).unwrap();
        assert_eq!(
            (valid.header.max_timestamp, valid.max_timestamp_delta),
            expected
        );
        let stored = stored(&bytes, &valid);
        let view = BatchView::read(&stored).unwrap();
        assert_eq!(view.check_crc(), Ok(()));
        assert_eq!(
            view.header().attributes.timestamp_type(),
            rules.timestamp_type
        );
    }
}

#[test]
fn exactly_one_whole_batch_is_wanted() {
    let one = good();
    refused(&[], ErrorCode::InvalidRecord);
    refused(&[one.as_slice(), &one].concat(), ErrorCode::InvalidRecord);
    refused(&[one.as_slice(), &[0]].concat(), ErrorCode::InvalidRecord);
    refused(&one[..one.len() - 1], ErrorCode::CorruptMessage);
    refused(&one[..60], ErrorCode::CorruptMessage);
}

#[test]
fn damage_is_found_before_anything_is_believed() {
    let mut bytes = good();
    *bytes.last_mut().unwrap() ^= 1;
    refused(&bytes, ErrorCode::CorruptMessage);
    let mut bytes = good();
    bytes[16] = 1;
    let error = refused(&bytes, ErrorCode::InvalidRecord);
    let magic = BatchError::Corrupt(crate::batch::CorruptBatch::Magic(1));
    assert!(matches!(error, InvalidBatch::Unreadable(found) if found == magic));
}

#[test]
fn the_size_limit_is_on_the_batch_as_sent() {
    let bytes = good();
    let limited = |max_batch_bytes| Rules {
        max_batch_bytes,
        ..Rules::default()
    };
    assert!(check(&bytes, &limited(bytes.len())).is_ok());
    let error = check(&bytes, &limited(bytes.len() - 1)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::MessageTooLarge);
}

#[test]
fn headers_that_clients_may_not_write_are_refused() {
    type Change = fn(&mut BatchHeader);
    let cases: [(Change, ErrorCode); 13] = [
        (
            |h| h.attributes = h.attributes.with_control(true),
            ErrorCode::InvalidRecord,
        ),
        (
            |h| h.attributes = h.attributes.with_delete_horizon(true),
            ErrorCode::InvalidRecord,
        ),
        (
            |h| {
                let append_time = TimestampType::LogAppendTime;
                h.attributes = h.attributes.with_timestamp_type(append_time);
            },
            ErrorCode::InvalidTimestamp,
        ),
        (
            |h| h.attributes = h.attributes.with_transactional(true),
            ErrorCode::InvalidRecord,
        ),
        (
            |h| h.attributes = Attributes(5),
            ErrorCode::UnsupportedCompressionType,
        ),
        (|h| h.record_count = 0, ErrorCode::InvalidRecord),
        (|h| h.record_count = -1, ErrorCode::InvalidRecord),
        (|h| h.record_count = 2, ErrorCode::InvalidRecord),
        (|h| h.last_offset_delta = 3, ErrorCode::InvalidRecord),
        (
            |h| (h.record_count, h.last_offset_delta) = (2, 1),
            ErrorCode::InvalidRecord,
        ),
        (
            |h| (h.record_count, h.last_offset_delta) = (i32::MAX, i32::MAX - 1),
            ErrorCode::InvalidRecord,
        ),
        (
            |h| (h.producer_id, h.producer_epoch) = (1, 0),
            ErrorCode::InvalidRecord,
        ),
        (
            |h| (h.producer_id, h.base_sequence) = (1, 0),
            ErrorCode::InvalidRecord,
        ),
    ];
    for (change, code) in cases {
        refused(&with_header(change), code);
    }
    let idempotent = batch_of(BatchBuilder::new(0).producer(1, 0, 0), &[NOW]);
    assert!(check(&idempotent, &Rules::default()).is_ok());
}

#[test]
fn old_clients_cannot_send_zstd() {
    let bytes = batch_of(BatchBuilder::new(0).compression(Compression::Zstd), &[NOW]);
    let rules = Rules {
        zstd_allowed: false,
        ..Rules::default()
    };
    let error = check(&bytes, &rules).unwrap_err();
    assert_eq!(error.code(), ErrorCode::UnsupportedCompressionType);
    assert!(check(&good(), &rules).is_ok());
    assert!(matches!(
        InvalidBatch::from(UnknownCodec(5)),
        InvalidBatch::Codec(_)
    ));
}

#[test]
fn records_without_key_are_named_on_compacted_topics() {
    for codec in Compression::ALL {
        let mut builder = BatchBuilder::new(0).compression(codec);
        for index in 0..250_u8 {
            let key = [index];
            let record = NewRecord {
                timestamp: NOW,
                key: (index % 2 == 0).then_some(&key[..]),
                ..NewRecord::default()
            };
            builder.push(&record).unwrap();
        }
        let bytes = builder.build().unwrap();
        assert!(check(&bytes, &Rules::default()).is_ok());
        let rules = Rules {
            keys_required: true,
            ..Rules::default()
        };
        let error = check(&bytes, &rules).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRecord);
        let indexes: Vec<_> = error
            .rejected_records()
            .iter()
            .map(|record| record.index)
            .collect();
        assert_eq!(indexes, (0..100).map(|n| 2 * n + 1).collect::<Vec<_>>());
        assert_eq!(
            error.rejected_records()[0].reason,
            RejectionReason::MissingKey
        );
    }
}

#[test]
fn timestamps_out_of_range_are_named() {
    let rules = Rules {
        timestamp_before_max_ms: 10,
        timestamp_after_max_ms: 5,
        ..Rules::default()
    };
    let bytes = batch_of(
        BatchBuilder::new(0),
        &[NOW - 10, NOW - 11, NOW + 5, NOW + 6, -1],
    );
    let error = check(&bytes, &rules).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidTimestamp);
    let indexes: Vec<_> = error
        .rejected_records()
        .iter()
        .map(|record| record.index)
        .collect();
    assert_eq!(indexes, [1, 3]);
    let append_time = Rules {
        timestamp_type: TimestampType::LogAppendTime,
        ..rules
    };
    assert!(check(&bytes, &append_time).is_ok());
}

#[test]
fn offset_deltas_must_count_up() {
    let mut builder = BatchBuilder::new(0);
    builder.push_at(0, &NewRecord::default()).unwrap();
    builder.push_at(2, &NewRecord::default()).unwrap();
    let sparse = builder.build().unwrap();
    refused(&sparse, ErrorCode::InvalidRecord);
    let mut header = *BatchView::read(&sparse).unwrap().header();
    header.last_offset_delta = 1;
    let records = &sparse[HEADER_BYTES..];
    let lying = [&header.with_crc_over(records).to_bytes(), records].concat();
    let error = refused(&lying, ErrorCode::InvalidRecord);
    assert!(matches!(
        error,
        InvalidBatch::OffsetDelta { index: 1, delta: 2 }
    ));
}

#[test]
fn bombs_are_too_large() {
    let zeros = vec![0; 8 * 1024 * 1024];
    for codec in Compression::ALL.into_iter().skip(1) {
        let mut builder = BatchBuilder::new(0).compression(codec);
        let record = NewRecord {
            value: Some(&zeros),
            ..NewRecord::default()
        };
        builder.push(&record).unwrap();
        let bytes = builder.build().unwrap();
        let rules = Rules {
            max_expanded_bytes: 1024 * 1024,
            ..Rules::default()
        };
        let mut scratch = Scratch::default();
        let error = validate(&bytes, &rules, NOW, &mut scratch).unwrap_err();
        assert_eq!(
            error.code(),
            ErrorCode::MessageTooLarge,
            "{codec} {error:?}"
        );
        assert!(
            scratch.capacity() <= 128 * 1024,
            "{codec}: nothing is unpacked"
        );
    }
}

#[test]
fn damaged_compression_under_a_true_checksum_is_an_invalid_record() {
    for codec in Compression::ALL.into_iter().skip(1) {
        let bytes = batch_of(BatchBuilder::new(0).compression(codec), &[NOW; 100]);
        let view = BatchView::read(&bytes).unwrap();
        let records = &view.records_bytes()[..view.records_bytes().len() - 5];
        let mut header = *view.header();
        header.length -= 5;
        let cut = [&header.with_crc_over(records).to_bytes(), records].concat();
        let error = refused(&cut, ErrorCode::InvalidRecord);
        let decompress = matches!(
            error,
            InvalidBatch::Decompress(DecompressError::Corrupt { .. })
                | InvalidBatch::Record {
                    cause: RecordError::Decompress(DecompressError::Corrupt { .. }),
                    ..
                }
        );
        assert!(decompress, "{codec} {error:?}");
    }
}

#[test]
fn the_expansion_limit_follows_the_batch_limit() {
    assert_eq!(expansion_limit(0), 0);
    assert_eq!(expansion_limit(1024), 64 * 1024);
    assert_eq!(expansion_limit(usize::MAX), 2 * 1024 * 1024 * 1024 - 1);
}
