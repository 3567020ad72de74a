//! Held against code of others: the checksum, and batches in both directions.

use bytes::{Bytes, BytesMut};
use kafka_protocol::records as oracle;
use millrace_records::batch::crc_of;
use millrace_records::{
    BatchBuilder, BatchView, Compression, NewRecord, RecordHeader, Rules, Scratch, validate,
};

const LIMIT: usize = 1024 * 1024;

const CODECS: [(Compression, oracle::Compression); 5] = [
    (Compression::None, oracle::Compression::None),
    (Compression::Gzip, oracle::Compression::Gzip),
    (Compression::Snappy, oracle::Compression::Snappy),
    (Compression::Lz4, oracle::Compression::Lz4),
    (Compression::Zstd, oracle::Compression::Zstd),
];

fn value(index: i64) -> Option<Bytes> {
    (index % 5 != 0).then(|| format!("value {index} ").repeat(100).into())
}

fn oracle_records() -> Vec<oracle::Record> {
    (0..100)
        .map(|index| oracle::Record {
            transactional: true,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: 3,
            producer_id: 11,
            producer_epoch: 2,
            timestamp_type: oracle::TimestampType::Creation,
            offset: index,
            sequence: 20 + i32::try_from(index).expect("a hundred records"),
            timestamp: 1_000_000 + (index * 7) % 13,
            key: (index % 3 != 0).then(|| format!("key {index}").into()),
            value: value(index),
            headers: [("header".to_owned().into(), value(index))]
                .into_iter()
                .collect(),
        })
        .collect()
}

#[test]
fn the_checksum_is_the_same() {
    let bytes: Vec<u8> = (0..100_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    for length in [0, 1, 3, 40, 64, 255, 4096, 100_000] {
        assert_eq!(
            crc_of(&bytes[..length]),
            crc32c::crc32c(&bytes[..length]),
            "{length}"
        );
    }
}

#[test]
fn their_batches_are_valid_here_and_read_the_same() {
    for (codec, theirs) in CODECS {
        let records = oracle_records();
        let mut encoded = BytesMut::new();
        let options = oracle::RecordEncodeOptions {
            version: 2,
            compression: theirs,
        };
        oracle::RecordBatchEncoder::encode(&mut encoded, &records, &options).unwrap();

        let mut scratch = Scratch::default();
        let valid = validate(&encoded, &Rules::default(), 1_000_000, &mut scratch).unwrap();
        let header = valid.header;
        assert_eq!(header.attributes.compression(), Ok(codec));
        assert!(header.attributes.is_transactional());
        assert_eq!((header.producer_id, header.producer_epoch), (11, 2));
        assert_eq!((header.base_sequence, header.last_sequence()), (20, 119));

        let batch = BatchView::read(&encoded).unwrap();
        let read = batch.records(&mut scratch, LIMIT).unwrap();
        let mut count = 0;
        for (read, record) in read.map(Result::unwrap).zip(&records) {
            assert_eq!(
                (read.offset, read.timestamp),
                (record.offset, record.timestamp)
            );
            assert_eq!(read.key, record.key.as_deref());
            assert_eq!(read.value, record.value.as_deref());
            let headers = record.headers.iter().map(|(key, value)| RecordHeader {
                key: key.as_bytes(),
                value: value.as_deref(),
            });
            assert!(read.headers.eq(headers));
            count += 1;
        }
        assert_eq!(count, records.len());
    }
}

#[test]
fn our_batches_are_readable_there() {
    for (codec, theirs) in CODECS {
        let mut builder = BatchBuilder::new(500)
            .compression(codec)
            .leader_epoch(3)
            .producer(11, 2, 20)
            .transactional();
        let records = oracle_records();
        for record in &records {
            let headers: Vec<_> = record
                .headers
                .iter()
                .map(|(key, value)| RecordHeader {
                    key: key.as_bytes(),
                    value: value.as_deref(),
                })
                .collect();
            let new = NewRecord {
                timestamp: record.timestamp,
                key: record.key.as_deref(),
                value: record.value.as_deref(),
                headers: &headers,
            };
            builder.push(&new).unwrap();
        }
        let mut bytes = Bytes::from(builder.build().unwrap());
        let set = oracle::RecordBatchDecoder::decode(&mut bytes).unwrap();
        assert_eq!(set.compression, theirs);
        assert_eq!(set.records.len(), records.len());
        for (mut read, record) in set.records.into_iter().zip(records) {
            read.offset -= 500;
            assert_eq!(read, record, "{codec}");
        }
    }
}
