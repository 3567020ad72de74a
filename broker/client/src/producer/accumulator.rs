//! Batches that fill, wait and are sent, one at a time per partition so that order holds through
//! every retry. Pure: records and `now` in, batches that are due out.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_records::batch::sequence_after;
use millrace_records::{BatchBuilder, Compression, NewRecord, RecordHeader};
use millrace_types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp, TopicPartition};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::error::ClientError;
use crate::producer::record::{ProducerOptions, ProducerRecord};

/// The base offset of a batch, when the broker told it, or why it was not written.
pub(crate) type Fate = Result<Option<Offset>, ClientError>;

/// Who numbers the batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
}

/// Records of one partition on their way to one write.
pub(crate) struct Batch {
    builder: BatchBuilder,
    count: i32,
    /// Room taken in the producer's buffer.
    pub(crate) room: usize,
    opened_at: Instant,
    /// Once encoded it stays as it is: a retry must be the same bytes.
    pub(crate) encoded: Option<Bytes>,
    pub(crate) failures: u32,
    fate: watch::Sender<Option<Fate>>,
}

impl Batch {
    pub(crate) fn finish(self, fate: Fate) {
        self.fate.send_replace(Some(fate));
    }

    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.duration_since(self.opened_at)
    }
}

#[derive(Default)]
struct Queue {
    /// The last one may still be open.
    batches: VecDeque<Batch>,
    on_its_way: bool,
    not_before: Option<Instant>,
    next_sequence: Sequence,
    numbered_by: Option<Identity>,
}

pub(crate) struct Accumulator {
    queues: HashMap<TopicPartition, Queue>,
    batch_bytes: usize,
    linger: Duration,
    compression: Compression,
    flushing: bool,
}

/// What [`Accumulator::take_due`] hands out.
#[derive(Default)]
pub(crate) struct Due {
    pub(crate) batches: Vec<(TopicPartition, Batch)>,
    /// Those that have no form on the wire.
    pub(crate) unwritable: Vec<(TopicPartition, Batch, ClientError)>,
}

/// What became of a record that was added.
pub(crate) struct Appended {
    pub(crate) index: i64,
    pub(crate) fate: watch::Receiver<Option<Fate>>,
    /// It began a batch.
    pub(crate) opened: bool,
    /// Its batch takes no more.
    pub(crate) full: bool,
}

impl Accumulator {
    pub(crate) fn new(options: &ProducerOptions) -> Self {
        Self {
            queues: HashMap::new(),
            batch_bytes: options.batch_bytes,
            linger: options.linger,
            compression: options.compression,
            flushing: false,
        }
    }

    pub(crate) fn append(
        &mut self,
        record: &ProducerRecord,
        partition: i32,
        wall_clock: Timestamp,
        now: Instant,
    ) -> Result<Appended, ClientError> {
        let at = TopicPartition::new(Arc::clone(&record.topic), partition);
        let queue = self.queues.entry(at).or_default();
        let open = |batch: &Batch| {
            batch.encoded.is_none() && batch.builder.records_len() < self.batch_bytes
        };
        let opened = !queue.batches.back().is_some_and(open);
        if opened {
            queue.batches.push_back(Batch {
                builder: BatchBuilder::new(0).compression(self.compression),
                count: 0,
                room: 0,
                opened_at: now,
                encoded: None,
                failures: 0,
                fate: watch::Sender::new(None),
            });
        }
        let batch = queue
            .batches
            .back_mut()
            .expect("one was just there or opened");
        if let Err(error) = push(batch, record, wall_clock) {
            if batch.count == 0 {
                queue.batches.pop_back();
            }
            return Err(error);
        }
        batch.room += record.size();
        let index = i64::from(batch.count);
        batch.count += 1;
        Ok(Appended {
            index,
            fate: batch.fate.subscribe(),
            opened,
            full: batch.builder.records_len() >= self.batch_bytes,
        })
    }

    /// Sends everything there is without waiting for more.
    pub(crate) fn flush(&mut self) {
        self.flushing = true;
    }

    /// Whether a batch waits that nobody has numbered yet.
    pub(crate) fn has_work(&self) -> bool {
        self.queues.values().any(|queue| !queue.batches.is_empty())
    }

    /// The batches that are due, each the first of its partition. They stay with whoever takes
    /// them until [`Self::settled`] or [`Self::put_back`].
    pub(crate) fn take_due(&mut self, now: Instant, identity: Option<Identity>) -> Due {
        let mut due = Due::default();
        for (at, queue) in &mut self.queues {
            if due_at(queue, self.linger, self.batch_bytes, self.flushing)
                .is_none_or(|due_at| due_at > now)
            {
                continue;
            }
            let Some(mut batch) = queue.batches.pop_front() else {
                continue;
            };
            queue.on_its_way = true;
            match encode(queue, &mut batch, identity) {
                Ok(()) => due.batches.push((at.clone(), batch)),
                Err(error) => due.unwritable.push((at.clone(), batch, error)),
            }
        }
        if self.flushing && !self.has_work() {
            self.flushing = false;
        }
        due
    }

    /// When the next batch is due, if nothing else happens.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let queues = self.queues.values();
        queues
            .filter_map(|queue| due_at(queue, self.linger, self.batch_bytes, self.flushing))
            .min()
    }

    /// The partition's batch is written or given up: the next one may go.
    pub(crate) fn settled(&mut self, at: &TopicPartition) {
        if let Some(queue) = self.queues.get_mut(at) {
            queue.on_its_way = false;
            queue.not_before = None;
        }
    }

    /// The batch goes again, before anything behind it.
    pub(crate) fn put_back(&mut self, at: &TopicPartition, batch: Batch, not_before: Instant) {
        let queue = self.queues.entry(at.clone()).or_default();
        queue.on_its_way = false;
        queue.not_before = Some(not_before);
        queue.batches.push_front(batch);
    }
}

fn due_at(queue: &Queue, linger: Duration, batch_bytes: usize, flushing: bool) -> Option<Instant> {
    let first = queue.batches.front().filter(|_| !queue.on_its_way)?;
    let complete = first.encoded.is_some()
        || queue.batches.len() > 1
        || first.builder.records_len() >= batch_bytes
        || flushing;
    let due = if complete {
        first.opened_at
    } else {
        first.opened_at + linger
    };
    Some(
        queue
            .not_before
            .map_or(due, |not_before| due.max(not_before)),
    )
}

fn push(
    batch: &mut Batch,
    record: &ProducerRecord,
    wall_clock: Timestamp,
) -> Result<(), ClientError> {
    let headers: Vec<_> = record
        .headers
        .iter()
        .map(|(key, value)| RecordHeader {
            key,
            value: value.as_deref(),
        })
        .collect();
    let new = NewRecord {
        timestamp: record.timestamp.unwrap_or(wall_clock),
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        headers: &headers,
    };
    batch.builder.push(&new).map_err(|error| unwritable(&error))
}

/// Numbers and writes the batch, unless that was done before.
fn encode(
    queue: &mut Queue,
    batch: &mut Batch,
    identity: Option<Identity>,
) -> Result<(), ClientError> {
    if batch.encoded.is_some() {
        return Ok(());
    }
    let builder = std::mem::replace(&mut batch.builder, BatchBuilder::new(0));
    let builder = match identity {
        Some(identity) => {
            if queue.numbered_by != Some(identity) {
                queue.numbered_by = Some(identity);
                queue.next_sequence = 0;
            }
            builder.producer(identity.id, identity.epoch, queue.next_sequence)
        }
        None => builder,
    };
    let bytes = builder.build().map_err(|error| unwritable(&error))?;
    batch.encoded = Some(bytes.into());
    queue.next_sequence = sequence_after(queue.next_sequence, batch.count);
    Ok(())
}

fn unwritable(error: &millrace_records::BuildError) -> ClientError {
    let reason = error.to_string();
    ClientError::Unwritable { reason }
}

#[cfg(test)]
#[path = "accumulator_tests.rs"]
mod tests;
