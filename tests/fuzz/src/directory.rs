//! A data directory with anything in its small files: it is taken into use or refused, with whatever
//! log it holds, and what was taken once is taken again.

use std::path::Path;
use std::sync::Arc;

use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{DataDir, DataDirError, Identity, LogConfig, LogError, NewLog};
use millrace_types::{NodeId, TopicPartition, Uuid};

use super::disk::{NOW, batch, put_some};

const DIR: &str = "data";
const CLUSTER: &str = "cluster";
const ID: Uuid = Uuid([7; 16]);

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
    let Some((&flags, rest)) = data.split_first() else {
        return;
    };
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    make_log(&disk).expect("memory has room");
    put_some(&*disk, Path::new(DIR), &FILES, flags, rest);
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
    let batch = batch();
    for (_, made) in dir.create_logs(vec![new], 1, NOW) {
        made?.append(std::slice::from_ref(&batch), 0, NOW, &mut Vec::new())?;
    }
    Ok(())
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
