//! A snapshot file: a head, the state machine's pieces, and an end that says they are all there.

use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::{Disk, DiskFile};
use serde::{Deserialize, Serialize};

use crate::journal::frame::{self, HEADER_LEN, MAX_PAYLOAD, Place};
use crate::journal::record::{self, FORMAT, Members};
use crate::machine::MAX_CHUNK_BYTES;
use crate::position::LogPosition;

/// How much is read and written at once, so that small pieces do not cost a system call each.
const BLOCK_BYTES: usize = 256 << 10;

/// Which state a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub format: u8,
    /// The last entry whose effect is in it.
    pub last: Option<LogPosition>,
    /// Where the members below were agreed on.
    pub members_at: Option<LogPosition>,
    pub members: Members,
}

/// One frame of a snapshot file. The variants' order is their number on disk.
#[derive(Serialize, Deserialize)]
enum Part {
    Head(Head),
    Chunk(Bytes),
    End { chunks: u64 },
}

/// Writes a snapshot piece by piece.
pub(crate) struct SnapshotWriter {
    file: Arc<dyn DiskFile>,
    /// How much is written, and what comes next.
    len: u64,
    block: Vec<u8>,
    chunks: u64,
}

impl SnapshotWriter {
    pub(crate) fn new(file: Arc<dyn DiskFile>, head: &Head) -> io::Result<Self> {
        let mut writer = Self {
            file,
            len: 0,
            block: Vec::new(),
            chunks: 0,
        };
        writer.put(&Part::Head(head.clone()))?;
        Ok(writer)
    }

    pub(crate) fn put_chunk(&mut self, chunk: Bytes) -> io::Result<()> {
        if chunk.len() > MAX_CHUNK_BYTES {
            let reason = format!("a snapshot chunk of {} bytes", chunk.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        self.chunks += 1;
        self.put(&Part::Chunk(chunk))
    }

    /// Says that this was all, and makes it durable.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let chunks = self.chunks;
        self.put(&Part::End { chunks })?;
        self.flush()?;
        self.file.sync_data()
    }

    fn put(&mut self, part: &Part) -> io::Result<()> {
        let at = place(self.len + self.block.len() as u64);
        frame::encode(&mut self.block, at, 0, &record::encode(part, Vec::new()));
        if self.block.len() >= BLOCK_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file
            .write_all_at(&mut [IoSlice::new(&self.block)], self.len)?;
        self.len += self.block.len() as u64;
        self.block.clear();
        Ok(())
    }
}

/// Reads a snapshot piece by piece. The iterator ends early at the first thing that is wrong;
/// [`SnapshotReader::finish`] tells.
pub(crate) struct SnapshotReader {
    blocks: Blocks,
    at: u64,
    pub(crate) head: Head,
    chunks: u64,
    outcome: Option<io::Result<()>>,
}

impl SnapshotReader {
    pub(crate) fn open(disk: &dyn Disk, path: &Path) -> io::Result<Self> {
        let mut blocks = Blocks {
            file: disk.open(path)?,
            start: 0,
            bytes: Vec::new(),
        };
        let (part, at) = blocks.part(0)?;
        match part {
            Part::Head(head) if head.format == FORMAT => Ok(Self {
                blocks,
                at,
                head,
                chunks: 0,
                outcome: None,
            }),
            _ => Err(damaged(0)),
        }
    }

    /// Whether every piece was read.
    ///
    /// # Errors
    /// What was wrong with the file.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.outcome.unwrap_or_else(|| Err(damaged(self.at)))
    }

    fn step(&mut self) -> io::Result<Option<Bytes>> {
        let (part, end) = self.blocks.part(self.at)?;
        match part {
            Part::Chunk(chunk) => {
                self.chunks += 1;
                self.at = end;
                Ok(Some(chunk))
            }
            Part::End { chunks } if chunks == self.chunks && end == self.blocks.file.len()? => {
                Ok(None)
            }
            Part::End { .. } | Part::Head(_) => Err(damaged(self.at)),
        }
    }
}

impl Iterator for SnapshotReader {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.outcome.is_some() {
            return None;
        }
        match self.step() {
            Ok(Some(chunk)) => return Some(chunk),
            Ok(None) => self.outcome = Some(Ok(())),
            Err(error) => self.outcome = Some(Err(error)),
        }
        None
    }
}

/// A file read front to back.
struct Blocks {
    file: Arc<dyn DiskFile>,
    start: u64,
    bytes: Vec<u8>,
}

impl Blocks {
    /// The part at this place, and where the next one starts.
    fn part(&mut self, at: u64) -> io::Result<(Part, u64)> {
        let header = self.take(at, HEADER_LEN)?;
        let len = frame::payload_len(header).filter(|len| *len <= MAX_PAYLOAD);
        let len = HEADER_LEN + len.ok_or_else(|| damaged(at))?;
        let frame = frame::decode(self.take(at, len)?, place(at));
        let part = frame.and_then(|frame| record::decode(frame.payload));
        Ok((part.ok_or_else(|| damaged(at))?, at + len as u64))
    }

    /// The bytes at this place. What is asked for never lies in front of what was asked before.
    fn take(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let skip = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        if self.bytes.len().saturating_sub(skip) < len {
            let mut block = vec![0; len.max(BLOCK_BYTES)];
            let mut filled = 0;
            while filled < len {
                match self
                    .file
                    .read_at(&mut block[filled..], at + filled as u64)?
                {
                    0 => return Err(damaged(at)),
                    read => filled += read,
                }
            }
            block.truncate(filled);
            self.start = at;
            self.bytes = block;
            return Ok(&self.bytes[..len]);
        }
        Ok(&self.bytes[skip..][..len])
    }
}

/// Where a snapshot's frame is, as far as its checksum is concerned. The file may be sent to
/// another node, so its name does not count.
fn place(offset: u64) -> Place {
    Place {
        file: u64::MAX - 1,
        offset,
    }
}

fn damaged(at: u64) -> io::Error {
    let reason = format!("the snapshot is damaged at byte {at}");
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
