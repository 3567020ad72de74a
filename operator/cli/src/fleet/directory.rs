//! The data directory: everything that a fleet on this machine keeps. It is used by one process at a
//! time, and nothing is done to a directory that is not ours.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

/// Says that a directory is ours.
const MARKER: &str = "millrace.json";
/// Locked by whoever uses it.
const LOCK: &str = "lock";
/// How to reach whoever uses it.
const RUN: &str = "run.json";
const KUBECONFIG: &str = "kubeconfig";
const OBJECTS: &str = "objects.json";
const VOLUMES: &str = "volumes";
const PODS: &str = "pods";
const LOGS: &str = "logs";
const OUTPUT: &str = "up.log";
/// Everything that we put there: with anything else in it a directory is not deleted.
const OURS: &[&str] = &[
    MARKER, LOCK, RUN, KUBECONFIG, OBJECTS, VOLUMES, PODS, LOGS, OUTPUT,
];
/// What files are called until they are whole.
const HALF_WRITTEN: &str = "half-written";
/// So often the lock is tried for while others only look whether it is taken.
const TRIES_MOST: u32 = 10_000;
/// The layout that this version reads and writes.
const FORMAT: u32 = 1;

/// A directory that is ours, or may become so.
#[derive(Clone, Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
}

/// Whoever holds it is the only one that uses the directory.
#[derive(Debug)]
pub(crate) struct Held {
    _lock: File,
}

/// A run of a fleet, as long as it lasts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) pid: i32,
    /// Where its API listens.
    pub(crate) api: SocketAddr,
}

#[derive(Serialize, Deserialize)]
struct Marker {
    format: u32,
}

impl DataDirectory {
    /// The directory that is named, or the user's own.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self> {
        let path = match named {
            Some(path) => std::path::absolute(path)?,
            None => own_directory().context(
                "there is no home directory to keep data in: name a directory with --data-dir",
            )?,
        };
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is where everybody looks.
    pub(crate) fn is_usual(&self) -> bool {
        own_directory().is_some_and(|own| own == self.path)
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.path.join(KUBECONFIG)
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.path.join(OBJECTS)
    }

    pub(crate) fn volumes(&self) -> PathBuf {
        self.path.join(VOLUMES)
    }

    pub(crate) fn pods(&self) -> PathBuf {
        self.path.join(PODS)
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.path.join(LOGS)
    }

    /// What a detached run writes.
    pub(crate) fn output(&self) -> PathBuf {
        self.path.join(OUTPUT)
    }

    /// Takes the directory into use, and makes it when there is none.
    pub(crate) fn take(&self) -> Result<Held> {
        self.check_ours()?;
        fs::create_dir_all(&self.path)
            .with_context(|| format!("cannot make {}", self.path.display()))?;
        if !self.exists() {
            let marker = Marker { format: FORMAT };
            write_whole(&self.path.join(MARKER), |file| write_json(file, &marker))?;
        }
        match self.lock()? {
            Some(held) => {
                // What is said there is of a run that died.
                self.forget_run();
                Ok(held)
            }
            None => {
                let by = self.run().map(|run| format!(" (process {})", run.pid));
                bail!(
                    "a fleet runs in {} already{}: change it with `millrace apply`, stop it with \
                     `millrace down`, or choose another directory with --data-dir",
                    self.path.display(),
                    by.unwrap_or_default()
                );
            }
        }
    }

    /// The run that uses the directory now, if any does.
    pub(crate) fn running(&self) -> Result<Option<Run>> {
        if !self.exists() || !self.is_used()? {
            return Ok(None);
        }
        Ok(self.run())
    }

    /// Whether somebody uses it. Who only looks shares the lock with whoever else looks.
    fn is_used(&self) -> Result<bool> {
        let free = locks(&self.lock_file()?, FlockOperation::NonBlockingLockShared)?;
        Ok(!free)
    }

    /// What the last run said of itself, whether it lives or not.
    pub(crate) fn run(&self) -> Option<Run> {
        let text = fs::read(self.path.join(RUN)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Says how this process is reached.
    pub(crate) fn tell(&self, run: &Run) -> Result<()> {
        write_whole(&self.path.join(RUN), |file| write_json(file, run))?;
        let kubeconfig = millrace_loopback::kubeconfig(run.api);
        write_whole(&self.kubeconfig(), |file| {
            file.write_all(kubeconfig.as_bytes())
        })
    }

    /// A run ended as it should.
    pub(crate) fn forget_run(&self) {
        // A file that is left tells of a run that died, which is worth no more than a word.
        let _left = fs::remove_file(self.path.join(RUN));
    }

    /// Waits until nobody uses the directory any more.
    pub(crate) fn wait(&self) -> Result<Held> {
        let lock = self.lock_file()?;
        flock(&lock, FlockOperation::LockExclusive).context("waiting for the fleet to end")?;
        Ok(Held { _lock: lock })
    }

    /// Deletes everything, if all of it is ours.
    pub(crate) fn delete(&self, _held: &Held) -> Result<()> {
        self.check_ours()?;
        let entries = self.entries()?;
        let is_ours = |name: &OsString| {
            let half_written = Path::new(name).extension() == Some(OsStr::new(HALF_WRITTEN));
            half_written || OURS.iter().any(|ours| OsStr::new(ours) == name)
        };
        if let Some(foreign) = entries.iter().find(|name| !is_ours(name)) {
            bail!(
                "{} also has {}, which is not Millrace's: move that away, or delete the directory by hand",
                self.path.display(),
                foreign.display()
            );
        }
        fs::remove_dir_all(&self.path)
            .with_context(|| format!("cannot delete {}", self.path.display()))
    }

    /// Whether there is anything.
    pub(crate) fn exists(&self) -> bool {
        self.path.join(MARKER).exists()
    }

    /// A directory of somebody else is left alone.
    fn check_ours(&self) -> Result<()> {
        let path = self.path.display();
        if let Ok(text) = fs::read(self.path.join(MARKER)) {
            let marker: Marker = serde_json::from_slice(&text)
                .with_context(|| format!("{path} has a {MARKER} that is not Millrace's"))?;
            if marker.format != FORMAT {
                bail!(
                    "{path} was written by another version of Millrace, in format {} and not {FORMAT}: \
                     use that version, or choose another directory with --data-dir",
                    marker.format
                );
            }
            return Ok(());
        }
        if self.path.exists() && !self.entries()?.is_empty() {
            bail!(
                "{path} is not empty, and not Millrace's: it stays as it is; choose another directory \
                 with --data-dir"
            );
        }
        Ok(())
    }

    fn entries(&self) -> Result<Vec<OsString>> {
        let entries = fs::read_dir(&self.path)
            .with_context(|| format!("cannot read {}", self.path.display()))?;
        let names = entries.map(|entry| Ok(entry?.file_name()));
        names.collect()
    }

    /// `None` when somebody else has it.
    fn lock(&self) -> Result<Option<Held>> {
        for _ in 0..TRIES_MOST {
            let lock = self.lock_file()?;
            if locks(&lock, FlockOperation::NonBlockingLockExclusive)? {
                return Ok(Some(Held { _lock: lock }));
            }
            if self.is_used()? {
                return Ok(None);
            }
            // Somebody looked just then, which takes no time.
            std::thread::yield_now();
        }
        Ok(None)
    }

    fn lock_file(&self) -> Result<File> {
        let path = self.path.join(LOCK);
        let mut options = File::options();
        let file = options.create(true).truncate(false).write(true).open(&path);
        file.with_context(|| format!("cannot write to {}", self.path.display()))
    }
}

/// Whether a lock is had at once.
fn locks(file: &File, how: FlockOperation) -> Result<bool> {
    match flock(file, how) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error).context("locking the data directory"),
    }
}

/// Writes a file that is there either as it was or whole.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    let new = path.with_extension(HALF_WRITTEN);
    let written = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create(&new)?);
        write(&mut file)?;
        file.into_inner()?.sync_all()?;
        fs::rename(&new, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a value without having all of its text at once.
pub(crate) fn write_json(file: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(file, value).map_err(io::Error::from)
}

/// As the base directories of freedesktop.org have it.
fn own_directory() -> Option<PathBuf> {
    let set = |name: &str| {
        let value = std::env::var_os(name)?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    };
    let data = set("XDG_DATA_HOME").filter(|path| path.is_absolute());
    let data = data.or_else(|| Some(set("HOME")?.join(".local/share")))?;
    Some(data.join("millrace"))
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
