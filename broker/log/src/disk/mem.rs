//! A file system in memory that knows what would survive a power loss: the data of a file as of its
//! last sync, and the names of a directory as of its last sync.

mod file;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::disk::interface::{DirEntry, Disk, DiskFile, DiskLock, Space};
use file::MemFile;

#[derive(Clone, Debug, Default)]
pub struct MemDisk {
    state: Arc<Mutex<Volume>>,
}

#[derive(Debug)]
struct Volume {
    /// What running programs see.
    names: BTreeMap<PathBuf, Node>,
    /// What is left after a power loss.
    durable_names: BTreeMap<PathBuf, Node>,
    locked: Vec<PathBuf>,
    capacity: u64,
}

/// Far more than a test writes.
const DEFAULT_CAPACITY: u64 = 1 << 40;

impl Default for Volume {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            locked: Vec::new(),
            capacity: DEFAULT_CAPACITY,
        }
    }
}

#[derive(Clone, Debug)]
enum Node {
    Dir,
    File(Arc<MemFile>),
}

#[derive(Debug)]
struct MemLock {
    state: Arc<Mutex<Volume>>,
    path: PathBuf,
}

impl DiskLock for MemLock {}

impl Drop for MemLock {
    fn drop(&mut self) {
        self.state.lock().locked.retain(|path| *path != self.path);
    }
}

impl MemDisk {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The disk as it is found after a power loss now. What was not synced is gone, or, as `chance`
    /// decides file by file, partly there: `chance(n)` must return a number below `n`.
    #[must_use]
    pub fn after_power_loss(&self, chance: &mut dyn FnMut(usize) -> usize) -> Self {
        let volume = self.state.lock();
        let mut names = BTreeMap::new();
        for (path, node) in &volume.durable_names {
            let survivor = match node {
                Node::Dir => Node::Dir,
                Node::File(file) => Node::File(Arc::new(file.after_power_loss(chance))),
            };
            names.insert(path.clone(), survivor);
        }
        let durable_names = names.clone();
        let capacity = volume.capacity;
        let state = Volume {
            names,
            durable_names,
            locked: Vec::new(),
            capacity,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn file(&self, path: &Path) -> io::Result<Arc<MemFile>> {
        match self.state.lock().names.get(path) {
            Some(Node::File(file)) => Ok(Arc::clone(file)),
            Some(Node::Dir) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }
}

impl Volume {
    fn require_parent(&self, path: &Path) -> io::Result<()> {
        match path.parent() {
            None => Ok(()),
            Some(parent) if parent.as_os_str().is_empty() => Ok(()),
            Some(parent) => self.require_dir(parent),
        }
    }

    fn require_dir(&self, path: &Path) -> io::Result<()> {
        match self.names.get(path) {
            Some(Node::Dir) => Ok(()),
            Some(Node::File(_)) => Err(ErrorKind::NotADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }
}

impl Disk for MemDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(path)?)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut volume = self.state.lock();
        volume.require_parent(path)?;
        match volume.names.get(path) {
            Some(Node::Dir) => Err(ErrorKind::IsADirectory.into()),
            Some(Node::File(file)) => {
                file.clear();
                Ok(Arc::clone(file) as Arc<dyn DiskFile>)
            }
            None => {
                let file = Arc::new(MemFile::default());
                volume
                    .names
                    .insert(path.to_owned(), Node::File(Arc::clone(&file)));
                Ok(file)
            }
        }
    }

    fn file_len(&self, path: &Path) -> io::Result<u64> {
        self.file(path)?.len()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut volume = self.state.lock();
        volume.require_parent(to)?;
        if !volume.names.contains_key(from) {
            return Err(ErrorKind::NotFound.into());
        }
        let is_inside = |path: &Path, dir: &Path| path != dir && path.starts_with(dir);
        if volume.names.keys().any(|path| is_inside(path, to)) {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        // Inside a moved directory the durable names move along: it is the same directory.
        rename_in(&mut volume.names, from, to, |_| true);
        rename_in(&mut volume.durable_names, from, to, |path| {
            is_inside(path, from)
        });
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.file(path)?;
        self.state.lock().names.remove(path);
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut volume = self.state.lock();
        volume.require_dir(path)?;
        volume.names.retain(|name, _| !name.starts_with(path));
        Ok(())
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut volume = self.state.lock();
        for dir in path.ancestors().filter(|dir| !dir.as_os_str().is_empty()) {
            match volume.names.get(dir) {
                Some(Node::File(_)) => return Err(ErrorKind::NotADirectory.into()),
                Some(Node::Dir) => {}
                None => {
                    volume.names.insert(dir.to_owned(), Node::Dir);
                }
            }
        }
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let volume = self.state.lock();
        volume.require_dir(dir)?;
        let children = volume.names.range(dir.to_owned()..);
        let children = children.take_while(|(path, _)| path.starts_with(dir));
        let mut entries = Vec::new();
        for (path, node) in children.filter(|(path, _)| path.parent() == Some(dir)) {
            let name = path.file_name().and_then(|name| name.to_str());
            let is_dir = matches!(node, Node::Dir);
            entries.extend(name.map(|name| DirEntry {
                name: name.to_owned(),
                is_dir,
            }));
        }
        Ok(entries)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut volume = self.state.lock();
        volume.require_dir(dir)?;
        let Volume {
            names,
            durable_names,
            ..
        } = &mut *volume;
        let is_child = |path: &Path| path.parent() == Some(dir);
        durable_names.retain(|path, _| !is_child(path) || names.contains_key(path));
        for (path, node) in names.iter().filter(|(path, _)| is_child(path)) {
            durable_names.insert(path.clone(), node.clone());
        }
        // The directory itself is here, so are its parents: real file systems keep no orphans.
        for parent in dir
            .ancestors()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            durable_names.insert(parent.to_owned(), Node::Dir);
        }
        Ok(())
    }

    fn sync_volume(&self, dir: &Path) -> io::Result<()> {
        let mut volume = self.state.lock();
        volume.require_dir(dir)?;
        for node in volume.names.values() {
            if let Node::File(file) = node {
                file.sync_data()?;
            }
        }
        volume.durable_names = volume.names.clone();
        Ok(())
    }

    fn space(&self, dir: &Path) -> io::Result<Space> {
        let volume = self.state.lock();
        volume.require_dir(dir)?;
        let size = |node: &Node| match node {
            Node::Dir => 0,
            Node::File(file) => file.size(),
        };
        let used: u64 = volume.names.values().map(size).sum();
        let total = volume.capacity;
        Ok(Space {
            total,
            usable: total.saturating_sub(used),
        })
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn DiskLock>> {
        if self.file(path).is_err() {
            self.create(path)?;
        }
        let mut volume = self.state.lock();
        if volume.locked.iter().any(|locked| locked == path) {
            return Err(ErrorKind::WouldBlock.into());
        }
        volume.locked.push(path.to_owned());
        Ok(Box::new(MemLock {
            state: Arc::clone(&self.state),
            path: path.to_owned(),
        }))
    }
}

/// Moves what is at or below `from` and is `wanted` to `to`.
fn rename_in(
    names: &mut BTreeMap<PathBuf, Node>,
    from: &Path,
    to: &Path,
    wanted: impl Fn(&Path) -> bool,
) {
    let moved = names
        .keys()
        .filter(|path| path.starts_with(from) && wanted(path));
    for path in moved.cloned().collect::<Vec<_>>() {
        let Some(node) = names.remove(&path) else {
            continue;
        };
        let tail = path.strip_prefix(from).unwrap_or(Path::new(""));
        let renamed = if tail.as_os_str().is_empty() {
            to.to_owned()
        } else {
            to.join(tail)
        };
        names.insert(renamed, node);
    }
}
