//! Every message in every version against bytes that were written from the schema alone.

#[path = "common/sample.rs"]
mod sample;

use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::Bytes;
use millrace_wire::EncodeError;
use millrace_wire::roster::{ROSTER, Row, decode_one};
use proptest::prelude::*;

use sample::{Dice, Schema, schemas};

/// Enough that every field is seen full, empty and null.
const SAMPLES: u64 = 12;

static ROWS: LazyLock<Vec<(&'static Row, Schema)>> = LazyLock::new(|| {
    let by_name = |schema: Schema| (schema.name.clone(), schema);
    let mut schemas: HashMap<String, Schema> = schemas().into_iter().map(by_name).collect();
    let mut with_schema = |row: &'static Row| (row, schemas.remove(row.name).expect("a schema"));
    let rows = ROSTER.iter().map(&mut with_schema).collect();
    assert!(schemas.is_empty(), "a schema without a message");
    rows
});

#[test]
fn what_the_schema_says_is_read_and_written_again() {
    for (row, schema) in ROWS.iter() {
        for version in row.versions.iter() {
            let samples = (0..SAMPLES).map(|seed| schema.sample(version, seed));
            for expected in samples.chain([schema.defaults(version)]) {
                let expected = Bytes::from(expected);
                let actual = (row.recode)(expected.clone(), version);
                assert_eq!(actual, Ok(expected), "{} {version}", row.name);
            }
        }
    }
}

#[test]
fn what_is_not_set_has_the_default_of_the_schema() {
    for (row, schema) in ROWS.iter() {
        for version in row.versions.iter() {
            match (row.encode_default)(version) {
                Ok(bytes) => assert_eq!(bytes, schema.defaults(version), "{} {version}", row.name),
                // The default is null, and this version has no null.
                Err(EncodeError::CannotBeNull { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn a_message_cut_anywhere_is_refused() {
    for (row, schema) in ROWS.iter() {
        for version in row.versions.iter() {
            let whole = Bytes::from(schema.sample(version, 7));
            for end in 0..whole.len() {
                let cut = (row.recode)(whole.slice(..end), version);
                assert!(
                    cut.is_err(),
                    "{} {version}: {end} of {}",
                    row.name,
                    whole.len()
                );
            }
        }
    }
}

#[test]
fn a_byte_behind_the_end_is_refused() {
    for (row, schema) in ROWS.iter() {
        for version in row.versions.iter() {
            let mut long = schema.sample(version, 7);
            long.push(0);
            let long = (row.recode)(long.into(), version);
            assert!(long.is_err(), "{} {version}", row.name);
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        message in 0..ROSTER.len(),
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let row = &ROSTER[message];
        for version in row.versions.iter() {
            decode_one(row, version, &body);
        }
    }
}

proptest! {
    // Each case goes through every message in every version.
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn damaged_messages_never_panic(seed: u64) {
        let mut dice = Dice(seed);
        for (row, schema) in ROWS.iter() {
            for version in row.versions.iter() {
                let mut body = schema.sample(version, dice.roll());
                for _ in 0..=dice.below(3) {
                    damage(&mut body, &mut dice);
                }
                decode_one(row, version, &body);
            }
        }
    }
}

/// The values that length fields trip over.
const EVIL: [u8; 6] = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];

fn damage(body: &mut Vec<u8>, dice: &mut Dice) {
    if body.is_empty() {
        return;
    }
    let at = dice.below(body.len());
    match dice.below(4) {
        0 => body.truncate(at),
        1 => body.insert(at, EVIL[dice.below(EVIL.len())]),
        _ => body[at] = EVIL[dice.below(EVIL.len())],
    }
}
