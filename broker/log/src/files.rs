//! The names of a log's files, and the directory they are in, which may be renamed while it is used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use millrace_types::Offset;
use parking_lot::RwLock;

use crate::disk::{Disk, DiskFile};
use crate::error::{IoContext, LogError, Result};

pub(crate) const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";
pub(crate) const PARTITION_METADATA: &str = "partition.metadata";

/// Marks a file that is no longer part of the log and waits for its removal.
pub(crate) const DELETED: &str = ".deleted";
/// Marks the half-written output of compaction.
pub(crate) const CLEANED: &str = ".cleaned";
/// Marks the complete output of compaction that is about to replace its sources.
pub(crate) const SWAP: &str = ".swap";

/// What a segment's file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FileKind {
    Log,
    OffsetIndex,
    TimeIndex,
    TxnIndex,
    /// The producers as of the offset in the name.
    Snapshot,
}

impl FileKind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Log,
        Self::OffsetIndex,
        Self::TimeIndex,
        Self::TxnIndex,
        Self::Snapshot,
    ];

    /// What can be built anew from the log's file.
    pub(crate) const INDEXES: [Self; 3] = [Self::OffsetIndex, Self::TimeIndex, Self::TxnIndex];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Log => ".log",
            Self::OffsetIndex => ".index",
            Self::TimeIndex => ".timeindex",
            Self::TxnIndex => ".txnindex",
            Self::Snapshot => ".snapshot",
        }
    }
}

/// The name of a segment's file: `offset` is the segment's base offset, `mark` is empty or one of
/// [`DELETED`], [`CLEANED`], [`SWAP`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentFile<'a> {
    pub(crate) offset: Offset,
    pub(crate) kind: FileKind,
    pub(crate) mark: &'a str,
}

impl SegmentFile<'_> {
    /// What a name stands for, if it is one of a segment's.
    pub(crate) fn parse(name: &str) -> Option<SegmentFile<'_>> {
        let (digits, rest) = name.split_at_checked(20)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let offset = digits.parse().ok()?;
        let (kind, mark) = FileKind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, rest.strip_prefix(kind.suffix())?)))?;
        let known = mark.is_empty() || [DELETED, CLEANED, SWAP].contains(&mark);
        known.then_some(SegmentFile { offset, kind, mark })
    }
}

impl fmt::Display for SegmentFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}{}{}", self.offset, self.kind.suffix(), self.mark)
    }
}

/// The directory of one log. Shared by all that open its files.
#[derive(Debug)]
pub struct LogDir {
    disk: Arc<dyn Disk>,
    path: RwLock<Arc<Path>>,
}

impl LogDir {
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, path: &Path) -> Self {
        let path = RwLock::new(path.into());
        Self { disk, path }
    }

    #[must_use]
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    #[must_use]
    pub fn path(&self) -> Arc<Path> {
        Arc::clone(&self.path.read())
    }

    pub(crate) fn file(&self, offset: Offset, kind: FileKind) -> PathBuf {
        self.path_of(SegmentFile {
            offset,
            kind,
            mark: "",
        })
    }

    pub(crate) fn path_of(&self, file: SegmentFile<'_>) -> PathBuf {
        self.path().join(file.to_string())
    }

    /// Opens a segment's file, also when it has been marked as deleted in the meantime: whoever
    /// found the segment in a list may still read it.
    pub(crate) fn open(&self, file: SegmentFile<'_>) -> Result<Arc<dyn DiskFile>> {
        let path = self.path_of(file);
        let opened = self.disk.open(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => self.disk.open(&self.path_of(SegmentFile {
                mark: DELETED,
                ..file
            })),
            _ => Err(error),
        });
        opened.context("open", &path)
    }

    /// [`LogDir::open`] for a file that may be missing.
    pub(crate) fn open_if_there(&self, file: SegmentFile<'_>) -> Result<Option<Arc<dyn DiskFile>>> {
        match self.open(file) {
            Ok(file) => Ok(Some(file)),
            Err(LogError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn create(&self, file: SegmentFile<'_>) -> Result<Arc<dyn DiskFile>> {
        let path = self.path_of(file);
        self.disk.create(&path).context("create", &path)
    }

    /// Removes a file that may be missing.
    pub(crate) fn remove_if_there(&self, path: &Path) -> Result<()> {
        match self.disk.remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.context("remove", path),
        }
    }

    /// Removes all files of a segment at once. Nobody reads it.
    pub(crate) fn remove_segment(&self, base_offset: Offset) -> Result<()> {
        for kind in FileKind::ALL {
            self.remove_if_there(&self.file(base_offset, kind))?;
        }
        Ok(())
    }

    /// Renames a file that may be missing.
    pub(crate) fn rename_if_there(&self, from: &Path, to: &Path) -> Result<()> {
        match self.disk.rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.context("rename", from),
        }
    }

    pub(crate) fn sync(&self) -> Result<()> {
        let path = self.path();
        self.disk.sync_dir(&path).context("sync", &path)
    }

    /// Moves the whole directory. Who opens a file in this very moment gets an error.
    pub(crate) fn rename(&self, to: &Path) -> Result<()> {
        let from = self.path();
        self.disk.rename(&from, to).context("rename", &from)?;
        *self.path.write() = to.into();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_round_trip() {
        for kind in FileKind::ALL {
            for mark in ["", DELETED, CLEANED, SWAP] {
                for offset in [0, 42, Offset::MAX] {
                    let file = SegmentFile { offset, kind, mark };
                    assert_eq!(SegmentFile::parse(&file.to_string()), Some(file));
                }
            }
        }
        let name = SegmentFile {
            offset: 7,
            kind: FileKind::TimeIndex,
            mark: "",
        }
        .to_string();
        assert_eq!(name, "00000000000000000007.timeindex");
    }

    #[test]
    fn other_names_are_none_of_ours() {
        for name in [
            "",
            LEADER_EPOCH_CHECKPOINT,
            "0000000000000000000.log",
            "00000000000000000000.log.kept",
            "-0000000000000000001.log",
            "99999999999999999999.log",
            "0000000000000000000\u{e4}.log",
        ] {
            assert_eq!(SegmentFile::parse(name), None, "{name}");
        }
    }
}
