//! `.snapshot`: all producers as of an offset, in Kafka's version 1. Of the retained batches it keeps
//! the newest only. Bytes in, bytes out.

use millrace_records::batch::crc_of;
use millrace_types::{NO_OFFSET, Offset, ProducerId};

use crate::producers::state::{ProducerState, RetainedBatch};
use crate::producers::table::Producers;

const VERSION: i16 = 1;
/// Version, checksum and number of entries.
const HEADER_BYTES: usize = 10;
/// The checksum covers what comes behind it.
const CRC_END: usize = 6;
const ENTRY_BYTES: usize = 46;

pub(crate) fn encode(producers: &Producers) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + producers.len() * ENTRY_BYTES);
    bytes.extend(VERSION.to_be_bytes());
    bytes.extend([0; 4]);
    let count = i32::try_from(producers.len()).expect("producers expire long before");
    bytes.extend(count.to_be_bytes());
    for (producer_id, state) in producers.iter() {
        let last = state.last_batch();
        bytes.extend(producer_id.to_be_bytes());
        bytes.extend(state.epoch.to_be_bytes());
        bytes.extend(state.last_sequence().to_be_bytes());
        bytes.extend(
            last.map_or(NO_OFFSET, |last| last.last_offset)
                .to_be_bytes(),
        );
        bytes.extend(last.map_or(0, |last| last.offset_delta).to_be_bytes());
        bytes.extend(state.last_timestamp.to_be_bytes());
        bytes.extend(state.coordinator_epoch.to_be_bytes());
        bytes.extend(state.txn_first_offset.unwrap_or(NO_OFFSET).to_be_bytes());
    }
    let crc = crc_of(&bytes[CRC_END..]);
    bytes[2..CRC_END].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// `None` when the bytes are not a snapshot, or not what was written.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<(ProducerId, ProducerState)>> {
    let (header, entries) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let version = i16::from_be_bytes(field(header, 0)?);
    let crc = u32::from_be_bytes(field(header, 2)?);
    let count = usize::try_from(i32::from_be_bytes(field(header, CRC_END)?)).ok()?;
    let is_whole = entries.len().checked_div(ENTRY_BYTES) == Some(count)
        && entries.len().is_multiple_of(ENTRY_BYTES);
    if version != VERSION || crc != crc_of(&bytes[CRC_END..]) || !is_whole {
        return None;
    }
    entries
        .chunks_exact(ENTRY_BYTES)
        .map(decode_entry)
        .collect()
}

fn decode_entry(entry: &[u8]) -> Option<(ProducerId, ProducerState)> {
    let positive = |offset: Offset| (offset >= 0).then_some(offset);
    let mut state = ProducerState::default();
    state.epoch = i16::from_be_bytes(field(entry, 8)?);
    state.last_timestamp = i64::from_be_bytes(field(entry, 26)?);
    state.coordinator_epoch = i32::from_be_bytes(field(entry, 34)?);
    state.txn_first_offset = positive(i64::from_be_bytes(field(entry, 38)?));
    if let Some(last_offset) = positive(i64::from_be_bytes(field(entry, 14)?)) {
        state.retain(RetainedBatch {
            last_sequence: i32::from_be_bytes(field(entry, 10)?),
            last_offset,
            offset_delta: i32::from_be_bytes(field(entry, 22)?),
            timestamp: state.last_timestamp,
        });
    }
    Some((i64::from_be_bytes(field(entry, 0)?), state))
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn producers() -> Producers {
        let mut state = ProducerState::default();
        state.epoch = 2;
        state.last_timestamp = 0x0102;
        state.coordinator_epoch = 4;
        state.txn_first_offset = Some(90);
        state.retain(RetainedBatch {
            last_sequence: 7,
            last_offset: 100,
            offset_delta: 3,
            timestamp: 0x0102,
        });
        let mut producers = Producers::default();
        producers.restore(42, state);
        producers
    }

    #[test]
    fn a_snapshot_has_the_bytes_that_kafka_writes() {
        let bytes = encode(&producers());
        let expected: &[&[u8]] = &[
            &[0, 1],
            &crc_of(&bytes[6..]).to_be_bytes(),
            &[0, 0, 0, 1],
            &[0, 0, 0, 0, 0, 0, 0, 42],
            &[0, 2],
            &[0, 0, 0, 7],
            &[0, 0, 0, 0, 0, 0, 0, 100],
            &[0, 0, 0, 3],
            &[0, 0, 0, 0, 0, 0, 1, 2],
            &[0, 0, 0, 4],
            &[0, 0, 0, 0, 0, 0, 0, 90],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn a_snapshot_survives_the_round_trip_and_nothing_else_does() {
        let bytes = encode(&producers());
        let expected = *producers().get(42).unwrap();
        assert_eq!(decode(&bytes), Some(vec![(42, expected)]));
        let unknown = ProducerState::default();
        let mut with_unknown = producers();
        with_unknown.restore(1, unknown);
        assert!(
            decode(&encode(&with_unknown))
                .unwrap()
                .contains(&(1, unknown))
        );
        for len in 0..bytes.len() {
            assert_eq!(decode(&bytes[..len]), None);
        }
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1;
            assert_eq!(decode(&damaged), None, "{index}");
        }
    }
}
