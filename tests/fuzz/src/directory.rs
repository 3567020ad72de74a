//! A data directory with anything in its small files: it is taken into use or refused, with whatever
//! log it holds, and what was taken once is taken again.

use std::io::IoSlice;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{
    AppendBatch, DataDir, DataDirError, Identity, LogConfig, LogError, NewLog, Origin,
};
use millrace_records::{BatchBuilder, BatchHeader, NewRecord};
use millrace_types::{NodeId, TopicPartition, Uuid};

const DIR: &str = "data";
const CLUSTER: &str = "cluster";
const ID: Uuid = Uuid([7; 16]);
const NOW: i64 = 1_000_000;

/// What the files may hold anything in place of.
const FILES: [&str; 7] = [
    "meta.properties",
    "recovery-point-offset-checkpoint",
    "log-start-offset-checkpoint",
    "replication-offset-checkpoint",
    "cleaner-offset-checkpoint",
    ".kafka_cleanshutdown",
    "topic-0/partition.metadata",
];

/// The first byte says which files there are; each is its length in one byte and its content.
pub fn data_dir(data: &[u8]) {
    let Some((&flags, mut rest)) = data.split_first() else {
        return;
    };
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    make_log(&disk).expect("memory has room");
    for (bit, name) in FILES.iter().enumerate() {
        if flags & (1 << bit) != 0 {
            let length = rest.first().map_or(0, |&length| usize::from(length));
            let content = rest.get(1..).unwrap_or_default();
            let (content, behind) = content.split_at(length.min(content.len()));
            put(&*disk, name, content);
            rest = behind;
        }
    }
    if look(&disk).is_ok() {
        look(&disk).expect("what was taken into use is so again");
    }
}

/// A directory as a process leaves it that is killed: with one log, of one batch.
fn make_log(disk: &Arc<dyn Disk>) -> Result<(), DataDirError> {
    let dir = open(disk)?;
    let new = NewLog {
        partition: TopicPartition::new("topic", 0),
        topic_id: ID,
        config: Arc::new(LogConfig::default()),
    };
    let mut builder = BatchBuilder::new(0);
    let record = NewRecord {
        timestamp: NOW,
        ..NewRecord::default()
    };
    builder.push(&record).expect("one record fits");
    let bytes = builder.build().expect("one record fits");
    let batch = AppendBatch {
        header: BatchHeader::read(&bytes).expect("a batch that was built"),
        bytes: Bytes::from(bytes),
        origin: Origin::Client,
    };
    for (_, made) in dir.create_logs(vec![new], 1, NOW) {
        made?.append(std::slice::from_ref(&batch), 0, NOW, &mut Vec::new())?;
    }
    Ok(())
}

fn put(disk: &dyn Disk, name: &str, content: &[u8]) {
    let path = Path::new(DIR).join(name);
    let file = disk.create(&path).expect("memory has room");
    file.write_all_at(&mut [IoSlice::new(content)], 0)
        .expect("memory has room");
}

fn open(disk: &Arc<dyn Disk>) -> Result<DataDir, DataDirError> {
    let identity = Identity {
        cluster_id: CLUSTER.to_owned(),
        node_id: NodeId(1),
    };
    DataDir::open(Arc::clone(disk), Path::new(DIR), &identity, ID)
}

fn look(disk: &Arc<dyn Disk>) -> Result<(), DataDirError> {
    let dir = open(disk)?;
    let cleaned: Result<_, LogError> = dir.cleaner_offsets();
    drop(cleaned?);
    let config = |_: &TopicPartition| Arc::new(LogConfig::default());
    for (_, opened) in dir.open_logs(1, &config, NOW)? {
        let view = Arc::clone(opened?.log.view());
        assert!(view.start_offset() <= view.end_offset());
    }
    Ok(())
}
