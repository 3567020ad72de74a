//! Building batches: for clients, coordinators, the log cleaner and tests.

#[cfg(test)]
mod tests;

use millrace_types::{
    LeaderEpoch, NO_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP,
    Offset, ProducerEpoch, ProducerId, Sequence, Timestamp,
};

use crate::attributes::{Attributes, TimestampType};
use crate::batch::{BatchHeader, HEADER_BYTES, LENGTH_END, MAGIC_V2};
use crate::compression::{
    CompressError, Compression, CompressionLevels, Scratch, compress, decompress,
};
use crate::record::{RecordError, RecordHeader, RecordView, put_varint, put_varlong};

/// A record to be: everything but its place in the batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRecord<'a> {
    pub timestamp: Timestamp,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: &'a [RecordHeader<'a>],
}

/// Why a batch cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("offset {offset} is not one of the next 2^31 after {next}")]
    Offset { offset: Offset, next: Offset },
    #[error("the timestamp {0} is too far from the first one")]
    Timestamp(Timestamp),
    #[error("the batch or a field of a record exceeds 2 GiB")]
    TooLarge,
    #[error(transparent)]
    Compress(#[from] CompressError),
    #[error(transparent)]
    Unreadable(#[from] RecordError),
}

/// Collects records and gives the bytes of one batch.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    header: BatchHeader,
    compression: Compression,
    levels: CompressionLevels,
    /// What deltas count from: the first record's time unless something else was asked for.
    base_timestamp: Option<Timestamp>,
    max_timestamp: Option<Timestamp>,
    next_offset: Offset,
    records: Vec<u8>,
    body: Vec<u8>,
}

impl BatchBuilder {
    /// A plain batch that begins at this offset.
    #[must_use]
    pub fn new(base_offset: Offset) -> Self {
        let header = BatchHeader {
            base_offset,
            length: 0,
            leader_epoch: NO_LEADER_EPOCH,
            magic: MAGIC_V2,
            crc: 0,
            attributes: Attributes::default(),
            last_offset_delta: 0,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            record_count: 0,
        };
        Self {
            header,
            compression: Compression::None,
            levels: CompressionLevels::default(),
            base_timestamp: None,
            max_timestamp: None,
            next_offset: base_offset,
            records: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same batch without its records: offsets, sequences and times stay as they were when
    /// only some records are put back, or none.
    #[must_use]
    pub fn like(header: &BatchHeader) -> Self {
        Self {
            header: BatchHeader {
                record_count: 0,
                ..*header
            },
            compression: header.attributes.compression().unwrap_or_default(),
            base_timestamp: Some(header.base_timestamp),
            ..Self::new(header.base_offset)
        }
    }

    #[must_use]
    pub const fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    #[must_use]
    pub const fn levels(mut self, levels: CompressionLevels) -> Self {
        self.levels = levels;
        self
    }

    #[must_use]
    pub const fn leader_epoch(mut self, epoch: LeaderEpoch) -> Self {
        self.header.leader_epoch = epoch;
        self
    }

    #[must_use]
    pub const fn producer(mut self, id: ProducerId, epoch: ProducerEpoch, first: Sequence) -> Self {
        self.header.producer_id = id;
        self.header.producer_epoch = epoch;
        self.header.base_sequence = first;
        self
    }

    #[must_use]
    pub const fn transactional(mut self) -> Self {
        self.header.attributes = self.header.attributes.with_transactional(true);
        self
    }

    #[must_use]
    pub const fn control(mut self) -> Self {
        self.header.attributes = self.header.attributes.with_control(true);
        self
    }

    /// All records have the time at which the broker took them.
    #[must_use]
    pub const fn append_time(mut self, now: Timestamp) -> Self {
        let attributes = self.header.attributes;
        self.header.attributes = attributes.with_timestamp_type(TimestampType::LogAppendTime);
        self.header.max_timestamp = now;
        self
    }

    /// Tombstones and markers may go from this time on. Comes before the first record, whose time
    /// counts from it.
    #[must_use]
    pub const fn delete_horizon(mut self, horizon: Timestamp) -> Self {
        self.header.attributes = self.header.attributes.with_delete_horizon(true);
        self.base_timestamp = Some(horizon);
        self
    }

    /// Adds a record right after the last one.
    ///
    /// # Errors
    /// When the batch has no room for it.
    pub fn push(&mut self, record: &NewRecord<'_>) -> Result<(), BuildError> {
        self.push_at(self.next_offset, record)
    }

    /// Adds a record at an offset past the last one.
    ///
    /// # Errors
    /// When the offset is not past the last one, or the batch has no room.
    pub fn push_at(&mut self, offset: Offset, record: &NewRecord<'_>) -> Result<(), BuildError> {
        let headers = record.headers.iter().copied();
        self.put(
            offset,
            record.timestamp,
            (record.key, record.value),
            headers,
        )
    }

    /// Adds a record of another batch, at the same offset.
    ///
    /// # Errors
    /// When the offset is not past the last one, or the batch has no room.
    pub fn push_view(&mut self, record: &RecordView<'_>) -> Result<(), BuildError> {
        let fields = (record.key, record.value);
        self.put(record.offset, record.timestamp, fields, record.headers)
    }

    /// Bytes of all records so far, before compression.
    #[must_use]
    pub const fn records_len(&self) -> usize {
        self.records.len()
    }

    #[must_use]
    pub const fn record_count(&self) -> i32 {
        self.header.record_count
    }

    /// # Errors
    /// When the batch is too large or its codec refuses.
    pub fn build(mut self) -> Result<Vec<u8>, BuildError> {
        let header = &mut self.header;
        header.base_timestamp = self.base_timestamp.unwrap_or(header.base_timestamp);
        if header.attributes.timestamp_type() == TimestampType::CreateTime {
            header.max_timestamp = self.max_timestamp.unwrap_or(header.max_timestamp);
        }
        assemble(*header, &self.records, self.compression, self.levels)
    }

    fn put<'a>(
        &mut self,
        offset: Offset,
        timestamp: Timestamp,
        (key, value): (Option<&[u8]>, Option<&[u8]>),
        headers: impl Iterator<Item = RecordHeader<'a>> + Clone,
    ) -> Result<(), BuildError> {
        let offset_delta = self.offset_delta(offset)?;
        let base_timestamp = *self.base_timestamp.get_or_insert(timestamp);
        let timestamp_delta = timestamp
            .checked_sub(base_timestamp)
            .ok_or(BuildError::Timestamp(timestamp))?;
        let header_count = length_of(headers.clone().count())?;

        let body = &mut self.body;
        body.clear();
        body.push(0);
        put_varlong(body, timestamp_delta);
        put_varint(body, offset_delta);
        put_nullable(body, key)?;
        put_nullable(body, value)?;
        put_varint(body, header_count);
        for header in headers {
            put_nullable(body, Some(header.key))?;
            put_nullable(body, header.value)?;
        }
        put_nullable(&mut self.records, Some(&self.body))?;

        self.header.record_count += 1;
        self.header.last_offset_delta = self.header.last_offset_delta.max(offset_delta);
        self.next_offset = offset + 1;
        self.max_timestamp = self.max_timestamp.max(Some(timestamp));
        Ok(())
    }

    fn offset_delta(&self, offset: Offset) -> Result<i32, BuildError> {
        let next = self.next_offset;
        let delta = offset.checked_sub(self.header.base_offset);
        match delta.map(i32::try_from) {
            Some(Ok(delta)) if offset >= next && offset < Offset::MAX => Ok(delta),
            _ => Err(BuildError::Offset { offset, next }),
        }
    }
}

/// The batch of `header` and `records` with its records compressed by another codec. Nothing else in
/// it changes.
///
/// # Errors
/// When the records cannot be decompressed within `limit` bytes.
pub fn recompress(
    header: &BatchHeader,
    records: &[u8],
    (compression, levels): (Compression, CompressionLevels),
    limit: usize,
    scratch: &mut Scratch,
) -> Result<Vec<u8>, BuildError> {
    let from = header.attributes.compression().map_err(RecordError::from)?;
    let records = match from {
        Compression::None => records,
        codec => decompress(codec, records, limit, scratch).map_err(RecordError::from)?,
    };
    assemble(*header, records, compression, levels)
}

fn assemble(
    mut header: BatchHeader,
    records: &[u8],
    compression: Compression,
    levels: CompressionLevels,
) -> Result<Vec<u8>, BuildError> {
    let mut batch = vec![0; HEADER_BYTES];
    // Batches whose records are all gone stay readable for those who do not know their codec.
    let compression = if records.is_empty() {
        Compression::None
    } else {
        compression
    };
    compress(compression, levels, records, &mut batch)?;
    let (raw_header, payload) = batch.split_at_mut(HEADER_BYTES);
    let length = length_of(HEADER_BYTES - LENGTH_END + payload.len())?;
    header.length = length.unsigned_abs();
    header.attributes = header.attributes.with_compression(compression);
    raw_header.copy_from_slice(&header.with_crc_over(payload).to_bytes());
    Ok(batch)
}

fn put_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) -> Result<(), BuildError> {
    match bytes {
        None => put_varint(out, -1),
        Some(bytes) => {
            put_varint(out, length_of(bytes.len())?);
            out.extend_from_slice(bytes);
        }
    }
    Ok(())
}

fn length_of(count: usize) -> Result<i32, BuildError> {
    i32::try_from(count).map_err(|_| BuildError::TooLarge)
}
