//! One voter: it leads at once, keeps what it acknowledged, and refuses what is not its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::{Disk, MemDisk};
use millrace_types::NodeId;

use crate::error::QuorumError;
use crate::options::QuorumOptions;
use crate::quorum::MetadataQuorum;
use crate::tests::Recorder;
use crate::transport::NoTransport;

const DIR: &str = "/data/quorum";

fn options(node: i32, voters: &[i32]) -> QuorumOptions {
    let voters = voters.iter().copied().map(NodeId).collect();
    QuorumOptions::new(NodeId(node), voters, PathBuf::from(DIR))
}

async fn open_as(
    disk: &MemDisk,
    options: QuorumOptions,
) -> Result<(MetadataQuorum, Recorder), QuorumError> {
    let recorder = Recorder::default();
    let machine = Box::new(recorder.clone());
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let quorum = MetadataQuorum::open(options, disk, machine, Arc::new(NoTransport)).await?;
    Ok((quorum, recorder))
}

async fn open(disk: &MemDisk) -> (MetadataQuorum, Recorder) {
    open_as(disk, options(1, &[1])).await.unwrap()
}

fn new_disk() -> MemDisk {
    let disk = MemDisk::new();
    disk.create_dir_all(Path::new("/data")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    disk
}

#[tokio::test]
async fn leads_at_once_and_remembers_after_a_restart() {
    let disk = new_disk();
    let (quorum, recorder) = open(&disk).await;
    let first = quorum.propose(Bytes::from_static(b"one")).await.unwrap();
    let second = quorum.propose(Bytes::from_static(b"two")).await.unwrap();
    assert!(first < second);
    assert_eq!(recorder.batches(), ["one", "two"]);
    let status = quorum.status();
    assert!(status.leadership.is_self);
    assert_eq!(status.leadership.term, first.term);
    assert_eq!(status.voters.len(), 1);
    assert_eq!(status.voters[0].last_index, Some(second.index));
    quorum.shutdown().await;
    assert!(matches!(
        quorum.propose(Bytes::new()).await,
        Err(QuorumError::Shutdown)
    ));

    let (quorum, recorder) = open(&disk).await;
    assert_eq!(recorder.batches(), ["one", "two"]);
    let third = quorum.propose(Bytes::from_static(b"three")).await.unwrap();
    assert!(third.term > second.term);
    assert_eq!(recorder.batches(), ["one", "two", "three"]);
    quorum.shutdown().await;
}
