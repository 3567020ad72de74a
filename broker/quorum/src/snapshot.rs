//! Snapshot files: a head, the state machine's pieces, and an end that says they are all there.
//! A file gets its final name only when it is whole and durable. Blocking; call it off the workers.

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::{Disk, DiskFile};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::journal::frame::{self, HEADER_LEN, MAX_PAYLOAD, Place};
use crate::journal::record::{self, FORMAT, Members};
use crate::machine::{Chunks, MAX_CHUNK_BYTES};
use crate::position::LogPosition;

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

/// A whole snapshot on disk.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotFile {
    pub path: PathBuf,
    pub head: Head,
}

/// The snapshots in one directory, of which the newest is kept. Clones share it.
#[derive(Clone)]
pub(crate) struct SnapshotStore {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    newest: Arc<Mutex<Option<SnapshotFile>>>,
}

const SUFFIX: &str = ".snapshot";
/// What a snapshot that this node makes is called until it is whole.
const BUILDING: &str = "building.tmp";
/// What a snapshot that another node sends is called until it is whole.
const RECEIVING: &str = "receiving.tmp";

impl SnapshotStore {
    /// Looks at what is there. Unfinished snapshots and all but the newest are removed.
    ///
    /// # Errors
    /// When the disk fails or the newest snapshot has no sound head.
    pub(crate) fn open(disk: Arc<dyn Disk>, dir: &Path) -> io::Result<Self> {
        let store = Self {
            disk,
            dir: dir.to_owned(),
            newest: Arc::default(),
        };
        let mut names: Vec<String> = Vec::new();
        for entry in store.disk.list(dir)? {
            if entry.name.ends_with(SUFFIX) {
                names.push(entry.name);
            } else if entry.name == BUILDING || entry.name == RECEIVING {
                store.disk.remove_file(&dir.join(entry.name))?;
            }
        }
        names.sort_unstable();
        if let Some(newest) = names.pop() {
            let path = dir.join(newest);
            let head = SnapshotReader::open(&*store.disk, &path)?.head;
            *store.newest.lock() = Some(SnapshotFile { path, head });
        }
        for older in names {
            store.disk.remove_file(&dir.join(older))?;
        }
        Ok(store)
    }

    /// The newest snapshot.
    #[must_use]
    pub(crate) fn newest(&self) -> Option<SnapshotFile> {
        self.newest.lock().clone()
    }

    /// Writes a snapshot of the state machine and makes it the newest, unless a newer one came in.
    ///
    /// # Errors
    /// When the disk fails or a piece is too long.
    pub(crate) fn build(&self, head: Head, chunks: Chunks<'_>) -> io::Result<SnapshotFile> {
        let path = self.dir.join(BUILDING);
        let mut out = SnapshotWriter {
            file: self.disk.create(&path)?,
            len: 0,
        };
        out.put(&Part::Head(head.clone()))?;
        let mut count = 0;
        for chunk in chunks {
            if chunk.len() > MAX_CHUNK_BYTES {
                let reason = format!("a snapshot chunk of {} bytes", chunk.len());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
            }
            out.put(&Part::Chunk(chunk))?;
            count += 1;
        }
        out.put(&Part::End { chunks: count })?;
        out.file.sync_data()?;
        self.publish(SnapshotFile { path, head })
    }

    /// Begins to receive a snapshot, in place of what was received before.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn receive(&self) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.create(&self.dir.join(RECEIVING))
    }

    /// Checks a snapshot that was received to its end and makes it durable.
    ///
    /// # Errors
    /// When the disk fails or the snapshot is not whole and sound.
    pub(crate) fn received(&self, file: &dyn DiskFile) -> io::Result<SnapshotFile> {
        file.sync_data()?;
        let path = self.dir.join(RECEIVING);
        let mut reader = SnapshotReader::open(&*self.disk, &path)?;
        reader.by_ref().for_each(drop);
        let head = reader.head.clone();
        reader.finish()?;
        Ok(SnapshotFile { path, head })
    }

    /// Makes a whole snapshot the newest. It moves into place unless it is there already.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn publish(&self, snapshot: SnapshotFile) -> io::Result<SnapshotFile> {
        let next_index = snapshot.head.last.map_or(0, |last| last.index + 1);
        let path = self.dir.join(format!("{next_index:020}{SUFFIX}"));
        if snapshot.path != path {
            self.disk.rename(&snapshot.path, &path)?;
            self.disk.sync_dir(&self.dir)?;
        }
        let published = SnapshotFile { path, ..snapshot };
        let (newest, outdated) = self.replace_newest(published);
        if let Some(outdated) = outdated.filter(|outdated| outdated.path != newest.path) {
            self.disk.remove_file(&outdated.path)?;
        }
        Ok(newest)
    }

    /// Which snapshot is the newest now, and which one is not needed any more.
    fn replace_newest(&self, published: SnapshotFile) -> (SnapshotFile, Option<SnapshotFile>) {
        let mut newest = self.newest.lock();
        match newest.as_ref() {
            Some(newer) if newer.head.last > published.head.last => {
                (newer.clone(), Some(published))
            }
            _ => (published.clone(), newest.replace(published)),
        }
    }

    /// Opens a snapshot to restore the state machine from it.
    ///
    /// # Errors
    /// When the disk fails or the snapshot has no sound head.
    pub(crate) fn read(&self, snapshot: &SnapshotFile) -> io::Result<SnapshotReader> {
        SnapshotReader::open(&*self.disk, &snapshot.path)
    }

    /// Opens a snapshot to send its bytes as they are.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn open_raw(&self, snapshot: &SnapshotFile) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.open(&snapshot.path)
    }
}

struct SnapshotWriter {
    file: Arc<dyn DiskFile>,
    len: u64,
}

impl SnapshotWriter {
    fn put(&mut self, part: &Part) -> io::Result<()> {
        let mut bytes = Vec::new();
        frame::encode(
            &mut bytes,
            place(self.len),
            0,
            &record::encode(part, Vec::new()),
        );
        self.file
            .write_all_at(&mut [IoSlice::new(&bytes)], self.len)?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

/// Reads a snapshot piece by piece. The iterator ends early at the first thing that is wrong;
/// [`SnapshotReader::finish`] tells.
pub(crate) struct SnapshotReader {
    file: Arc<dyn DiskFile>,
    at: u64,
    pub head: Head,
    chunks: u64,
    outcome: Option<io::Result<()>>,
}

impl SnapshotReader {
    fn open(disk: &dyn Disk, path: &Path) -> io::Result<Self> {
        let file = disk.open(path)?;
        let (part, at) = read_part(&*file, 0)?;
        match part {
            Part::Head(head) if head.format == FORMAT => Ok(Self {
                file,
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
        let (part, end) = read_part(&*self.file, self.at)?;
        match part {
            Part::Chunk(chunk) => {
                self.chunks += 1;
                self.at = end;
                Ok(Some(chunk))
            }
            Part::End { chunks } if chunks == self.chunks && end == self.file.len()? => Ok(None),
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
        let (chunk, outcome) = match self.step() {
            Ok(Some(chunk)) => (Some(chunk), None),
            Ok(None) => (None, Some(Ok(()))),
            Err(error) => (None, Some(Err(error))),
        };
        self.outcome = outcome;
        chunk
    }
}

/// Reads one part and tells where the next one starts.
fn read_part(file: &dyn DiskFile, at: u64) -> io::Result<(Part, u64)> {
    let mut bytes = vec![0; HEADER_LEN];
    file.read_exact_at(&mut bytes, at)?;
    let len = frame::payload_len(&bytes).filter(|len| *len <= MAX_PAYLOAD);
    bytes.resize(HEADER_LEN + len.ok_or_else(|| damaged(at))?, 0);
    file.read_exact_at(&mut bytes[HEADER_LEN..], at + HEADER_LEN as u64)?;
    let part = frame::decode(&bytes, place(at)).and_then(|frame| record::decode(frame.payload));
    Ok((part.ok_or_else(|| damaged(at))?, at + bytes.len() as u64))
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
