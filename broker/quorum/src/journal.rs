//! The durable half of Raft: one journal of entries, votes and their fates in numbered segment
//! files, and the combining queue in front of it. Whoever submits while nobody writes starts a
//! writer on a blocking thread; the writer takes everything queued, writes it, syncs once and
//! reports in order, until the queue is empty. Knows nothing of the Raft library.

pub(crate) mod frame;
mod index;
pub(crate) mod record;
mod recovery;
mod segment;
mod state;
mod writer;

#[cfg(test)]
mod tests;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use millrace_log::disk::{Disk, DiskLock};
use parking_lot::Mutex;

pub(crate) use crate::journal::state::State;

use crate::error::QuorumError;
use crate::journal::frame::Place;
use crate::journal::index::{Found, Index, Location};
use crate::journal::record::{Entry, Record};
use crate::journal::segment::segment_path;
use crate::journal::writer::Writer;
use crate::position::LogPosition;

/// Told once the records it came with are durable, or that they never will be.
pub(crate) type Done = Box<dyn FnOnce(io::Result<()>) + Send>;

/// How many bytes one read from a file takes at most, beyond its first entry.
const READ_BYTES: usize = 1 << 20;

/// Keeps a second process out of the directory.
const LOCK_FILE: &str = "journal.lock";

/// A journal in one directory. Clones share it.
#[derive(Clone)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
}

struct Shared {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    inner: Mutex<Inner>,
    /// Gone once the journal is closed.
    lock: Mutex<Option<Box<dyn DiskLock>>>,
}

struct Inner {
    index: Index,
    /// What waits for the writer. Bounded by what Raft keeps in flight, see `MAX_IN_FLIGHT_BYTES`.
    queue: Vec<Job>,
    /// How far the log is committed. Not worth a sync of its own: it rides along with the next.
    committed: Option<LogPosition>,
    /// `None` while it is at work.
    writer: Option<Writer>,
    /// Why nothing can be written any more.
    failed: Option<(io::ErrorKind, String)>,
}

struct Job {
    records: Vec<Record>,
    /// Whether the mark is to be made durable too, because nothing is written for a long time.
    seals: bool,
    done: Done,
}

impl Journal {
    /// Opens the journal of `node`, or begins one. Blocks.
    ///
    /// # Errors
    /// When the disk fails, the journal is damaged, or it belongs to another node.
    pub(crate) fn open(disk: Arc<dyn Disk>, dir: &Path, node: u64) -> Result<Self, QuorumError> {
        let lock = disk
            .lock(&dir.join(LOCK_FILE))
            .map_err(|source| QuorumError::storage(dir, source))?;
        let (index, writer) = recovery::recover(&disk, dir, node)?;
        let inner = Inner {
            index,
            queue: Vec::new(),
            committed: None,
            writer: Some(writer),
            failed: None,
        };
        let shared = Shared {
            disk,
            dir: dir.to_owned(),
            inner: Mutex::new(inner),
            lock: Mutex::new(Some(lock)),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// The state of everything submitted so far.
    #[must_use]
    pub(crate) fn state(&self) -> State {
        self.shared.inner.lock().index.state().clone()
    }

    /// Queues records and sees that they are written. They count, and entries can be read, at once.
    pub(crate) fn submit(&self, records: Vec<Record>, done: Done) {
        let seals = false;
        self.enqueue(Job {
            records,
            seals,
            done,
        });
    }

    /// Like [`Self::submit`], and waits.
    ///
    /// # Errors
    /// When the records cannot be made durable.
    pub(crate) async fn write(&self, records: Vec<Record>) -> io::Result<()> {
        self.wait(records, false).await
    }

    async fn wait(&self, records: Vec<Record>, seals: bool) -> io::Result<()> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let done = move |result| {
            // Nobody waits any more: the node is stopping.
            let _ = sender.send(result);
        };
        let done = Box::new(done);
        self.enqueue(Job {
            records,
            seals,
            done,
        });
        receiver
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the writer is gone")))
    }

    fn enqueue(&self, job: Job) {
        let mut inner = self.shared.inner.lock();
        if let Err(error) = inner.accept(&job.records) {
            drop(inner);
            return (job.done)(Err(error));
        }
        inner.queue.push(job);
        let writer = inner.writer.take();
        drop(inner);
        if let Some(writer) = writer {
            let shared = Arc::clone(&self.shared);
            tokio::task::spawn_blocking(move || shared.drain(writer));
        }
    }

    /// Remembers how far the log is committed; it becomes durable with the next write.
    pub(crate) fn note_committed(&self, position: LogPosition) {
        self.shared.inner.lock().committed = Some(position);
    }

    /// How far the log is known to be committed: no further than it reaches.
    #[must_use]
    pub(crate) fn committed(&self) -> Option<LogPosition> {
        let inner = self.shared.inner.lock();
        let state = inner.index.state();
        inner.committed.or(state.committed).min(state.last)
    }

    /// Writes what waits, then nothing more, and lets others open the directory.
    pub(crate) async fn close(&self) {
        if let Err(error) = self.wait(Vec::new(), true).await {
            tracing::warn!(%error, "the journal was not closed in order");
        }
        let closed = (io::ErrorKind::Other, "the journal is closed".to_owned());
        self.shared.inner.lock().failed.get_or_insert(closed);
        self.shared.lock.lock().take();
    }

    /// The live entries in `range`, in order; those that are purged or not there yet are left out.
    /// With `max_bytes` it may stop early, but not before the first entry.
    ///
    /// # Errors
    /// When a file cannot be read, or what it holds is damaged.
    pub(crate) async fn read(&self, range: Range<u64>, max_bytes: usize) -> io::Result<Vec<Entry>> {
        let Found { on_disk, cached } = self.shared.inner.lock().index.find(range);
        let mut entries = Vec::new();
        if !on_disk.is_empty() {
            let shared = Arc::clone(&self.shared);
            let task = tokio::task::spawn_blocking(move || shared.read_files(&on_disk, max_bytes));
            let (read, all) = task.await.map_err(io::Error::other)??;
            entries = read;
            if !all {
                return Ok(entries);
            }
        }
        entries.extend(cached);
        let mut room = max_bytes;
        let fits = |entry: &&Entry| {
            let weight = entry.payload.weight();
            let fits = weight <= room;
            room = room.saturating_sub(weight);
            fits
        };
        let fitting = entries.iter().take_while(fits).count();
        entries.truncate(fitting.max(1));
        Ok(entries)
    }
}

impl Inner {
    fn accept(&mut self, records: &[Record]) -> io::Result<()> {
        if let Some((kind, reason)) = &self.failed {
            return Err(io::Error::new(*kind, reason.clone()));
        }
        for record in records {
            self.index
                .step(record, None)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        }
        Ok(())
    }
}

impl Shared {
    /// Writes until nothing is queued. After a failure nothing is known about what is durable, so
    /// nothing more is written.
    fn drain(&self, mut writer: Writer) {
        loop {
            let mut inner = self.inner.lock();
            let jobs = std::mem::take(&mut inner.queue);
            if jobs.is_empty() {
                inner.writer = Some(writer);
                return;
            }
            let committed = inner.committed.take();
            if let Some(position) = committed {
                let step = inner.index.step(&Record::Committed(position), None);
                debug_assert_eq!(step, Ok(()), "a commit can always be noted");
            }
            drop(inner);

            let committed = committed.map(Record::Committed);
            let records = jobs.iter().flat_map(|job| &job.records).chain(&committed);
            let mut result = writer.write(records);
            if jobs.iter().any(|job| job.seals) {
                result = result.and_then(|written| writer.mark.sync_data().map(|()| written));
            }
            match result {
                Ok(written) => self.written(&written, &mut writer),
                Err(error) => return self.fail(jobs, &error),
            }
            for job in jobs {
                (job.done)(Ok(()));
            }
        }
    }

    fn written(&self, written: &[(LogPosition, Location)], writer: &mut Writer) {
        let mut inner = self.inner.lock();
        for (position, at) in written {
            inner.index.written(*position, *at);
        }
        let oldest = inner.index.oldest_file();
        drop(inner);
        writer.delete_before(oldest);
    }

    fn fail(&self, jobs: Vec<Job>, error: &io::Error) {
        let reason = (error.kind(), error.to_string());
        let mut inner = self.inner.lock();
        inner.failed = Some(reason.clone());
        let queued = std::mem::take(&mut inner.queue);
        drop(inner);
        for job in jobs.into_iter().chain(queued) {
            (job.done)(Err(io::Error::new(reason.0, reason.1.clone())));
        }
    }

    /// Reads entries until `max_bytes` are exceeded; tells whether these are all of them.
    fn read_files(&self, at: &[Location], max_bytes: usize) -> io::Result<(Vec<Entry>, bool)> {
        let mut entries = Vec::new();
        let mut bytes = 0;
        let mut rest = at;
        while let Some((first, _)) = rest.split_first()
            && bytes <= max_bytes
        {
            let run = rest
                .iter()
                .scan(first.offset, |end, next| {
                    let adjacent = next.file == first.file && next.offset == *end;
                    *end += next.len as u64;
                    let within = *end - first.offset <= READ_BYTES as u64;
                    (adjacent && within).then_some(next.len)
                })
                .count()
                .max(1);
            let (now, later) = rest.split_at(run);
            bytes += self.read_run(now, &mut entries)?;
            rest = later;
        }
        Ok((entries, rest.is_empty()))
    }

    /// Reads frames that lie next to each other.
    fn read_run(&self, at: &[Location], entries: &mut Vec<Entry>) -> io::Result<usize> {
        let first = at[0];
        let file = self.disk.open(&segment_path(&self.dir, first.file))?;
        let mut bytes = vec![0; at.iter().map(|at| at.len).sum()];
        file.read_exact_at(&mut bytes, first.offset)?;
        let mut rest = &bytes[..];
        for at in at {
            let place = Place {
                file: at.file,
                offset: at.offset,
            };
            let entry = frame::decode(rest, place).and_then(|frame| record::decode(frame.payload));
            let Some(Record::Entry(entry)) = entry else {
                let reason = format!("segment {} is damaged at byte {}", at.file, at.offset);
                return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
            };
            entries.push(entry);
            rest = &rest[at.len..];
        }
        Ok(bytes.len())
    }
}
