//! What the fuzzers call: any bytes at all, through everything that reads bytes of strangers.

use crate::batch::{BatchView, Batches};
use crate::compression::Scratch;
use crate::control::read_control;
use crate::validate::{Rules, validate};

/// Small enough that a fuzzer runs into it.
const EXPANSION_LIMIT: usize = 1024 * 1024;

/// Panics only when the crate breaks a promise.
pub fn validate_any(data: &[u8]) {
    let mut scratch = Scratch::default();
    let rules = Rules {
        max_expanded_bytes: EXPANSION_LIMIT,
        ..Rules::default()
    };
    let validated = validate(data, &rules, 0, &mut scratch);
    for batch in Batches::new(data).flatten() {
        let read_all = read_any(&batch, &mut scratch);
        assert!(
            validated.is_err() || read_all,
            "a valid batch is unreadable"
        );
    }
}

/// Whether every record of the batch could be read.
fn read_any(batch: &BatchView<'_>, scratch: &mut Scratch) -> bool {
    let _ = batch.check_crc();
    let _ = read_control(batch, scratch);
    let Ok(records) = batch.records(scratch, EXPANSION_LIMIT) else {
        return false;
    };
    let mut intact = true;
    for record in records {
        intact &= record.is_ok_and(|record| record.headers.count() < usize::MAX);
    }
    intact
}
