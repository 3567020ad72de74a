//! Directories, topics, the cleaner and the metadata log.

use std::path::PathBuf;

use crate::findings::Findings;
use crate::values::Values;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageConfig {
    /// Where partitions are stored.
    pub dirs: Vec<PathBuf>,
    pub recovery_threads_per_dir: usize,
    pub retention_check_ms: i64,
    pub flush_check_ms: i64,
    pub recovery_point_checkpoint_ms: i64,
    /// Wait after the start before retention and flushing begin.
    pub first_task_delay_ms: i64,
    pub failed_dir_timeout_ms: i64,
}

impl StorageConfig {
    pub(crate) fn read(values: &Values, findings: &mut Findings<'_>) -> Self {
        Self {
            dirs: dirs(values, findings),
            recovery_threads_per_dir: values.size("num.recovery.threads.per.data.dir"),
            retention_check_ms: values.number("log.retention.check.interval.ms"),
            flush_check_ms: values.number("log.flush.scheduler.interval.ms"),
            recovery_point_checkpoint_ms: values.number("log.flush.offset.checkpoint.interval.ms"),
            first_task_delay_ms: values.number("log.initial.task.delay.ms"),
            failed_dir_timeout_ms: values.number("log.dir.failure.timeout.ms"),
        }
    }
}

fn dirs(values: &Values, findings: &mut Findings<'_>) -> Vec<PathBuf> {
    let (key, said) = match values.list("log.dirs") {
        [] if !findings.was_said("log.dirs") => ("log.dir", values.list("log.dir")),
        said => ("log.dirs", said),
    };
    let mut dirs: Vec<PathBuf> = Vec::new();
    for dir in said {
        if dir.is_empty() {
            findings.refuse(key, "names an empty directory");
        } else if dirs.contains(&dir.into()) {
            findings.refuse(key, format!("names {dir} twice"));
        } else {
            dirs.push(dir.into());
        }
    }
    if said.is_empty() {
        findings.refuse(key, "must name at least one directory");
    }
    dirs
}

/// What a topic gets that is created without saying so, and whether it may come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicsConfig {
    pub auto_create: bool,
    pub may_delete: bool,
    pub partitions: i32,
    pub replication_factor: i32,
}

impl TopicsConfig {
    pub(crate) fn read(values: &Values) -> Self {
        Self {
            auto_create: values.flag("auto.create.topics.enable"),
            may_delete: values.flag("delete.topic.enable"),
            partitions: values.int("num.partitions"),
            replication_factor: values.int("default.replication.factor"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CleanerConfig {
    pub enabled: bool,
    pub threads: usize,
    pub backoff_ms: i64,
    /// Memory for the key maps of all threads.
    pub dedupe_buffer_bytes: usize,
    /// How full a key map may become.
    pub load_factor: f64,
    /// Memory for reading and writing of all threads.
    pub io_buffer_bytes: usize,
    /// Over all threads.
    pub io_max_bytes_per_second: f64,
}

impl CleanerConfig {
    pub(crate) fn read(values: &Values) -> Self {
        Self {
            enabled: values.flag("log.cleaner.enable"),
            threads: values.size("log.cleaner.threads"),
            backoff_ms: values.number("log.cleaner.backoff.ms"),
            dedupe_buffer_bytes: values.size("log.cleaner.dedupe.buffer.size"),
            load_factor: values.double("log.cleaner.io.buffer.load.factor"),
            io_buffer_bytes: values.size("log.cleaner.io.buffer.size"),
            io_max_bytes_per_second: values.double("log.cleaner.io.max.bytes.per.second"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataLogConfig {
    /// The first log directory when nothing else was said.
    pub dir: PathBuf,
    pub segment_bytes: usize,
    pub segment_ms: i64,
    /// `None` is no limit.
    pub retention_bytes: Option<u64>,
    pub retention_ms: i64,
    pub snapshot_bytes: i64,
    /// 0 is no limit.
    pub snapshot_interval_ms: i64,
}

impl MetadataLogConfig {
    pub(crate) fn read(values: &Values, dirs: &[PathBuf]) -> Self {
        let said = values.text("metadata.log.dir").map(PathBuf::from);
        let first = || dirs.first().cloned().unwrap_or_default();
        Self {
            dir: said.unwrap_or_else(first),
            segment_bytes: values.size("metadata.log.segment.bytes"),
            segment_ms: values.number("metadata.log.segment.ms"),
            retention_bytes: values.limit("metadata.max.retention.bytes"),
            retention_ms: values.number("metadata.max.retention.ms"),
            snapshot_bytes: values.number("metadata.log.max.record.bytes.between.snapshots"),
            snapshot_interval_ms: values.number("metadata.log.max.snapshot.interval.ms"),
        }
    }
}
