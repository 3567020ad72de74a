//! A disk that fails on purpose, by a script that a test writes: so many operations go well, then
//! one fails, or every one from there on.

use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::disk::interface::{DirEntry, Disk, DiskFile, DiskLock, Space};

/// What happens to the operation whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A write takes only some bytes; the caller has to go on from there. No other operation fails.
    ShortWrite,
    /// The volume is full: a write takes some bytes at most, then nothing more can be added until
    /// [`HostileDisk::heal`].
    NoSpace,
    /// This one operation reports an I/O error; a write may have taken some bytes.
    Io,
    /// This and every later operation reports an I/O error: the machine is as good as dead.
    Dead,
}

/// Wraps another disk. Clones share the script.
#[derive(Clone, Debug)]
pub struct HostileDisk {
    inner: Arc<dyn Disk>,
    script: Arc<Mutex<Script>>,
}

#[derive(Debug, Default)]
struct Script {
    /// Operations that changed something, or tried to.
    operations: u64,
    fault: Option<(u64, Fault)>,
}

#[derive(Debug)]
struct HostileFile {
    inner: Arc<dyn DiskFile>,
    script: Arc<Mutex<Script>>,
}

impl HostileDisk {
    #[must_use]
    pub fn new(inner: Arc<dyn Disk>) -> Self {
        Self {
            inner,
            script: Arc::default(),
        }
    }

    /// After `operations` more changes, `fault` strikes. Reads go well unless the disk is dead.
    pub fn fail_after(&self, operations: u64, fault: Fault) {
        let mut script = self.script.lock();
        script.fault = Some((script.operations + operations, fault));
    }

    pub fn heal(&self) {
        self.script.lock().fault = None;
    }

    /// How many changes were tried so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.script.lock().operations
    }
}

/// What a change is to do.
enum Verdict {
    Pass,
    /// Write half of it and report that.
    Short,
    /// Write half of it and report this error.
    Fail(io::Error),
}

impl Script {
    /// `grows`: whether the operation needs room on the volume.
    fn next(&mut self, grows: bool) -> Verdict {
        let turn = self.operations;
        self.operations += 1;
        let Some((at, fault)) = self.fault else {
            return Verdict::Pass;
        };
        match fault {
            _ if turn < at => Verdict::Pass,
            Fault::ShortWrite if turn == at => Verdict::Short,
            Fault::NoSpace if grows => Verdict::Fail(io::ErrorKind::StorageFull.into()),
            Fault::Io if turn == at => Verdict::Fail(broken()),
            Fault::Dead => Verdict::Fail(broken()),
            Fault::ShortWrite | Fault::NoSpace | Fault::Io => Verdict::Pass,
        }
    }

    fn change(script: &Mutex<Self>, grows: bool) -> io::Result<()> {
        match script.lock().next(grows) {
            Verdict::Pass | Verdict::Short => Ok(()),
            Verdict::Fail(error) => Err(error),
        }
    }

    fn look(script: &Mutex<Self>) -> io::Result<()> {
        let script = script.lock();
        match script.fault {
            Some((at, Fault::Dead)) if script.operations > at => Err(broken()),
            _ => Ok(()),
        }
    }
}

fn broken() -> io::Error {
    io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error())
}

impl HostileDisk {
    fn change(&self, grows: bool) -> io::Result<()> {
        Script::change(&self.script, grows)
    }

    fn wrap(&self, inner: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(HostileFile {
            inner,
            script: Arc::clone(&self.script),
        })
    }
}

impl Disk for HostileDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Script::look(&self.script)?;
        Ok(self.wrap(self.inner.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.change(true)?;
        Ok(self.wrap(self.inner.create(path)?))
    }

    fn file_len(&self, path: &Path) -> io::Result<u64> {
        Script::look(&self.script)?;
        self.inner.file_len(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(false)?;
        self.inner.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.change(false)?;
        self.inner.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.change(false)?;
        self.inner.remove_dir_all(path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.change(true)?;
        self.inner.create_dir_all(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        Script::look(&self.script)?;
        self.inner.list(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.change(false)?;
        self.inner.sync_dir(dir)
    }

    fn sync_volume(&self, dir: &Path) -> io::Result<()> {
        self.change(false)?;
        self.inner.sync_volume(dir)
    }

    fn space(&self, dir: &Path) -> io::Result<Space> {
        Script::look(&self.script)?;
        self.inner.space(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn DiskLock>> {
        self.change(true)?;
        self.inner.lock(path)
    }
}

impl DiskFile for HostileFile {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        Script::look(&self.script)?;
        self.inner.read_at(buffer, position)
    }

    fn write_at(&self, slices: &[IoSlice<'_>], position: u64) -> io::Result<usize> {
        let verdict = self.script.lock().next(true);
        if matches!(verdict, Verdict::Pass) {
            return self.inner.write_at(slices, position);
        }
        let all: Vec<u8> = slices
            .iter()
            .flat_map(|slice| slice.iter().copied())
            .collect();
        let half = &all[..all.len().div_ceil(2)];
        let written = self.inner.write_at(&[IoSlice::new(half)], position)?;
        match verdict {
            Verdict::Fail(error) => Err(error),
            Verdict::Pass | Verdict::Short => Ok(written),
        }
    }

    fn len(&self) -> io::Result<u64> {
        Script::look(&self.script)?;
        self.inner.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Script::change(&self.script, false)?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Script::change(&self.script, false)?;
        self.inner.sync_data()
    }
}
