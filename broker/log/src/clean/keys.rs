//! The keys of batches, on their way into the map of last offsets.

use millrace_records::{BatchView, RecordError, Scratch, read_control};
use millrace_types::Offset;

use crate::clean::offset_map::OffsetMap;
use crate::clean::transactions::Transactions;

/// Puts the keys of a batch into the map, unless its records were aborted. Returns the offset of the
/// first record that had no room.
pub(super) fn note_keys(
    batch: &BatchView<'_>,
    first_dirty: Offset,
    max_expanded_bytes: usize,
    map: &mut OffsetMap,
    transactions: &mut Transactions,
    scratch: &mut Scratch,
) -> Result<Option<Offset>, RecordError> {
    let header = batch.header();
    if header.attributes.is_control() {
        transactions.end(header, read_control(batch, scratch)?);
        return Ok(None);
    }
    if transactions.is_aborted(header) || header.last_offset() < first_dirty {
        return Ok(None);
    }
    for record in batch.records(scratch, max_expanded_bytes)? {
        let record = record?;
        let Some(key) = record.key.filter(|_| record.offset >= first_dirty) else {
            continue;
        };
        if map.put(key, record.offset).is_err() {
            return Ok(Some(record.offset));
        }
    }
    Ok(None)
}
