//! Puts records into segment files and makes them durable. Exclusive and blocking.

use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::sync::Arc;

use millrace_log::disk::{Disk, DiskFile};

use crate::journal::frame::{self, Place};
use crate::journal::index::Location;
use crate::journal::record::{self, Record};
use crate::journal::segment::segment_path;
use crate::journal::state::State;
use crate::position::LogPosition;

/// A segment that is longer is closed before the next write. Segments are read whole when the node
/// starts and removed whole once a snapshot holds them: short ones keep both quick.
const SEGMENT_BYTES: u64 = 1 << 20;

/// The file that says how far the journal is durable, see [`Mark`].
pub(super) const MARK_FILE: &str = "journal.mark";

/// Where the frame of the mark is, as far as its checksum is concerned.
pub(super) const MARK_PLACE: Place = Place {
    file: u64::MAX,
    offset: 0,
};

/// Everything in front of this place is durable. It is noted after each sync, without one of its
/// own: whatever of it reaches the disk is true. A mark that is missing or torn says nothing.
pub(super) type Mark = (u64, u64);

pub(super) struct Writer {
    pub disk: Arc<dyn Disk>,
    pub dir: PathBuf,
    pub node: u64,
    /// What has been written so far adds up to.
    pub state: State,
    /// The oldest segment that is still there.
    pub oldest: u64,
    /// The newest segment, which takes the next write.
    pub newest: u64,
    pub file: Arc<dyn DiskFile>,
    /// How long the newest segment is. All of it is durable.
    pub len: u64,
    pub mark: Arc<dyn DiskFile>,
}

impl Writer {
    /// Writes the records and syncs once. Returns where the entries among them are.
    ///
    /// # Errors
    /// When the disk fails. Nothing may be written afterwards.
    pub(super) fn write<'a>(
        &mut self,
        records: impl Iterator<Item = &'a Record>,
    ) -> io::Result<Vec<(LogPosition, Location)>> {
        let mut group = Vec::new();
        let opens_segment = self.len >= SEGMENT_BYTES;
        if opens_segment {
            self.file = self
                .disk
                .create(&segment_path(&self.dir, self.newest + 1))?;
            self.newest += 1;
            self.len = 0;
        }
        if self.len == 0 {
            let head = Record::Head(self.state.head(self.node));
            self.encode(&mut group, &head)?;
        }
        let mut written = Vec::new();
        for record in records {
            let at = self.encode(&mut group, record)?;
            if let Record::Entry(entry) = record {
                written.push((entry.position, at));
            }
        }
        self.file
            .write_all_at(&mut [IoSlice::new(&group)], self.len)?;
        self.file.sync_data()?;
        if self.len == 0 {
            self.disk.sync_dir(&self.dir)?;
        }
        self.len += group.len() as u64;
        self.note_mark()?;
        Ok(written)
    }

    /// Removes the segments in front of `oldest`, the first that holds a live entry; without one
    /// only the newest is needed. A file that stays behind does no harm and is tried again.
    pub(super) fn delete_before(&mut self, oldest: Option<u64>) {
        let needed = oldest.unwrap_or(self.newest);
        while self.oldest < needed {
            let path = segment_path(&self.dir, self.oldest);
            if let Err(error) = self.disk.remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(?path, %error, "a purged segment cannot be removed");
                return;
            }
            self.oldest += 1;
        }
    }

    pub(super) fn note_mark(&self) -> io::Result<()> {
        let mark: Mark = (self.newest, self.len);
        let mut bytes = Vec::new();
        frame::encode(
            &mut bytes,
            MARK_PLACE,
            0,
            &record::encode(&mark, Vec::new()),
        );
        self.mark.write_all_at(&mut [IoSlice::new(&bytes)], 0)
    }

    fn encode(&mut self, group: &mut Vec<u8>, record: &Record) -> io::Result<Location> {
        self.state
            .step(record)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let at = Place {
            file: self.newest,
            offset: self.len + group.len() as u64,
        };
        let before = group.len();
        frame::encode(group, at, self.len, &record::encode(record, Vec::new()));
        Ok(Location {
            file: at.file,
            offset: at.offset,
            len: group.len() - before,
        })
    }
}
