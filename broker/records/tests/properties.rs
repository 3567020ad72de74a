//! What holds for all batches: the round trip through every codec, and that damage never gets by.

use millrace_records::batch::HEADER_BYTES;
use millrace_records::{
    BatchBuilder, BatchHeader, BatchView, Batches, Compression, NewRecord, RecordHeader, Rules,
    Scratch, fuzz, validate,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const LIMIT: usize = 16 * 1024 * 1024;

#[derive(Clone, Debug)]
struct Record {
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let bytes = || vec(any::<u8>(), 0..200);
    let record = (
        0..4_000_000_000_000_i64,
        option::of(bytes()),
        option::of(bytes()),
        vec((vec(any::<u8>(), 0..10), option::of(bytes())), 0..3),
    )
        .prop_map(|(timestamp, key, value, headers)| Record {
            timestamp,
            key,
            value,
            headers,
        });
    vec(record, 1..40)
}

fn codecs() -> impl Strategy<Value = Compression> {
    select(Compression::ALL.to_vec())
}

fn build(records: &[Record], codec: Compression) -> Vec<u8> {
    let mut builder = BatchBuilder::new(0).compression(codec).producer(1, 0, 5);
    for record in records {
        let headers: Vec<_> = record
            .headers
            .iter()
            .map(|(key, value)| RecordHeader {
                key,
                value: value.as_deref(),
            })
            .collect();
        let new = NewRecord {
            timestamp: record.timestamp,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
        };
        builder.push(&new).expect("a few small records");
    }
    builder.build().expect("a few small records")
}

fn rules() -> Rules {
    Rules {
        timestamp_after_max_ms: i64::MAX,
        ..Rules::default()
    }
}

proptest! {
    #[test]
    fn what_is_built_is_valid_and_reads_back(records in records(), codec in codecs()) {
        let bytes = build(&records, codec);
        let mut scratch = Scratch::default();
        let valid = validate(&bytes, &rules(), 0, &mut scratch).unwrap();
        let newest = records.iter().map(|record| record.timestamp).max().unwrap();
        prop_assert_eq!(valid.header.max_timestamp, newest);
        let first = records.iter().position(|record| record.timestamp == newest).unwrap();
        prop_assert_eq!(usize::try_from(valid.max_timestamp_delta).unwrap(), first);

        let stored_header = BatchHeader { base_offset: 1_000, leader_epoch: 7, ..valid.header };
        let stored = [&stored_header.to_bytes(), &bytes[HEADER_BYTES..]].concat();
        let batch = BatchView::read(&stored).unwrap();
        prop_assert_eq!(batch.check_crc(), Ok(()));
        let read: Vec<_> = batch.records(&mut scratch, LIMIT).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(read.len(), records.len());
        for ((offset, read), record) in (1_000_i64..).zip(read).zip(&records) {
            prop_assert_eq!(read.offset, offset);
            prop_assert_eq!(read.timestamp, record.timestamp);
            prop_assert_eq!(read.key, record.key.as_deref());
            prop_assert_eq!(read.value, record.value.as_deref());
            let headers = record.headers.iter().map(|(key, value)| (&key[..], value.as_deref()));
            prop_assert!(read.headers.map(|header| (header.key, header.value)).eq(headers));
        }
    }

    #[test]
    fn a_damaged_byte_is_refused_or_outside_what_the_producer_said(
        records in records(), codec in codecs(), at in any::<prop::sample::Index>(), flip in 1..=255_u8,
    ) {
        let mut damaged = build(&records, codec);
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        let mut scratch = Scratch::default();
        if validate(&damaged, &rules(), 0, &mut scratch).is_ok() {
            // Base offset and leader epoch, both of which the broker overwrites.
            prop_assert!(at < 8 || (12..16).contains(&at), "byte {} got by", at);
        }
        fuzz::validate_any(&damaged);
    }

    /// The checksum is made true again, so that the damage gets as far as the records.
    #[test]
    fn damage_under_a_true_checksum_never_panics_nor_gets_by_unreadable(
        records in records(), codec in codecs(),
        at in any::<prop::sample::Index>(), garbage in vec(any::<u8>(), 1..8),
    ) {
        let mut bytes = build(&records, codec);
        let at = 21 + at.index(bytes.len() - 21);
        let end = bytes.len().min(at + garbage.len());
        bytes[at..end].copy_from_slice(&garbage[..end - at]);
        let crc = millrace_records::batch::crc_of(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        fuzz::validate_any(&bytes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..300)) {
        fuzz::validate_any(&bytes);
        let mut batches = Batches::new(&bytes);
        let whole: usize = batches.by_ref().flatten().map(|batch| batch.bytes().len()).sum();
        prop_assert_eq!(whole, batches.position());
    }

    #[test]
    fn arbitrary_compressed_data_never_panics(
        codec in codecs(), mut data in vec(any::<u8>(), 0..300), magic in any::<bool>(),
    ) {
        if magic {
            let start: &[u8] = match codec {
                Compression::None => &[],
                Compression::Gzip => &[0x1f, 0x8b, 8, 0],
                Compression::Snappy => b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01",
                Compression::Lz4 => &[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
                Compression::Zstd => &[0x28, 0xb5, 0x2f, 0xfd],
            };
            data.splice(0..0, start.iter().copied());
        }
        let mut scratch = Scratch::default();
        let _ = millrace_records::compression::decompress(codec, &data, 1024 * 1024, &mut scratch);
        prop_assert!(scratch.capacity() <= 4 * 1024 * 1024);
    }
}
