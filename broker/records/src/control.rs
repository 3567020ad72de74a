//! Control batches: the markers that end transactions, written and read.

use millrace_types::{NO_SEQUENCE, ProducerEpoch, ProducerId, Timestamp};

use crate::batch::BatchView;
use crate::builder::{BatchBuilder, BuildError, NewRecord};
use crate::compression::Scratch;
use crate::record::{MalformedRecord, RecordError};

/// The key and value of a marker are a version (0) and what stands below it.
const MARKER_VERSION: i16 = 0;
const ABORT: i16 = 0;
const COMMIT: i16 = 1;

/// A control batch of Kafka's is one record of a few dozen bytes, never compressed.
const MAX_CONTROL_BYTES: usize = 64 * 1024;

/// How a transaction of one producer ended in this partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTxnMarker {
    pub committed: bool,
    /// The incarnation of the transaction coordinator that says so; an older one is a zombie.
    pub coordinator_epoch: i32,
}

/// What a control batch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlRecord {
    EndTxn(EndTxnMarker),
    /// Quorum and snapshot records, and whatever newer brokers write: not for a topic's log.
    Other(i16),
}

impl EndTxnMarker {
    /// The batch that carries this marker; the leader gives it its offset and epoch.
    ///
    /// # Errors
    /// Never for a marker: it is small and not compressed.
    pub fn to_batch(
        self,
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
        now: Timestamp,
    ) -> Result<Vec<u8>, BuildError> {
        let kind = if self.committed { COMMIT } else { ABORT };
        let key = [MARKER_VERSION.to_be_bytes(), kind.to_be_bytes()].concat();
        let mut value = MARKER_VERSION.to_be_bytes().to_vec();
        value.extend_from_slice(&self.coordinator_epoch.to_be_bytes());
        let mut batch = BatchBuilder::new(0)
            .producer(producer_id, producer_epoch, NO_SEQUENCE)
            .transactional()
            .control();
        batch.push(&NewRecord {
            timestamp: now,
            key: Some(&key),
            value: Some(&value),
            headers: &[],
        })?;
        batch.build()
    }
}

/// What a control batch says; nothing when the cleaner has emptied it.
///
/// # Errors
/// When the batch cannot be read or is no control record.
pub fn read_control(
    batch: &BatchView<'_>,
    scratch: &mut Scratch,
) -> Result<Option<ControlRecord>, RecordError> {
    let mut records = batch.records(scratch, MAX_CONTROL_BYTES)?;
    let Some(record) = records.next().transpose()? else {
        return Ok(None);
    };
    let control = parse(record.key, record.value).ok_or(MalformedRecord::NotControl)?;
    Ok(Some(control))
}

/// Newer versions only add fields at the end.
fn parse(key: Option<&[u8]>, value: Option<&[u8]>) -> Option<ControlRecord> {
    let (_version, key) = key?.split_first_chunk::<2>()?;
    let kind = i16::from_be_bytes(*key.first_chunk::<2>()?);
    if kind != ABORT && kind != COMMIT {
        return Some(ControlRecord::Other(kind));
    }
    let (_version, value) = value?.split_first_chunk::<2>()?;
    Some(ControlRecord::EndTxn(EndTxnMarker {
        committed: kind == COMMIT,
        coordinator_epoch: i32::from_be_bytes(*value.first_chunk::<4>()?),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_survives_the_round_trip() {
        for committed in [false, true] {
            let marker = EndTxnMarker {
                committed,
                coordinator_epoch: 7,
            };
            let bytes = marker.to_batch(42, 3, 1_000).unwrap();
            let batch = BatchView::read(&bytes).unwrap();
            let header = batch.header();
            assert!(header.attributes.is_control() && header.attributes.is_transactional());
            assert_eq!((header.producer_id, header.producer_epoch), (42, 3));
            assert_eq!((header.base_sequence, header.record_count), (-1, 1));
            let read = read_control(&batch, &mut Scratch::default()).unwrap();
            assert_eq!(read, Some(ControlRecord::EndTxn(marker)));
        }
    }

    #[test]
    fn other_kinds_are_named_and_short_keys_refused() {
        assert_eq!(
            parse(Some(&[0, 0, 0, 2]), None),
            Some(ControlRecord::Other(2))
        );
        for (key, value) in [
            (None, Some(&[0; 6][..])),
            (Some(&[0, 0, 0][..]), Some(&[0; 6][..])),
            (Some(&[0, 0, 0, 1][..]), None),
            (Some(&[0, 0, 0, 1][..]), Some(&[0; 5][..])),
        ] {
            assert_eq!(parse(key, value), None, "{key:?} {value:?}");
        }
    }

    #[test]
    fn an_emptied_control_batch_says_nothing() {
        let marker = EndTxnMarker {
            committed: true,
            coordinator_epoch: 0,
        };
        let bytes = marker.to_batch(1, 0, 0).unwrap();
        let header = *BatchView::read(&bytes).unwrap().header();
        let emptied = BatchBuilder::like(&header).build().unwrap();
        let batch = BatchView::read(&emptied).unwrap();
        assert_eq!(read_control(&batch, &mut Scratch::default()).unwrap(), None);
    }
}
