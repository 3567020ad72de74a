//! The snapshots of one node. A file gets its final name only when it is whole and durable.
//! Blocking; call it off the workers.

mod file;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use millrace_log::disk::{Disk, DiskFile};
use parking_lot::Mutex;

pub(crate) use crate::snapshot::file::{Head, SnapshotReader};

use crate::machine::Chunks;
use crate::snapshot::file::SnapshotWriter;

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
        let mut out = SnapshotWriter::new(self.disk.create(&path)?, &head)?;
        for chunk in chunks {
            out.put_chunk(chunk)?;
        }
        out.finish()?;
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
