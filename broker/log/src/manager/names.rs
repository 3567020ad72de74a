//! The names of what is in a data directory: checkpoints, and the directories of partitions.

use millrace_types::{TopicPartition, Uuid, validate_topic_name};

pub(super) const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
pub(super) const START_OFFSETS: &str = "log-start-offset-checkpoint";
pub(super) const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";
pub(super) const CLEANER_OFFSETS: &str = "cleaner-offset-checkpoint";

/// The longest name that file systems take.
const MAX_NAME_BYTES: usize = 255;
const DELETION_MARK: &str = "-delete";

/// A directory that has a partition's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDir {
    pub partition: TopicPartition,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DirName {
    Partition(TopicPartition),
    Deleted,
}

impl DirName {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (topic, index) = name.rsplit_once('-')?;
        if name.ends_with(DELETION_MARK) {
            return topic.contains('.').then_some(Self::Deleted);
        }
        let is_number = index == "0" || !index.starts_with('0');
        let digits = index.bytes().all(|byte| byte.is_ascii_digit()) && is_number;
        let partition = index.parse().ok().filter(|_| digits)?;
        validate_topic_name(topic).ok()?;
        Some(Self::Partition(TopicPartition::new(topic, partition)))
    }
}

/// The name of a directory that is to be deleted: that of the partition, cut if need be, and an id, so
/// that a topic can be deleted and created any number of times.
pub(crate) fn deletion_name(partition: &TopicPartition, unique: Uuid) -> String {
    let id: String = unique.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let tail = format!(".{id}{DELETION_MARK}");
    let mut name = partition.to_string();
    name.truncate(MAX_NAME_BYTES - tail.len());
    name + &tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_names_are_told_from_others() {
        let partition = |topic, index| Some(DirName::Partition(TopicPartition::new(topic, index)));
        for (name, expected) in [
            ("a-0", partition("a", 0)),
            ("a-b.c-12", partition("a-b.c", 12)),
            ("a--1", partition("a-", 1)),
            ("a-b-0.00ff-delete", Some(DirName::Deleted)),
            ("x-delete", None),
            ("a", None),
            ("a-", None),
            ("a-01", None),
            ("a-+1", None),
            ("-1", None),
            ("a-99999999999", None),
            ("lost+found-1", None),
            ("a-0.00ff-future", None),
        ] {
            assert_eq!(DirName::parse(name), expected, "{name}");
        }
    }

    #[test]
    fn a_deleted_directory_has_a_legal_name() {
        for topic in ["a".to_owned(), "x".repeat(249)] {
            let name = deletion_name(&TopicPartition::new(topic, 3), Uuid([0xab; 16]));
            assert!(name.len() <= MAX_NAME_BYTES);
            assert_eq!(DirName::parse(&name), Some(DirName::Deleted));
        }
        let name = deletion_name(&TopicPartition::new("a", 3), Uuid([0xab; 16]));
        assert_eq!(name, format!("a-3.{}-delete", "ab".repeat(16)));
    }
}
