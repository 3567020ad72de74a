//! The state that the quorum agrees on: committed batches of metadata records, replayed into an
//! image. Also the form of such a batch: each record behind its length.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use millrace_metadata::image::ReplayError;
use millrace_metadata::record::RecordError;
use millrace_metadata::{MetadataDelta, MetadataImage, MetadataRecord, snapshot};
use millrace_quorum::{Chunks, LogPosition, RestoreError, StateMachine};
use millrace_types::{Clock, SteadyMs};
use parking_lot::Mutex;
use thiserror::Error;
use tokio::sync::Notify;

use crate::metadata::meters::MetadataMeters;

/// Bytes of a snapshot gathered into one piece.
const SNAPSHOT_PIECE_BYTES: usize = 1 << 20;

/// A batch of the metadata log that cannot be read.
#[derive(Debug, Error)]
pub(super) enum BatchError {
    #[error("the batch ends inside a record")]
    Truncated,
    #[error("a record of the batch cannot be read")]
    Record(#[source] RecordError),
    #[error("a record of the batch does not fit the image")]
    Unfit(#[source] ReplayError),
}

pub(super) fn encode(records: &[MetadataRecord]) -> Result<Bytes, RecordError> {
    let mut batch = BytesMut::new();
    for record in records {
        put(&mut batch, record)?;
    }
    Ok(batch.freeze())
}

fn put(batch: &mut BytesMut, record: &MetadataRecord) -> Result<(), RecordError> {
    let bytes = record.encode()?;
    batch.put_u32(u32::try_from(bytes.len()).expect("a record is far smaller than 4 GiB"));
    batch.put(bytes);
    Ok(())
}

fn decode(mut batch: Bytes) -> Result<Vec<MetadataRecord>, BatchError> {
    let mut records = Vec::new();
    while batch.has_remaining() {
        let length = batch.try_get_u32().map_err(|_| BatchError::Truncated)? as usize;
        if batch.remaining() < length {
            return Err(BatchError::Truncated);
        }
        let record = MetadataRecord::decode(batch.split_to(length)).map_err(BatchError::Record)?;
        records.push(record);
    }
    Ok(records)
}

/// One committed step, with the image it led to.
pub(super) struct Step {
    pub delta: MetadataDelta,
    pub image: Arc<MetadataImage>,
    pub index: u64,
    committed_at: SteadyMs,
}

/// Steps that the broker has not acted on.
#[derive(Default)]
struct Unpublished {
    steps: Vec<Step>,
    /// When the first of those was committed that it is acting on.
    acting_since: Option<SteadyMs>,
}

/// What is committed: the newest image, and the steps that were not published yet. The controller
/// waits for its steps to be published, so there are never many.
pub struct Committed {
    clock: Arc<dyn Clock>,
    meters: MetadataMeters,
    image: ArcSwap<MetadataImage>,
    unpublished: Mutex<Unpublished>,
    changed: Notify,
}

impl Committed {
    #[must_use]
    pub fn new(cluster_id: &str, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            meters: MetadataMeters::default(),
            image: ArcSwap::from_pointee(MetadataImage::empty(cluster_id)),
            unpublished: Mutex::default(),
            changed: Notify::new(),
        })
    }

    #[must_use]
    pub fn image(&self) -> Arc<MetadataImage> {
        self.image.load_full()
    }

    /// For metrics, and for those who measure.
    #[must_use]
    pub fn meters(&self) -> &MetadataMeters {
        &self.meters
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// For how long the broker has owed action to what is committed; 0 when it owes none.
    #[must_use]
    pub fn lag_ms(&self) -> i64 {
        let unpublished = self.unpublished.lock();
        let waiting = unpublished.steps.first().map(|step| step.committed_at);
        let since = unpublished.acting_since.or(waiting);
        since.map_or(0, |since| self.clock.moment().steady - since)
    }

    /// The newest image and its index, for a start: the steps that led there are forgotten.
    #[must_use]
    pub fn settle(&self) -> (Arc<MetadataImage>, u64) {
        let settled = std::mem::take(&mut *self.unpublished.lock());
        let index = settled.steps.last().map_or(0, |step| step.index);
        (self.image(), index)
    }

    /// The steps since the last call; waits for one. [`Self::acted`] follows.
    pub(super) async fn next_steps(&self) -> Vec<Step> {
        loop {
            if let Some(steps) = self.take_steps() {
                return steps;
            }
            self.changed.notified().await;
        }
    }

    fn take_steps(&self) -> Option<Vec<Step>> {
        let mut unpublished = self.unpublished.lock();
        unpublished.acting_since = Some(unpublished.steps.first()?.committed_at);
        Some(std::mem::take(&mut unpublished.steps))
    }

    /// The broker has acted on the steps that it took.
    pub(super) fn acted(&self) {
        self.unpublished.lock().acting_since = None;
    }

    fn advance(&self, image: MetadataImage, delta: MetadataDelta, index: u64) {
        let image = Arc::new(image);
        self.image.store(Arc::clone(&image));
        self.unpublished.lock().steps.push(Step {
            delta,
            image,
            index,
            committed_at: self.clock.moment().steady,
        });
        self.changed.notify_one();
    }
}

/// Replays what the quorum commits.
pub struct MetadataMachine {
    committed: Arc<Committed>,
}

impl MetadataMachine {
    #[must_use]
    pub fn new(committed: Arc<Committed>) -> Self {
        Self { committed }
    }
}

impl MetadataMachine {
    fn replay(&self, batch: Bytes) -> Result<(MetadataImage, MetadataDelta), BatchError> {
        let records = decode(batch)?;
        let before = self.committed.image();
        before.apply(&records).map_err(BatchError::Unfit)
    }
}

impl StateMachine for MetadataMachine {
    fn apply(&mut self, position: LogPosition, batch: Bytes) {
        let replayed = self.replay(batch);
        if replayed.is_err() {
            self.committed.meters.load_errors.increment();
        }
        // The leader replayed the batch before it proposed it, and the log has checksums.
        let (image, delta) = replayed.expect("committed batches fit their image");
        self.committed.advance(image, delta, position.index);
    }

    fn snapshot(&self) -> Chunks<'static> {
        let image = self.committed.image();
        Box::new(pieces(&image).into_iter())
    }

    fn restore(&mut self, position: LogPosition, chunks: Chunks<'_>) -> Result<(), RestoreError> {
        let unreadable = |error: BatchError| RestoreError(Box::new(error));
        let mut records = Vec::new();
        for chunk in chunks {
            records.extend(decode(chunk).map_err(unreadable)?);
        }
        let before = self.committed.image();
        let image = snapshot::restore(Arc::clone(&before.cluster_id), &records)
            .map_err(|error| RestoreError(Box::new(error)))?;
        let delta = MetadataDelta::between(&before, &image);
        self.committed.advance(image, delta, position.index);
        Ok(())
    }
}

fn pieces(image: &MetadataImage) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut piece = BytesMut::new();
    for record in snapshot::records(image) {
        put(&mut piece, &record).expect("what was in the log can be written again");
        if piece.len() >= SNAPSHOT_PIECE_BYTES {
            pieces.push(piece.split().freeze());
        }
    }
    if !piece.is_empty() {
        pieces.push(piece.freeze());
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    use millrace_types::{ManualClock, Uuid};
    use millrace_wire::records::metadata::topic_record::TopicRecord;

    fn topic(name: &str) -> MetadataRecord {
        TopicRecord {
            name: name.into(),
            topic_id: Uuid::random(),
        }
        .into()
    }

    fn nothing_yet() -> Arc<Committed> {
        Committed::new("cluster", Arc::new(ManualClock::at(0)))
    }

    fn at(index: u64) -> LogPosition {
        LogPosition { term: 1, index }
    }

    #[test]
    fn a_batch_survives_the_round_trip_and_a_cut_one_is_refused() {
        let records = [topic("a"), topic("b")];
        let batch = encode(&records).unwrap();
        assert_eq!(decode(batch.clone()).unwrap(), records);
        for cut in 1..batch.len() {
            let read = decode(batch.slice(..cut));
            assert!(
                read.is_err() || read.is_ok_and(|some| some.len() == 1),
                "{cut}"
            );
        }
    }

    #[test]
    fn a_snapshot_restores_the_image() {
        let committed = nothing_yet();
        let mut machine = MetadataMachine::new(Arc::clone(&committed));
        machine.apply(at(1), encode(&[topic("a"), topic("b")]).unwrap());
        let other = nothing_yet();
        let mut restored = MetadataMachine::new(Arc::clone(&other));
        restored.restore(at(1), machine.snapshot()).unwrap();
        assert!(*other.image() == *committed.image());
    }

    #[tokio::test]
    async fn the_lag_is_that_of_the_oldest_step_not_acted_on() {
        let clock = Arc::new(ManualClock::at(0));
        let committed = Committed::new("cluster", clock.clone());
        let mut machine = MetadataMachine::new(Arc::clone(&committed));
        clock.advance(5);
        assert_eq!(committed.lag_ms(), 0);
        machine.apply(at(1), encode(&[topic("a")]).unwrap());
        clock.advance(5);
        assert_eq!(committed.lag_ms(), 5);
        assert_eq!(committed.next_steps().await.len(), 1);
        machine.apply(at(2), encode(&[topic("b")]).unwrap());
        clock.advance(5);
        assert_eq!(committed.lag_ms(), 10);
        committed.acted();
        assert_eq!(committed.lag_ms(), 5);
        assert_eq!(committed.next_steps().await.len(), 1);
        committed.acted();
        assert_eq!(committed.lag_ms(), 0);
    }
}
