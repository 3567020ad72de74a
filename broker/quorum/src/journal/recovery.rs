//! Reads the journal back. A torn tail that no sync ever covered is cut; anything else that is
//! not as it was written keeps the node from starting: a voter that forgets what it promised can
//! make the whole quorum lose what it acknowledged.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use millrace_log::disk::{Disk, DiskFile, read_file};

use crate::error::QuorumError;
use crate::journal::frame::{self, Place};
use crate::journal::index::{Index, Location};
use crate::journal::record::{self, FORMAT, Head, Record};
use crate::journal::segment::{segment_number, segment_path};
use crate::journal::state::State;
use crate::journal::writer::{MARK_FILE, MARK_PLACE, Mark, Writer};
use crate::options::node_id;

/// No segment is larger: the size that closes one, and the largest write behind it, with room.
const MAX_SEGMENT_FILE: u64 = 512 << 20;

/// A mark is a few bytes.
const MAX_MARK_FILE: u64 = 1024;

/// Reads everything back, cuts what was never durable, and is ready to write.
pub(super) fn recover(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    node: u64,
) -> Result<(Index, Writer), QuorumError> {
    let mut recovery = Recovery {
        disk,
        dir,
        node,
        mark: read_mark(disk, dir)?,
        index: Index::default(),
    };
    let numbers = recovery.numbers()?;
    let segments = without_gaps(&numbers);
    let mut end = None;
    for &number in &segments {
        let is_oldest = Some(&number) == segments.first();
        let is_newest = Some(&number) == segments.last();
        end = recovery.read_segment(number, is_oldest, is_newest)?.or(end);
    }
    if !recovery.index.is_complete() {
        return Err(recovery.damaged(0, 0, "entries are missing from the journal"));
    }
    let (newest, len) = end.unwrap_or((0, 0));
    recovery.check_mark(newest, len)?;
    let oldest = numbers.first().copied().unwrap_or(newest);
    let writer = recovery
        .writer(oldest, newest, len)
        .map_err(|source| QuorumError::storage(dir, source))?;
    Ok((recovery.index, writer))
}

/// The segments up to the newest. Those in front of a gap were purged, but their removal did not
/// last; they will be removed again.
fn without_gaps(numbers: &BTreeSet<u64>) -> Vec<u64> {
    let mut segments: Vec<u64> = Vec::new();
    for &number in numbers.iter().rev() {
        if segments.last().is_some_and(|next| number + 1 != *next) {
            break;
        }
        segments.push(number);
    }
    segments.reverse();
    segments
}

struct Recovery<'a> {
    disk: &'a Arc<dyn Disk>,
    dir: &'a Path,
    node: u64,
    mark: Option<Mark>,
    index: Index,
}

impl Recovery<'_> {
    /// The numbers of all segment files.
    fn numbers(&self) -> Result<BTreeSet<u64>, QuorumError> {
        let entries = self
            .disk
            .list(self.dir)
            .map_err(|source| QuorumError::storage(self.dir, source))?;
        Ok(entries
            .iter()
            .filter_map(|entry| segment_number(&entry.name))
            .collect())
    }

    /// Replays one segment. Returns where it ends, or `None` when it never came to be.
    fn read_segment(
        &mut self,
        number: u64,
        is_oldest: bool,
        is_newest: bool,
    ) -> Result<Option<(u64, u64)>, QuorumError> {
        let path = segment_path(self.dir, number);
        let storage = |source| QuorumError::storage(&path, source);
        let bytes = read_file(&**self.disk, &path, MAX_SEGMENT_FILE).map_err(storage)?;
        let mut at = Place {
            file: number,
            offset: 0,
        };
        let mut rest = &bytes[..];
        while let Some(frame) = frame::decode(rest, at) {
            let len = frame.len();
            let record = record::decode(frame.payload)
                .ok_or_else(|| self.damaged(number, at.offset, "a record is unknown"))?;
            self.replay(&record, at, len, is_oldest)?;
            rest = &rest[len..];
            at = at.plus(len);
        }
        if !rest.is_empty() || at.offset == 0 {
            self.check_torn(rest, at, is_newest)?;
            tracing::warn!(
                ?path,
                at = at.offset,
                "cut a write that was never completed"
            );
            if at.offset == 0 {
                self.disk.remove_file(&path).map_err(storage)?;
                self.disk.sync_dir(self.dir).map_err(storage)?;
                return Ok(None);
            }
            let file = self.disk.open(&path).map_err(storage)?;
            file.set_len(at.offset).map_err(storage)?;
        }
        Ok(Some((number, at.offset)))
    }

    fn replay(
        &mut self,
        record: &Record,
        at: Place,
        len: usize,
        is_oldest: bool,
    ) -> Result<(), QuorumError> {
        if let Record::Head(head) = record {
            self.check_head(head, at)?;
            if is_oldest && at.offset == 0 {
                self.index = Index::new(State::from_head(head));
            }
        } else if at.offset == 0 {
            return Err(self.damaged(at.file, 0, "a segment has no head"));
        }
        let location = Location {
            file: at.file,
            offset: at.offset,
            len,
        };
        self.index
            .step(record, Some(location))
            .map_err(|_| self.damaged(at.file, at.offset, "records do not follow each other"))
    }

    fn check_head(&self, head: &Head, at: Place) -> Result<(), QuorumError> {
        if head.format != FORMAT {
            return Err(self.damaged(at.file, at.offset, "the format is unknown"));
        }
        if head.node != self.node {
            return Err(QuorumError::OtherNode {
                path: segment_path(self.dir, at.file),
                found: node_id(head.node),
                expected: node_id(self.node),
            });
        }
        Ok(())
    }

    /// What is left at the end of a segment is a torn write only if no sync can have covered it.
    fn check_torn(&self, rest: &[u8], at: Place, is_newest: bool) -> Result<(), QuorumError> {
        let was_synced = !is_newest
            || self.mark.is_some_and(|mark| mark > (at.file, at.offset))
            || frame::find_all(rest, at).any(|later| later.synced > at.offset);
        if was_synced {
            return Err(self.damaged(at.file, at.offset, "a record that was durable is not sound"));
        }
        Ok(())
    }

    /// The journal must reach at least as far as it was once known to be durable.
    fn check_mark(&self, newest: u64, len: u64) -> Result<(), QuorumError> {
        match self.mark {
            Some(mark) if mark > (newest, len) => {
                Err(self.damaged(newest, len, "the journal ends before what was durable"))
            }
            _ => Ok(()),
        }
    }

    /// What was kept becomes durable before anybody relies on it: it may never have been synced.
    fn writer(&self, oldest: u64, newest: u64, len: u64) -> std::io::Result<Writer> {
        let path = segment_path(self.dir, newest);
        let file = if len == 0 {
            self.disk.create(&path)?
        } else {
            let file = self.disk.open(&path)?;
            file.sync_data()?;
            file
        };
        let writer = Writer {
            disk: Arc::clone(self.disk),
            dir: self.dir.to_owned(),
            node: self.node,
            state: self.index.state().clone(),
            oldest,
            newest,
            file,
            len,
            mark: open_mark(self.disk, self.dir)?,
        };
        if len > 0 {
            writer.note_mark()?;
        }
        Ok(writer)
    }

    fn damaged(&self, segment: u64, offset: u64, damage: &'static str) -> QuorumError {
        QuorumError::Damaged {
            path: segment_path(self.dir, segment),
            offset,
            damage,
        }
    }
}

fn open_mark(disk: &Arc<dyn Disk>, dir: &Path) -> std::io::Result<Arc<dyn DiskFile>> {
    let path = dir.join(MARK_FILE);
    match disk.open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => disk.create(&path),
        opened => opened,
    }
}

/// The mark, if a whole one was left behind.
fn read_mark(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Option<Mark>, QuorumError> {
    let path = dir.join(MARK_FILE);
    match read_file(&**disk, &path, MAX_MARK_FILE) {
        Ok(bytes) => Ok(frame::decode(&bytes, MARK_PLACE)
            .and_then(|frame| record::decode::<Mark>(frame.payload))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(QuorumError::storage(&path, error)),
    }
}
