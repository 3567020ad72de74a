//! Three voters on a network that fails. Time is the runtime's own and jumps to the next timer
//! whenever nothing happens, so nothing here waits for a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use millrace_log::disk::{Disk, MemDisk};
use millrace_types::NodeId;
use parking_lot::Mutex;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use tokio::time::timeout;

use crate::error::QuorumError;
use crate::options::QuorumOptions;
use crate::position::LogPosition;
use crate::quorum::MetadataQuorum;
use crate::raft::machine::SNAPSHOT_BYTES;
use crate::raft::network::SNAPSHOT_PART_BYTES;
use crate::raft::rpc::{self, Request};
use crate::tests::Recorder;
use crate::transport::{Transport, TransportError};

/// Longer than any election, in the runtime's own time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who is up, and which ways are cut.
#[derive(Clone, Default)]
struct Net {
    nodes: Arc<Mutex<BTreeMap<i32, MetadataQuorum>>>,
    cut: Arc<Mutex<BTreeSet<(i32, i32)>>>,
    snapshot_parts: Arc<AtomicUsize>,
}

/// One node's end of the network.
struct Wire {
    from: i32,
    net: Net,
}

impl Transport for Wire {
    fn send(
        &self,
        to: NodeId,
        request: Bytes,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<Bytes, TransportError>> {
        let (net, way) = (self.net.clone(), (self.from, to.0));
        Box::pin(async move {
            let target = net.nodes.lock().get(&way.1).cloned();
            let Some(target) = target else {
                return Err(TransportError::Unreachable("it is down".into()));
            };
            if let Ok(Request::Snapshot(_)) = rpc::decode(&request) {
                net.snapshot_parts.fetch_add(1, Ordering::Relaxed);
            }
            let exchange = async {
                let response = match net.passes(way) {
                    true => target.handle(&request).await,
                    false => std::future::pending().await,
                };
                match net.passes((way.1, way.0)) {
                    true => response.map_err(|error| TransportError::Broken(error.into())),
                    false => std::future::pending().await,
                }
            };
            let response = timeout(deadline, exchange).await;
            response.unwrap_or(Err(TransportError::Timeout(deadline)))
        })
    }
}

impl Net {
    fn passes(&self, way: (i32, i32)) -> bool {
        !self.cut.lock().contains(&way)
    }

    /// Cuts every way between the two sides; what was cut before is healed.
    fn partition(&self, side: &[i32], other: &[i32]) {
        let ways = side
            .iter()
            .flat_map(|a| other.iter().flat_map(|b| [(*a, *b), (*b, *a)]));
        *self.cut.lock() = ways.collect();
    }

    fn heal(&self) {
        self.cut.lock().clear();
    }
}

struct Node {
    disk: MemDisk,
    recorder: Recorder,
}

struct Fleet {
    net: Net,
    nodes: BTreeMap<i32, Node>,
}

const EVERYBODY: [i32; 3] = [1, 2, 3];

impl Fleet {
    async fn start() -> Self {
        let mut fleet = Self {
            net: Net::default(),
            nodes: BTreeMap::new(),
        };
        for id in EVERYBODY {
            let disk = MemDisk::new();
            disk.create_dir_all(Path::new("/data")).unwrap();
            fleet.up(id, disk).await;
        }
        fleet
    }

    async fn up(&mut self, id: i32, disk: MemDisk) {
        let dir = PathBuf::from("/data/quorum");
        let options = QuorumOptions::new(NodeId(id), EVERYBODY.map(NodeId).to_vec(), dir);
        let recorder = Recorder::default();
        let machine = Box::new(recorder.clone());
        let wire = Arc::new(Wire {
            from: id,
            net: self.net.clone(),
        });
        let files: Arc<dyn Disk> = Arc::new(disk.clone());
        let quorum = MetadataQuorum::open(options, files, machine, wire)
            .await
            .unwrap();
        self.net.nodes.lock().insert(id, quorum);
        self.nodes.insert(id, Node { disk, recorder });
    }

    async fn down(&self, id: i32) {
        let quorum = self.net.nodes.lock().remove(&id).unwrap();
        quorum.shutdown().await;
    }

    async fn restart(&mut self, id: i32) {
        let disk = self.nodes[&id].disk.clone();
        self.up(id, disk).await;
    }

    fn quorum(&self, id: i32) -> MetadataQuorum {
        self.net.nodes.lock()[&id].clone()
    }

    /// The node among these that leads, once one does and can confirm it.
    async fn leader(&self, among: &[i32]) -> i32 {
        let search = async {
            loop {
                for id in among {
                    let quorum = self.quorum(*id);
                    if quorum.leadership().borrow().is_self && quorum.read_barrier().await.is_ok() {
                        return *id;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, search).await.expect("nobody leads")
    }

    async fn propose(&self, id: i32, batch: &str) -> Result<LogPosition, QuorumError> {
        let batch = Bytes::copy_from_slice(batch.as_bytes());
        let quorum = self.quorum(id);
        let proposal = quorum.propose(batch);
        timeout(PATIENCE, proposal)
            .await
            .expect("a proposal is decided")
    }

    /// Waits until these nodes have applied what the leader has, and compares.
    async fn agree(&self, leader: i32, among: &[i32]) -> Vec<String> {
        self.quorum(leader).read_barrier().await.unwrap();
        let goal = *self.quorum(leader).applied().borrow();
        let batches = self.nodes[&leader].recorder.batches();
        for id in among {
            let mut applied = self.quorum(*id).applied();
            let reached = applied.wait_for(|applied| *applied >= goal);
            timeout(PATIENCE, reached)
                .await
                .expect("the node catches up")
                .unwrap();
            assert_eq!(self.nodes[id].recorder.batches(), batches, "node {id}");
        }
        batches
    }

    async fn hand_over(&self, leader: i32, heir: i32) {
        let transfer = NodeId(heir);
        self.quorum(leader)
            .transfer_leadership(transfer)
            .await
            .unwrap();
        assert_eq!(self.leader(&[heir]).await, heir);
    }

    fn others(&self, id: i32) -> Vec<i32> {
        EVERYBODY.into_iter().filter(|other| *other != id).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn elects_one_leader_that_everybody_follows() {
    let fleet = Fleet::start().await;
    let leader = fleet.leader(&EVERYBODY).await;
    fleet.propose(leader, "one").await.unwrap();
    fleet.propose(leader, "two").await.unwrap();
    assert_eq!(fleet.agree(leader, &EVERYBODY).await, ["one", "two"]);

    let follower = fleet.others(leader)[0];
    let expected = Some(NodeId(leader));
    match fleet.propose(follower, "no").await {
        Err(QuorumError::NotLeader { leader }) => assert_eq!(leader, expected),
        other => panic!("{other:?}"),
    }
    assert!(fleet.quorum(follower).read_barrier().await.is_err());
    let status = fleet.quorum(leader).status();
    assert_eq!(status.leadership.leader, expected);
    let last = status.voters.iter().map(|voter| voter.last_index);
    assert_eq!(Vec::from_iter(last), [status.last_index; 3]);
}

#[tokio::test(start_paused = true)]
async fn goes_on_without_a_lost_leader_and_takes_it_back() {
    let mut fleet = Fleet::start().await;
    let first = fleet.leader(&EVERYBODY).await;
    fleet.propose(first, "before").await.unwrap();
    fleet.down(first).await;
    let rest = fleet.others(first);
    let second = fleet.leader(&rest).await;
    fleet.propose(second, "without").await.unwrap();
    fleet.restart(first).await;
    let leader = fleet.leader(&EVERYBODY).await;
    fleet.propose(leader, "after").await.unwrap();
    let batches = fleet.agree(leader, &EVERYBODY).await;
    assert_eq!(batches, ["before", "without", "after"]);
}

#[tokio::test(start_paused = true)]
async fn a_leader_cut_off_commits_nothing_and_learns_of_its_successor() {
    let fleet = Fleet::start().await;
    let old = fleet.leader(&EVERYBODY).await;
    fleet.propose(old, "before").await.unwrap();
    let term = fleet.quorum(old).status().leadership.term;

    let rest = fleet.others(old);
    fleet.net.partition(&[old], &rest);
    let lost = fleet
        .quorum(old)
        .submit(Bytes::from_static(b"lost"), None)
        .await
        .unwrap();
    let new = fleet.leader(&rest).await;
    fleet.propose(new, "kept").await.unwrap();
    assert!(matches!(
        fleet.quorum(old).read_barrier().await,
        Err(QuorumError::Unavailable | QuorumError::NotLeader { .. })
    ));

    fleet.net.heal();
    let outcome = timeout(PATIENCE, lost.committed())
        .await
        .expect("it is decided");
    assert!(
        matches!(outcome, Err(QuorumError::Unknown { .. })),
        "{outcome:?}"
    );
    let leader = fleet.leader(&EVERYBODY).await;
    let quorum = fleet.quorum(leader);
    let stale = quorum
        .submit(Bytes::from_static(b"stale"), Some(term))
        .await
        .unwrap();
    let outcome = stale.committed().await;
    assert!(
        matches!(outcome, Err(QuorumError::NotLeader { .. })),
        "{outcome:?}"
    );
    assert_eq!(fleet.agree(leader, &EVERYBODY).await, ["before", "kept"]);
}

#[tokio::test(start_paused = true)]
async fn leadership_is_handed_over_on_request() {
    let fleet = Fleet::start().await;
    let leader = fleet.leader(&EVERYBODY).await;
    let heir = fleet.others(leader)[1];
    fleet.hand_over(leader, heir).await;
    fleet
        .propose(fleet.leader(&[heir]).await, "mine")
        .await
        .unwrap();
    assert_eq!(fleet.agree(heir, &EVERYBODY).await, ["mine"]);
}

#[tokio::test(start_paused = true)]
async fn a_node_far_behind_is_given_a_snapshot() {
    let mut fleet = Fleet::start().await;
    let leader = fleet.leader(&EVERYBODY).await;
    let behind = fleet.others(leader)[0];
    fleet.down(behind).await;
    // Enough entries that some are purged, and enough bytes that a snapshot is made.
    for nth in 0..1_100 {
        fleet.propose(leader, &format!("{nth}")).await.unwrap();
    }
    for _ in 0..4 {
        fleet
            .propose(leader, &"x".repeat(SNAPSHOT_BYTES / 4 + 1))
            .await
            .unwrap();
    }
    // A leader keeps what a voter that is down has not got; a follower does not. So let one lead.
    let heir = fleet.others(leader)[1];
    let purged = async {
        while fleet.quorum(heir).purged().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, purged).await.expect("entries are purged");
    fleet.hand_over(leader, heir).await;
    let leader = heir;
    fleet.propose(leader, "behind the snapshot").await.unwrap();

    fleet.restart(behind).await;
    let leader = fleet.leader(&EVERYBODY).await;
    let batches = fleet.agree(leader, &EVERYBODY).await;
    assert_eq!(batches.len(), 1_105);
    let parts = fleet.net.snapshot_parts.load(Ordering::Relaxed);
    assert!(
        parts > SNAPSHOT_BYTES / SNAPSHOT_PART_BYTES,
        "{parts} parts"
    );

    // What was taken in lasts.
    fleet.down(behind).await;
    fleet.restart(behind).await;
    let leader = fleet.leader(&EVERYBODY).await;
    assert_eq!(fleet.agree(leader, &EVERYBODY).await, batches);
}

/// Cuts, crashes with power loss, and proposals to whoever believes to lead; then everything heals
/// and all three must hold the same batches, none acknowledged missing.
async fn survives_chaos(seed: u8) {
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut dice = move |sides: u32| rng.next_u32() % sides;
    let mut fleet = Fleet::start().await;
    fleet.leader(&EVERYBODY).await;
    let mut acknowledged = Vec::new();
    for round in 0..15 {
        match dice(4) {
            0 => fleet.net.heal(),
            1 => {
                let alone = EVERYBODY[dice(3) as usize];
                fleet.net.partition(&[alone], &fleet.others(alone));
            }
            2 => {
                let id = EVERYBODY[dice(3) as usize];
                let disk = fleet.nodes[&id]
                    .disk
                    .after_power_loss(&mut |n| dice(n as u32) as usize);
                fleet.down(id).await;
                fleet.up(id, disk).await;
            }
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(u64::from(dice(3_000)))).await;
        for id in EVERYBODY {
            if fleet.quorum(id).leadership().borrow().is_self {
                let batch = format!("{round} at {id}");
                let bytes = Bytes::from(batch.clone());
                let quorum = fleet.quorum(id);
                let proposal = quorum.propose(bytes);
                if let Ok(Ok(_)) = timeout(Duration::from_secs(3), proposal).await {
                    acknowledged.push(batch);
                }
            }
        }
    }
    fleet.net.heal();
    let leader = fleet.leader(&EVERYBODY).await;
    let batches = fleet.agree(leader, &EVERYBODY).await;
    let mut rest = batches.iter();
    for batch in &acknowledged {
        assert!(
            rest.any(|held| held == batch),
            "{batch} is missing or out of order in {batches:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_acknowledged_is_lost_in_chaos() {
    for seed in 0..4 {
        survives_chaos(seed).await;
    }
}
