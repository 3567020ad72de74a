//! Reading records: by hand-made bytes, and damaged ones.

use super::*;
use crate::builder::{BatchBuilder, NewRecord};

const LIMIT: usize = 1024 * 1024;

/// attributes, timestamp delta, offset delta, key "k", value "vv", one header "h" without value.
const BODY: &[u8] = &[0, 4, 0, 2, b'k', 4, b'v', b'v', 2, 2, b'h', 1];

#[test]
fn a_record_is_read_as_kafka_writes_it() {
    let mut batch = BatchBuilder::new(100);
    batch
        .push(&NewRecord {
            timestamp: 1_000,
            key: None,
            value: Some(b""),
            headers: &[],
        })
        .unwrap();
    let headers = [RecordHeader {
        key: b"h",
        value: None,
    }];
    batch
        .push_at(
            103,
            &NewRecord {
                timestamp: 1_002,
                key: Some(b"k"),
                value: Some(b"vv"),
                headers: &headers,
            },
        )
        .unwrap();
    let bytes = batch.build().unwrap();
    let view = BatchView::read(&bytes).unwrap();
    assert_eq!(
        view.records_bytes()[7..],
        [&[24], &BODY[..2], &[6], &BODY[3..]].concat()
    );

    let mut scratch = Scratch::default();
    let records: Vec<_> = view
        .records(&mut scratch, LIMIT)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!((records[0].offset, records[0].timestamp), (100, 1_000));
    assert_eq!((records[0].key, records[0].value), (None, Some(&b""[..])));
    assert_eq!((records[1].offset, records[1].timestamp), (103, 1_002));
    assert_eq!(
        (records[1].key, records[1].value),
        (Some(&b"k"[..]), Some(&b"vv"[..]))
    );
    assert_eq!(records[1].headers.collect::<Vec<_>>(), headers);
}

#[test]
fn damaged_records_are_named() {
    let with = |at: usize, byte: u8| {
        let mut body = BODY.to_vec();
        body[at] = byte;
        RecordBody::parse(&body).unwrap_err()
    };
    assert!(RecordBody::parse(BODY).is_ok());
    for end in 0..BODY.len() {
        let cut = RecordBody::parse(&BODY[..end]).unwrap_err();
        assert_eq!(cut, MalformedRecord::CutOff, "{end}");
    }
    let longer = [BODY, &[0]].concat();
    assert_eq!(
        RecordBody::parse(&longer).unwrap_err(),
        MalformedRecord::TrailingBytes
    );
    assert_eq!(with(3, 0x7e), MalformedRecord::CutOff);
    assert_eq!(with(3, 3), MalformedRecord::KeyLength(-2));
    assert_eq!(with(5, 3), MalformedRecord::ValueLength(-2));
    assert_eq!(with(8, 1), MalformedRecord::HeaderCount(-1));
    assert_eq!(with(8, 0), MalformedRecord::TrailingBytes);
    assert_eq!(with(8, 4), MalformedRecord::CutOff);
    assert_eq!(with(9, 1), MalformedRecord::HeaderKeyLength(-1));
    assert_eq!(with(11, 3), MalformedRecord::HeaderValueLength(-2));
}

#[test]
fn log_append_time_counts_for_every_record() {
    let mut batch = BatchBuilder::new(0).append_time(9_000);
    for timestamp in [1_000, 2_000] {
        let record = NewRecord {
            timestamp,
            ..NewRecord::default()
        };
        batch.push(&record).unwrap();
    }
    let bytes = batch.build().unwrap();
    let view = BatchView::read(&bytes).unwrap();
    let mut scratch = Scratch::default();
    for record in view.records(&mut scratch, LIMIT).unwrap() {
        assert_eq!(record.unwrap().timestamp, 9_000);
    }
}

#[test]
fn walking_ends_with_one_error() {
    let mut batch = BatchBuilder::new(0);
    for _ in 0..3 {
        batch.push(&NewRecord::default()).unwrap();
    }
    let mut bytes = batch.build().unwrap();
    let walk = |bytes: &[u8]| {
        let view = BatchView::read(bytes).unwrap();
        let mut scratch = Scratch::default();
        let records = view.records(&mut scratch, LIMIT).unwrap();
        records
            .map(|record| record.map(|record| record.offset))
            .collect::<Vec<_>>()
    };
    bytes[60] = 2;
    let surplus = Err(MalformedRecord::BytesAfterLastRecord);
    assert_eq!(walk(&bytes), [Ok(0), Ok(1), surplus]);
    bytes[60] = 4;
    assert_eq!(
        walk(&bytes),
        [Ok(0), Ok(1), Ok(2), Err(MalformedRecord::CutOff)]
    );
    bytes[60] = 3;
    bytes[61] = 1;
    assert_eq!(walk(&bytes), [Err(MalformedRecord::Length(-1))]);
}
