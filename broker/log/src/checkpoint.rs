//! Kafka's small text files: offset checkpoints, leader epochs, partition and directory metadata.
//! Each is replaced as a whole, so a crash leaves the old content or the new.

mod properties;
mod text;

use std::fmt::Write as _;
use std::path::Path;

use hashbrown::HashMap;
use millrace_types::{LeaderEpoch, Offset, TopicPartition, Uuid};

use crate::checkpoint::text::{MAX_METADATA_BYTES, malformed, read_lines, read_text, write_lines};
use crate::disk::{Disk, Replace, replace_file, replace_file_unsynced};
use crate::error::{IoContext, Result};

pub use self::properties::MetaProperties;

pub type OffsetCheckpoint = HashMap<TopicPartition, Offset>;

/// One leader's reign: its records begin at `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEntry {
    pub epoch: LeaderEpoch,
    pub start: Offset,
}

/// Writes one offset per partition.
///
/// # Errors
/// When the disk refuses; the old checkpoint is still there.
pub fn write_offsets<'a>(
    disk: &dyn Disk,
    path: &Path,
    offsets: impl Iterator<Item = (&'a TopicPartition, Offset)>,
) -> Result<()> {
    let mut body = String::new();
    let mut count = 0;
    for (TopicPartition { topic, partition }, offset) in offsets {
        count += 1;
        writeln!(body, "{topic} {partition} {offset}").expect("a string takes any text");
    }
    write_lines(disk, path, (count, &body), replace_file)
}

/// Reads what [`write_offsets`] wrote; nothing when there is no such file.
///
/// # Errors
/// When the file is unreadable or malformed.
pub fn read_offsets(disk: &dyn Disk, path: &Path) -> Result<OffsetCheckpoint> {
    let mut offsets = OffsetCheckpoint::new();
    read_lines(disk, path, |fields| {
        let [topic, partition, offset] = fields else {
            return None;
        };
        let partition = TopicPartition::new(*topic, partition.parse().ok()?);
        offsets.insert(partition, offset.parse().ok()?);
        Some(())
    })?;
    Ok(offsets)
}

pub(crate) fn write_epochs(
    disk: &dyn Disk,
    path: &Path,
    epochs: &[EpochEntry],
    replace: Replace,
) -> Result<()> {
    let mut body = String::new();
    for EpochEntry { epoch, start } in epochs {
        writeln!(body, "{epoch} {start}").expect("a string takes any text");
    }
    write_lines(disk, path, (epochs.len(), &body), replace)
}

pub(crate) fn read_epochs(disk: &dyn Disk, path: &Path) -> Result<Vec<EpochEntry>> {
    let mut epochs = Vec::new();
    read_lines(disk, path, |fields| {
        let [epoch, start] = fields else { return None };
        epochs.push(EpochEntry {
            epoch: epoch.parse().ok()?,
            start: start.parse().ok()?,
        });
        Some(())
    })?;
    Ok(epochs)
}

/// Notes to which incarnation of a topic a new directory belongs. It becomes durable with the first
/// flush of the log.
///
/// # Errors
/// When the disk refuses.
pub fn write_topic_id(disk: &dyn Disk, path: &Path, topic_id: Uuid) -> Result<()> {
    let text = format!("version: 0\ntopic_id: {topic_id}");
    replace_file_unsynced(disk, path, text.as_bytes()).context("write", path)
}

/// Reads what [`write_topic_id`] wrote; nothing when there is no such file, or a crash came before the
/// first flush.
///
/// # Errors
/// When the file is unreadable or malformed.
pub fn read_topic_id(disk: &dyn Disk, path: &Path) -> Result<Option<Uuid>> {
    let Some(text) = read_text(disk, path, MAX_METADATA_BYTES)? else {
        return Ok(None);
    };
    if text.bytes().all(|byte| byte == 0) {
        return Ok(None);
    }
    let field = |name: &str| {
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map(str::trim)
    };
    if field("version") != Some("0") {
        return Err(malformed(path, "the version is not 0"));
    }
    match field("topic_id").map(str::parse) {
        Some(Ok(id)) => Ok(Some(id)),
        _ => Err(malformed(path, "there is no valid topic_id")),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::disk::MemDisk;

    const PATH: &str = "dir/checkpoint";

    fn disk_with(text: &str) -> MemDisk {
        let disk = MemDisk::new();
        disk.create_dir_all(Path::new("dir")).unwrap();
        let file = disk.create(Path::new(PATH)).unwrap();
        file.write_all_at(&mut [io::IoSlice::new(text.as_bytes())], 0)
            .unwrap();
        disk
    }

    fn text_on(disk: &MemDisk) -> String {
        read_text(disk, Path::new(PATH), 1000).unwrap().unwrap()
    }

    #[test]
    fn offsets_are_written_as_kafka_writes_them() {
        let disk = disk_with("");
        let partition = TopicPartition::new("a.b_c-d", 3);
        let path = Path::new(PATH);
        write_offsets(&disk, path, [(&partition, 42)].into_iter()).unwrap();
        assert_eq!(text_on(&disk), "0\n1\na.b_c-d 3 42\n");
        let read = read_offsets(&disk, path).unwrap();
        assert_eq!(read, OffsetCheckpoint::from_iter([(partition, 42)]));
    }

    #[test]
    fn epochs_and_topic_ids_are_written_as_kafka_writes_them() {
        let disk = disk_with("");
        let path = Path::new(PATH);
        let epochs = [
            EpochEntry { epoch: 0, start: 0 },
            EpochEntry {
                epoch: 7,
                start: 12,
            },
        ];
        write_epochs(&disk, path, &epochs, replace_file).unwrap();
        assert_eq!(text_on(&disk), "0\n2\n0 0\n7 12\n");
        assert_eq!(read_epochs(&disk, path).unwrap(), epochs);
        let id = Uuid([7; 16]);
        write_topic_id(&disk, path, id).unwrap();
        assert_eq!(
            text_on(&disk),
            "version: 0\ntopic_id: BwcHBwcHBwcHBwcHBwcHBw"
        );
        assert_eq!(read_topic_id(&disk, path).unwrap(), Some(id));
    }

    #[test]
    fn a_missing_file_is_empty() {
        let disk = MemDisk::new();
        let path = Path::new("missing");
        assert!(read_offsets(&disk, path).unwrap().is_empty());
        assert!(read_epochs(&disk, path).unwrap().is_empty());
        assert_eq!(read_topic_id(&disk, path).unwrap(), None);
    }

    #[test]
    fn malformed_files_are_refused() {
        for text in [
            "",
            "1\n0\n",
            "0\n",
            "0\n1\n",
            "0\n0\na 0 0\n",
            "0\n1\na 0\n",
            "0\n1\na x 1\n",
        ] {
            let disk = disk_with(text);
            assert!(read_offsets(&disk, Path::new(PATH)).is_err(), "{text:?}");
        }
        for text in [
            "version: 1\ntopic_id: BwcHBwcHBwcHBwcHBwcHBw",
            "version: 0\ntopic_id: x",
        ] {
            assert!(
                read_topic_id(&disk_with(text), Path::new(PATH)).is_err(),
                "{text:?}"
            );
        }
    }
}
