//! The journal through crashes and damage: what was acknowledged is there, or nothing starts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk, read_file, replace_file};
use millrace_types::NodeId;
use proptest::prelude::*;

use crate::error::QuorumError;
use crate::journal::Journal;
use crate::journal::record::{Entry, Payload, Record, Vote};
use crate::journal::segment::{segment_number, segment_path};
use crate::journal::state::State;
use crate::journal::writer::MARK_FILE;
use crate::position::LogPosition;

const NODE: u64 = 1;

fn dir() -> &'static Path {
    Path::new("/quorum")
}

fn new_disk() -> MemDisk {
    let disk = MemDisk::new();
    disk.create_dir_all(dir()).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    disk
}

fn open(disk: &MemDisk) -> Result<Journal, QuorumError> {
    Journal::open(Arc::new(disk.clone()), dir(), NODE)
}

fn at(term: u64, index: u64) -> LogPosition {
    LogPosition { term, index }
}

fn entry(term: u64, index: u64, bytes: usize) -> Record {
    let batch = Bytes::from(vec![index.to_le_bytes()[0]; bytes]);
    Record::Entry(Entry {
        position: at(term, index),
        payload: Payload::Batch(batch),
    })
}

fn vote(term: u64) -> Record {
    let (node, committed) = (NODE, true);
    Record::Vote(Vote {
        term,
        node,
        committed,
    })
}

/// A journal with a vote and entries 0 to `count`, each written for itself, closed.
async fn written(count: u64, bytes: usize) -> MemDisk {
    let disk = new_disk();
    let journal = open(&disk).unwrap();
    journal.write(vec![vote(1)]).await.unwrap();
    for index in 0..count {
        journal.write(vec![entry(1, index, bytes)]).await.unwrap();
    }
    journal.close().await;
    disk
}

fn flip(disk: &MemDisk, path: &Path, offset: u64) {
    let file = disk.open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    let flipped = [byte[0] ^ 1];
    file.write_all_at(&mut [std::io::IoSlice::new(&flipped)], offset)
        .unwrap();
}

fn len(disk: &MemDisk, path: &Path) -> u64 {
    disk.open(path).unwrap().len().unwrap()
}

fn segments(disk: &MemDisk) -> Vec<PathBuf> {
    let entries = disk.list(dir()).unwrap();
    let numbers = entries
        .iter()
        .filter_map(|entry| segment_number(&entry.name));
    let mut paths: Vec<_> = numbers.map(|number| segment_path(dir(), number)).collect();
    paths.sort_unstable();
    paths
}

async fn indexes(journal: &Journal) -> Vec<u64> {
    let entries = journal.read(0..u64::MAX, usize::MAX).await.unwrap();
    entries.iter().map(|entry| entry.position.index).collect()
}

#[tokio::test]
async fn entries_are_read_from_memory_and_from_files_alike() {
    let bytes = 1 << 20;
    let disk = written(24, bytes).await;
    assert!(segments(&disk).len() > 1);
    let journal = open(&disk).unwrap();
    assert_eq!(indexes(&journal).await, Vec::from_iter(0..24));
    let read = |range, max| {
        let journal = journal.clone();
        async move { journal.read(range, max).await.unwrap() }
    };
    for entry in read(0..24, usize::MAX).await {
        let expected = Bytes::from(vec![entry.position.index.to_le_bytes()[0]; bytes]);
        assert_eq!(entry.payload, Payload::Batch(expected));
    }
    assert_eq!(read(3..5, usize::MAX).await.len(), 2);
    assert_eq!(read(22..99, usize::MAX).await.len(), 2);
    assert_eq!(read(50..99, usize::MAX).await.len(), 0);
    assert_eq!(read(0..24, 1).await.len(), 1, "one entry is always read");
    assert_eq!(read(23..24, 1).await.len(), 1, "one entry is always read");
    let some = read(0..24, 5 * bytes).await.len();
    assert!((1..8).contains(&some), "{some} entries");
}

#[tokio::test]
async fn purging_removes_whole_segments_and_keeps_the_vote() {
    let disk = written(24, 1 << 20).await;
    let journal = open(&disk).unwrap();
    let before = segments(&disk).len();
    journal
        .write(vec![Record::Purged(at(1, 20))])
        .await
        .unwrap();
    assert!(segments(&disk).len() < before);
    assert_eq!(indexes(&journal).await, [21, 22, 23]);
    journal.close().await;

    let journal = open(&disk).unwrap();
    assert_eq!(indexes(&journal).await, [21, 22, 23]);
    assert_eq!(journal.state().vote.map(|vote| vote.term), Some(1));
    journal
        .write(vec![Record::Purged(at(5, 40))])
        .await
        .unwrap();
    assert_eq!(segments(&disk).len(), 1);
    journal.write(vec![entry(5, 41, 1)]).await.unwrap();
    assert_eq!(indexes(&journal).await, [41]);
}

#[tokio::test]
async fn a_purged_segment_that_came_back_is_removed_again() {
    let disk = written(8, 1 << 20).await;
    let first = segment_path(dir(), 0);
    let content = read_file(&disk, &first, u64::MAX).unwrap();
    let journal = open(&disk).unwrap();
    journal.write(vec![Record::Purged(at(1, 5))]).await.unwrap();
    journal.close().await;
    replace_file(&disk, &first, &content).unwrap();

    let journal = open(&disk).unwrap();
    assert_eq!(indexes(&journal).await, [6, 7]);
    journal.write(vec![vote(2)]).await.unwrap();
    assert!(!segments(&disk).contains(&first));
}

#[tokio::test]
async fn a_write_that_was_never_synced_is_cut() {
    let disk = written(3, 100).await;
    let segment = segment_path(dir(), 0);
    for cut in 1..140 {
        let disk = disk.after_power_loss(&mut |_| 0);
        // A crash before the mark reached the disk.
        disk.remove_file(&dir().join(MARK_FILE)).unwrap();
        let file = disk.open(&segment).unwrap();
        file.set_len(file.len().unwrap() - cut).unwrap();
        let journal = open(&disk).unwrap();
        let kept = indexes(&journal).await.len() as u64;
        assert!(
            (1..=2).contains(&kept),
            "{kept} entries after losing {cut} bytes"
        );
        journal.write(vec![entry(2, kept, 10)]).await.unwrap();
        journal.close().await;
        assert_eq!(
            indexes(&open(&disk).unwrap()).await,
            Vec::from_iter(0..=kept)
        );
    }
}

/// Half of a torn write may be sound. Were it left behind the cut, it would come back to life as
/// soon as a new record of the right length takes the place of the half that was lost.
#[tokio::test]
async fn what_is_cut_never_comes_back() {
    let disk = written(1, 100).await;
    let start = len(&disk, &segment_path(dir(), 0));
    let mark = disk.after_power_loss(&mut |_| 0);
    let journal = open(&disk).unwrap();
    journal
        .write(vec![entry(1, 1, 100), entry(1, 2, 100)])
        .await
        .unwrap();
    journal.close().await;
    flip(&disk, &segment_path(dir(), 0), start + 50);
    let old_mark = read_file(&mark, &dir().join(MARK_FILE), 100).unwrap();
    replace_file(&disk, &dir().join(MARK_FILE), &old_mark).unwrap();

    let journal = open(&disk).unwrap();
    assert_eq!(indexes(&journal).await, [0]);
    journal.write(vec![entry(1, 1, 100)]).await.unwrap();
    journal.close().await;
    assert_eq!(indexes(&open(&disk).unwrap()).await, [0, 1]);
}

/// A process that crashed left bytes that no sync had covered. Once Raft has been told of them,
/// they must outlast a power loss too.
#[tokio::test]
async fn what_recovery_keeps_is_durable() {
    for fails_after in 0..8 {
        let disk = written(2, 100).await;
        let hostile = HostileDisk::new(Arc::new(disk.clone()));
        let journal = Journal::open(Arc::new(hostile.clone()), dir(), NODE).unwrap();
        hostile.fail_after(fails_after, Fault::Io);
        let _ = journal.write(vec![entry(1, 2, 100)]).await;
        journal.close().await;

        let journal = open(&disk).unwrap();
        let kept = indexes(&journal).await;
        let survivor = disk.after_power_loss(&mut |_| 0);
        assert_eq!(
            indexes(&open(&survivor).unwrap()).await,
            kept,
            "{fails_after}"
        );
    }
}

#[tokio::test]
async fn damage_to_what_was_durable_is_refused() {
    let small = written(3, 100).await;
    let large = written(24, 1 << 20).await;
    let first = segment_path(dir(), 0);
    let tail = len(&small, &first) - 1;
    let forget_mark = |disk: &MemDisk| disk.remove_file(&dir().join(MARK_FILE)).unwrap();
    let check = |name: &str, disk: &MemDisk, harm: &dyn Fn(&MemDisk)| {
        let disk = disk.after_power_loss(&mut |_| 0);
        harm(&disk);
        match open(&disk) {
            Err(QuorumError::Damaged { .. }) => {}
            Err(other) => panic!("{name}: {other}"),
            Ok(journal) => panic!("{name}: accepted as {:?}", journal.state()),
        }
    };
    check("the tail, known to be durable", &small, &|disk| {
        flip(disk, &first, tail);
    });
    check("the end is gone, known to be durable", &small, &|disk| {
        disk.open(&first).unwrap().set_len(200).unwrap();
    });
    check("the whole segment is gone", &small, &|disk| {
        disk.remove_file(&first).unwrap();
    });
    check("the middle, even without a mark", &small, &|disk| {
        forget_mark(disk);
        flip(disk, &first, 100);
    });
    check("the head, even without a mark", &small, &|disk| {
        forget_mark(disk);
        flip(disk, &first, 30);
    });
    check("the end of a closed segment", &large, &|disk| {
        forget_mark(disk);
        let file = disk.open(&first).unwrap();
        file.set_len(file.len().unwrap() - 1).unwrap();
    });
    check("a segment in the middle is gone", &large, &|disk| {
        disk.remove_file(&segment_path(dir(), 1)).unwrap();
    });
    check("the first segment is gone", &large, &|disk| {
        disk.remove_file(&first).unwrap();
    });
}

#[tokio::test]
async fn a_journal_has_one_owner_and_one_node() {
    let disk = written(1, 10).await;
    let other = Journal::open(Arc::new(disk.clone()), dir(), NODE + 1);
    assert!(matches!(
        other,
        Err(QuorumError::OtherNode {
            found: NodeId(1),
            ..
        })
    ));
    let journal = open(&disk).unwrap();
    assert!(matches!(open(&disk), Err(QuorumError::Storage { .. })));
    journal.close().await;
    assert!(journal.write(vec![vote(9)]).await.is_err());
    open(&disk).unwrap();
}

/// One thing that Raft may do to its log.
#[derive(Clone, Debug)]
enum Step {
    Append { count: u64, bytes: usize },
    Vote,
    Truncate { newest: u64 },
    Purge { oldest: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..4_u64, 0..300_usize).prop_map(|(count, bytes)| Step::Append { count, bytes }),
        2 => Just(Step::Vote),
        1 => (0..4_u64).prop_map(|newest| Step::Truncate { newest }),
        1 => (0..4_u64).prop_map(|oldest| Step::Purge { oldest }),
    ]
}

/// The records of a step, as Raft would write them in this state.
fn records(step: &Step, state: &State) -> Vec<Record> {
    let term = state.vote.map_or(0, |vote| vote.term);
    let (first, next) = (state.first_index(), state.next_index());
    match *step {
        Step::Append { count, bytes } => (next..next + count)
            .map(|index| entry(term, index, bytes))
            .collect(),
        Step::Vote => vec![vote(term + 1)],
        Step::Truncate { newest } if next - first > newest => {
            let last = (next - newest).checked_sub(1);
            // The terms of entries never go back, so the lowest one is always a safe claim.
            vec![Record::Truncated(last.map(|index| at(0, index)))]
        }
        Step::Purge { oldest } if next - first > oldest => {
            vec![Record::Purged(at(0, first + oldest))]
        }
        Step::Truncate { .. } | Step::Purge { .. } => Vec::new(),
    }
}

/// What of a state must survive. Commits ride along and may be forgotten.
fn durable(state: &State) -> (Option<Vote>, Option<u64>, Option<u64>) {
    let index = |position: Option<LogPosition>| position.map(|position| position.index);
    (state.vote, index(state.purged), index(state.last))
}

/// Takes the steps until the disk dies; returns the states that may be found afterwards: the last
/// one that was acknowledged and everything that was on its way behind it.
async fn run(journal: &Journal, groups: &[Vec<Step>]) -> Vec<State> {
    let mut state = State::default();
    for group in groups {
        let mut possible = vec![state.clone()];
        let mut writes = Vec::new();
        for step in group {
            let records = records(step, &state);
            for record in &records {
                state.step(record).unwrap();
                possible.push(state.clone());
            }
            let write = journal.write(records);
            writes.push(write);
        }
        if join_all(writes).await.iter().any(Result::is_err) {
            return possible;
        }
    }
    vec![state]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_power_loss_loses_nothing_acknowledged(
        groups in prop::collection::vec(prop::collection::vec(step(), 1..4), 1..20),
        dies_after in 0..60_u64,
        dice in prop::collection::vec(any::<prop::sample::Index>(), 1..16),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let disk = new_disk();
            let hostile = HostileDisk::new(Arc::new(disk.clone()));
            let journal = Journal::open(Arc::new(hostile.clone()), dir(), NODE).unwrap();
            hostile.fail_after(dies_after, Fault::Dead);
            let possible = run(&journal, &groups).await;

            let mut dice = dice.iter().cycle();
            let survivor = disk.after_power_loss(&mut |n| dice.next().unwrap().index(n));
            let journal = open(&survivor).unwrap();
            let found = durable(&journal.state());
            let expected: Vec<_> = possible.iter().map(durable).collect();
            prop_assert!(expected.contains(&found), "{found:?} is none of {expected:?}");
            let state = journal.state();
            let live = Vec::from_iter(state.first_index()..state.next_index());
            prop_assert_eq!(indexes(&journal).await, live);
            Ok(())
        })?;
    }
}
