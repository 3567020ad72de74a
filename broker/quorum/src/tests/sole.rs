//! One voter: it leads at once, keeps what it acknowledged, and refuses what is not its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk};
use millrace_types::NodeId;

use crate::MAX_BATCH_BYTES;
use crate::error::QuorumError;
use crate::options::QuorumOptions;
use crate::quorum::MetadataQuorum;
use crate::raft::machine::SNAPSHOT_BYTES;
use crate::tests::Recorder;
use crate::transport::NoTransport;

const DIR: &str = "/data/quorum";

/// Far longer than anything here takes: only a test that would hang meets it.
const PATIENCE: Duration = Duration::from_secs(60);

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

#[tokio::test]
async fn refuses_what_is_not_its_own() {
    let disk = new_disk();
    open(&disk).await.0.shutdown().await;
    let outcome = |node, voters| {
        let disk = disk.clone();
        async move { open_as(&disk, options(node, voters)).await.map(drop) }
    };
    let other_node = outcome(2, &[2]).await;
    assert!(
        matches!(
            other_node,
            Err(QuorumError::OtherNode {
                found: NodeId(1),
                ..
            })
        ),
        "{other_node:?}"
    );
    let other_voters = outcome(1, &[1, 2, 3]).await;
    assert!(
        matches!(other_voters, Err(QuorumError::OtherVoters { .. })),
        "{other_voters:?}"
    );
    let no_voter = outcome(1, &[2]).await;
    assert!(
        matches!(no_voter, Err(QuorumError::NotAVoter { .. })),
        "{no_voter:?}"
    );
    let no_node = outcome(-1, &[-1]).await;
    assert!(
        matches!(no_node, Err(QuorumError::NotAVoter { .. })),
        "{no_node:?}"
    );
    outcome(1, &[1]).await.unwrap();
}

#[tokio::test]
async fn proposals_have_a_limit() {
    let (quorum, recorder) = open(&new_disk()).await;
    let too_large = quorum
        .propose(Bytes::from(vec![0; MAX_BATCH_BYTES + 1]))
        .await;
    assert!(
        matches!(too_large, Err(QuorumError::BatchTooLarge { .. })),
        "{too_large:?}"
    );
    quorum
        .propose(Bytes::from(vec![b'x'; MAX_BATCH_BYTES]))
        .await
        .unwrap();
    assert_eq!(recorder.batches().len(), 1);
    quorum.shutdown().await;
}

#[tokio::test]
async fn a_decision_of_an_earlier_term_is_not_written() {
    let disk = new_disk();
    let (quorum, _) = open(&disk).await;
    let term = quorum.status().leadership.term;
    let in_term = |quorum: MetadataQuorum, term| async move {
        quorum
            .submit(Bytes::from_static(b"x"), Some(term))
            .await
            .unwrap()
            .committed()
            .await
    };
    in_term(quorum.clone(), term).await.unwrap();
    quorum.shutdown().await;
    let (quorum, recorder) = open(&disk).await;
    let stale = in_term(quorum.clone(), term).await;
    assert!(
        matches!(stale, Err(QuorumError::NotLeader { .. })),
        "{stale:?}"
    );
    assert_eq!(recorder.batches(), ["x"]);
    quorum.shutdown().await;
}

#[tokio::test]
async fn starts_from_a_snapshot_and_what_came_after() {
    let disk = new_disk();
    let (quorum, recorder) = open(&disk).await;
    for batch in 0..4 {
        let batch = Bytes::from(vec![b'a' + batch; SNAPSHOT_BYTES / 3]);
        quorum.propose(batch).await.unwrap();
    }
    let made = async {
        while quorum.status().snapshot.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, made)
        .await
        .expect("a snapshot is made");
    quorum.propose(Bytes::from_static(b"after")).await.unwrap();
    let batches = recorder.batches();
    assert_eq!(batches.len(), 5);
    quorum.shutdown().await;

    let (quorum, recorder) = open(&disk).await;
    assert!(quorum.status().snapshot.is_some());
    assert_eq!(recorder.batches(), batches);
    quorum.shutdown().await;

    for name in snapshots(&disk) {
        let path = Path::new(DIR).join(name);
        let file = disk.open(&path).unwrap();
        file.set_len(file.len().unwrap() - 1).unwrap();
    }
    let damaged = open_as(&disk, options(1, &[1])).await.map(drop);
    assert!(
        matches!(damaged, Err(QuorumError::Storage { .. })),
        "{damaged:?}"
    );
}

#[tokio::test]
async fn a_journal_that_vanished_is_noticed_by_its_snapshot() {
    let disk = new_disk();
    let (quorum, _) = open(&disk).await;
    for _ in 0..4 {
        quorum
            .propose(Bytes::from(vec![0; SNAPSHOT_BYTES / 3]))
            .await
            .unwrap();
    }
    let made = async {
        while snapshots(&disk).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, made)
        .await
        .expect("a snapshot is made");
    quorum.shutdown().await;
    for entry in disk.list(Path::new(DIR)).unwrap() {
        if entry.name.contains("journal") {
            disk.remove_file(&Path::new(DIR).join(entry.name)).unwrap();
        }
    }
    let vanished = open_as(&disk, options(1, &[1])).await.map(drop);
    assert!(
        matches!(vanished, Err(QuorumError::Damaged { .. })),
        "{vanished:?}"
    );
}

#[tokio::test]
async fn a_disk_that_fails_stops_the_node_and_power_loss_keeps_what_was_acknowledged() {
    for dies_after in 0..40 {
        let disk = new_disk();
        let hostile = HostileDisk::new(Arc::new(disk.clone()));
        hostile.fail_after(dies_after, Fault::Dead);
        let recorder = Box::new(Recorder::default());
        let no_transport = Arc::new(NoTransport);
        let opened =
            MetadataQuorum::open(options(1, &[1]), Arc::new(hostile), recorder, no_transport).await;
        let mut acknowledged = Vec::new();
        let mut failure = opened.as_ref().err().map(ToString::to_string);
        if let Ok(quorum) = &opened {
            while failure.is_none() {
                let batch = acknowledged.len().to_string();
                match quorum.propose(Bytes::from(batch.clone())).await {
                    Ok(_) => acknowledged.push(batch),
                    Err(error) => {
                        assert!(matches!(error, QuorumError::Storage { .. }), "{error:?}");
                        failure = Some(error.to_string());
                    }
                }
            }
            quorum.shutdown().await;
        }
        let mut dice = 0;
        let survivor = disk.after_power_loss(&mut |n| {
            dice += 7;
            dice % n
        });
        let (quorum, recorder) = open(&survivor).await;
        let found = recorder.batches();
        assert!(
            found.len() <= acknowledged.len() + 1 && found.starts_with(&acknowledged),
            "{acknowledged:?} became {found:?} after {failure:?}"
        );
        quorum.shutdown().await;
    }
}

fn snapshots(disk: &MemDisk) -> Vec<String> {
    let entries = disk.list(Path::new(DIR)).unwrap();
    let names = entries.into_iter().map(|entry| entry.name);
    names.filter(|name| name.ends_with(".snapshot")).collect()
}
