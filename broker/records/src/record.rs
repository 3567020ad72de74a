//! The records of a batch, borrowed from it or from the scratch they are decompressed into.

mod bodies;
mod body;
#[cfg(test)]
mod tests;
mod varint;

use millrace_types::{Offset, Timestamp};

use crate::attributes::TimestampType;
use crate::batch::{BatchHeader, BatchView};
use crate::compression::{Compression, Scratch, decompress};

pub use bodies::RecordError;
pub(crate) use bodies::{Bodies, SliceBodies, WindowBodies};
pub(crate) use body::RecordBody;
pub use body::{Headers, MalformedRecord, RecordHeader};
pub(crate) use varint::{put_varint, put_varlong};

/// One record as a consumer sees it.
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'a> {
    pub offset: Offset,
    pub timestamp: Timestamp,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Headers<'a>,
}

impl<'a> BatchView<'a> {
    /// The records, decompressed into `scratch` where that is needed, to `limit` bytes at most.
    ///
    /// # Errors
    /// When the codec is unknown, or the data damaged or larger than the limit.
    pub fn records<'s>(
        &self,
        scratch: &'s mut Scratch,
        limit: usize,
    ) -> Result<Records<'s>, RecordError>
    where
        'a: 's,
    {
        let bytes = match self.header().attributes.compression()? {
            Compression::None => self.records_bytes(),
            codec => decompress(codec, self.records_bytes(), limit, scratch)?,
        };
        Ok(Records {
            header: *self.header(),
            bodies: SliceBodies::new(bytes),
            left: self.header().record_count,
            done: false,
        })
    }
}

/// Walks over the records of one batch. Ends after the last, or with one error.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    header: BatchHeader,
    bodies: SliceBodies<'a>,
    left: i32,
    done: bool,
}

impl<'a> Records<'a> {
    fn step(&mut self) -> Result<Option<RecordView<'a>>, MalformedRecord> {
        if self.left == 0 {
            return self.bodies.check_end().map(|()| None);
        }
        self.left -= 1;
        let body = RecordBody::parse(self.bodies.next_slice()?)?;
        let offset = self
            .header
            .base_offset
            .checked_add(i64::from(body.offset_delta))
            .ok_or(MalformedRecord::OutOfRange)?;
        Ok(Some(RecordView {
            offset,
            timestamp: timestamp_of(&self.header, body.timestamp_delta)?,
            key: body.key,
            value: body.value,
            headers: body.headers,
        }))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RecordView<'a>, MalformedRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.step().transpose();
        self.done = !matches!(step, Some(Ok(_)));
        step
    }
}

#[inline]
pub(crate) fn timestamp_of(header: &BatchHeader, delta: i64) -> Result<Timestamp, MalformedRecord> {
    match header.attributes.timestamp_type() {
        TimestampType::LogAppendTime => Ok(header.max_timestamp),
        TimestampType::CreateTime => header
            .base_timestamp
            .checked_add(delta)
            .ok_or(MalformedRecord::OutOfRange),
    }
}
