//! The few bytes of Kafka's protocol that a client needs which must cost next to nothing: Produce 7
//! and Fetch 11, the last versions with plain lengths. Written by hand on purpose: this client
//! shares no code with the broker it measures.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail, ensure};

const PRODUCE: i16 = 0;
const FETCH: i16 = 1;
const CLIENT_ID: &str = "bench";

/// No answer to a benchmark's request is larger.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

const BATCH_HEADER_BYTES: usize = 61;

/// Where a frame's correlation id stands: behind length, key and version.
const CORRELATION_AT: usize = 8;

/// A request ready to be sent again and again under new correlation ids.
pub(crate) struct Frame(Vec<u8>);

impl Frame {
    pub(crate) fn new(key: i16, version: i16, body: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut bytes = vec![0; 4];
        bytes.extend(key.to_be_bytes());
        bytes.extend(version.to_be_bytes());
        bytes.extend(0_i32.to_be_bytes());
        put_string(&mut bytes, CLIENT_ID);
        body(&mut bytes);
        let length = u32::try_from(bytes.len() - 4).expect("a frame is small");
        bytes[..4].copy_from_slice(&length.to_be_bytes());
        Self(bytes)
    }

    /// One batch for one partition.
    pub(crate) fn produce(topic: &str, partition: i32, acks: i16, batch: &[u8]) -> Self {
        Self::new(PRODUCE, 7, |body| {
            body.extend((-1_i16).to_be_bytes());
            body.extend(acks.to_be_bytes());
            body.extend(30_000_i32.to_be_bytes());
            body.extend(1_i32.to_be_bytes());
            put_string(body, topic);
            body.extend(1_i32.to_be_bytes());
            body.extend(partition.to_be_bytes());
            body.extend(
                u32::try_from(batch.len())
                    .expect("a batch is small")
                    .to_be_bytes(),
            );
            body.extend(batch);
        })
    }

    /// Reads on from one offset of each partition.
    pub(crate) fn fetch(topic: &str, offsets: &[i64], max_wait_ms: i32, max_bytes: i32) -> Self {
        Self::new(FETCH, 11, |body| {
            body.extend((-1_i32).to_be_bytes());
            body.extend(max_wait_ms.to_be_bytes());
            body.extend(1_i32.to_be_bytes());
            body.extend(max_bytes.to_be_bytes());
            body.push(0);
            body.extend(0_i32.to_be_bytes());
            body.extend((-1_i32).to_be_bytes());
            body.extend(1_i32.to_be_bytes());
            put_string(body, topic);
            body.extend(
                u32::try_from(offsets.len())
                    .expect("few partitions")
                    .to_be_bytes(),
            );
            for (partition, offset) in (0_i32..).zip(offsets) {
                body.extend(partition.to_be_bytes());
                body.extend((-1_i32).to_be_bytes());
                body.extend(offset.to_be_bytes());
                body.extend((-1_i64).to_be_bytes());
                body.extend(1_048_576_i32.to_be_bytes());
            }
            body.extend(0_i32.to_be_bytes());
            put_string(body, "");
        })
    }

    pub(crate) fn send(&mut self, stream: &mut TcpStream, correlation: i32) -> Result<()> {
        self.0[CORRELATION_AT..CORRELATION_AT + 4].copy_from_slice(&correlation.to_be_bytes());
        stream
            .write_all(&self.0)
            .context("the broker takes no more requests")
    }
}

pub(crate) fn put_string(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(
        u16::try_from(text.len())
            .expect("a name is short")
            .to_be_bytes(),
    );
    bytes.extend(text.as_bytes());
}

/// Reads one answer, without its length, into `answer`.
pub(crate) fn receive<'a>(stream: &mut TcpStream, answer: &'a mut Vec<u8>) -> Result<&'a [u8]> {
    let mut prefix = [0; 4];
    stream
        .read_exact(&mut prefix)
        .context("the broker sends no answer")?;
    let length = u32::from_be_bytes(prefix) as usize;
    ensure!(length <= ANSWER_BYTES_MAX, "an answer of {length} bytes");
    answer.resize(answer.len().max(length), 0);
    stream.read_exact(&mut answer[..length])?;
    Ok(&answer[..length])
}

/// Walks through an answer.
pub(crate) struct Answer<'a>(pub(crate) &'a [u8]);

impl<'a> Answer<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        ensure!(self.0.len() >= count, "the answer is too short");
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn int16(&mut self) -> Result<i16> {
        Ok(i16::from_be_bytes(self.take(2)?.try_into()?))
    }

    pub(crate) fn int32(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into()?))
    }

    pub(crate) fn int64(&mut self) -> Result<i64> {
        Ok(i64::from_be_bytes(self.take(8)?.try_into()?))
    }

    pub(crate) fn skip_string(&mut self) -> Result<()> {
        let length = usize::try_from(self.int16()?)?;
        self.take(length).map(drop)
    }

    pub(crate) fn skip_nullable_string(&mut self) -> Result<()> {
        let length = usize::try_from(self.int16()?).unwrap_or(0);
        self.take(length).map(drop)
    }

    /// Fails unless every partition of a Produce 7 answer took its batch.
    pub(crate) fn check_produced(mut self) -> Result<()> {
        self.int32()?;
        for _ in 0..self.int32()? {
            self.skip_string()?;
            for _ in 0..self.int32()? {
                self.int32()?;
                let error = self.int16()?;
                if error != 0 {
                    bail!("produce failed with error {error}");
                }
                self.take(24)?;
            }
        }
        Ok(())
    }

    /// Calls `records` with the partition and the record bytes of a Fetch 11 answer.
    pub(crate) fn fetched(
        mut self,
        mut records: impl FnMut(usize, &'a [u8]) -> Result<()>,
    ) -> Result<()> {
        self.take(4 + 4)?;
        let error = self.int16()?;
        ensure!(error == 0, "fetch failed with error {error}");
        self.int32()?;
        for _ in 0..self.int32()? {
            self.skip_string()?;
            for _ in 0..self.int32()? {
                let partition = usize::try_from(self.int32()?)?;
                let error = self.int16()?;
                ensure!(error == 0, "fetch failed with error {error}");
                self.take(24)?;
                for _ in 0..self.int32()?.max(0) {
                    self.take(16)?;
                }
                self.int32()?;
                let length = usize::try_from(self.int32()?.max(0))?;
                records(partition, self.take(length)?)?;
            }
        }
        Ok(())
    }
}

/// Says which offset comes after consecutive batches; `next` when there are none.
pub(crate) fn walk_batches(mut bytes: &[u8], mut next: i64) -> Result<i64> {
    // The last batch of an answer may be cut off.
    while bytes.len() >= BATCH_HEADER_BYTES {
        let mut header = Answer(bytes);
        let base = header.int64()?;
        let length = usize::try_from(header.int32()?)?;
        if bytes.len() < 12 + length {
            break;
        }
        header.take(11)?;
        next = base + i64::from(header.int32()?) + 1;
        bytes = &bytes[12 + length..];
    }
    Ok(next)
}
