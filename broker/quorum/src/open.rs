//! Bringing a node's part of the quorum up: recover, check that it is the right node among the
//! right voters, and, as the sole voter, lead before anybody waits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use millrace_log::disk::Disk;
use openraft::async_runtime::WatchReceiver;
use openraft::errors::{InitializeError, RaftError};
use openraft::{EmptyNode, Raft};
use tokio::sync::{Mutex, Notify, Semaphore, watch};

use crate::error::QuorumError;
use crate::journal::Journal;
use crate::machine::StateMachine;
use crate::options::{QuorumOptions, node_id};
use crate::quorum::{Inner, MAX_IN_FLIGHT_BYTES, MetadataQuorum};
use crate::raft::log_store::LogStore;
use crate::raft::machine::Machine;
use crate::raft::network::Network;
use crate::raft::server::Server;
use crate::raft::types::TypeConfig;
use crate::snapshot::SnapshotStore;
use crate::status::Leadership;
use crate::transport::Transport;

/// A sole voter elects itself in a few disk writes. A disk that takes longer is as good as dead.
const SOLE_ELECTION_DEADLINE: Duration = Duration::from_secs(30);

impl MetadataQuorum {
    /// Opens this node's part of the quorum, or begins it. The state machine is restored from the
    /// newest snapshot; a sole voter also leads and has applied its whole log when this returns.
    ///
    /// # Errors
    /// When the disk fails, what it holds is damaged or belongs to another node or other voters.
    pub async fn open(
        options: QuorumOptions,
        disk: Arc<dyn Disk>,
        machine: Box<dyn StateMachine>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, QuorumError> {
        let (me, voters) = options.raft_ids()?;
        let (journal, snapshots) = open_storage(disk, options.dir.clone(), me).await?;

        let (applied_sender, applied) = watch::channel(None);
        let snapshot_due = Arc::new(Notify::new());
        let machine = Machine::new(
            machine,
            applied_sender,
            snapshots.clone(),
            Arc::clone(&snapshot_due),
        );
        let network = Network {
            me,
            transport,
            snapshots: snapshots.clone(),
        };
        let config = Arc::new(options.raft_config());
        let log = LogStore::new(journal.clone());
        let raft = Raft::new(me, config, network, log, machine).await;
        let raft = raft.map_err(|error| {
            QuorumError::storage(&options.dir, std::io::Error::other(error.to_string()))
        })?;

        let initial = Leadership::of(&raft.server_metrics().borrow_watched());
        let (leadership_sender, leadership) = watch::channel(initial);
        let attendant = tokio::spawn(attend(raft.clone(), leadership_sender, snapshot_due));
        let quorum = Self {
            inner: Arc::new(Inner {
                server: Server {
                    raft,
                    snapshots,
                    incoming: Mutex::new(None),
                },
                journal,
                dir: options.dir.clone(),
                in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT_BYTES)),
                leadership,
                applied,
                attendant,
            }),
        };
        let joined = quorum.join(&options, voters.into_iter()).await;
        if let Err(error) = joined {
            quorum.shutdown().await;
            return Err(error);
        }
        Ok(quorum)
    }

    async fn join(
        &self,
        options: &QuorumOptions,
        voters: impl Iterator<Item = u64>,
    ) -> Result<(), QuorumError> {
        let raft = self.raft();
        let initialized = raft.is_initialized().await;
        if initialized.map_err(|error| self.fatal(&error))? {
            self.check_voters(options)?;
            if options.is_alone() {
                let election = raft.trigger().elect(false).await;
                election.map_err(|error| self.fatal(&error))?;
            }
        } else {
            let members: BTreeMap<u64, EmptyNode> =
                voters.map(|id| (id, EmptyNode::default())).collect();
            match raft.initialize(members).await {
                // Another voter was faster and this one has voted already: it will send the log.
                Ok(()) | Err(RaftError::APIError(InitializeError::NotAllowed(_))) => {}
                Err(RaftError::APIError(InitializeError::NotInMembers(_))) => {
                    return Err(options.not_a_voter());
                }
                Err(RaftError::Fatal(error)) => return Err(self.fatal(&error)),
            }
        }
        if options.is_alone() {
            self.lead().await?;
        }
        Ok(())
    }

    /// Waits until the election of a sole voter is through and its whole log is applied.
    async fn lead(&self) -> Result<(), QuorumError> {
        let mut leadership = self.leadership();
        let elected = async {
            // What the watch lends must be given back before anything else is awaited.
            let elected = leadership.wait_for(|leadership| leadership.is_self).await;
            elected.map(drop)
        };
        match tokio::time::timeout(SOLE_ELECTION_DEADLINE, elected).await {
            Ok(Ok(())) => self.read_barrier().await,
            Ok(Err(_)) => Err(self.stopped()),
            Err(_) => Err(QuorumError::Unavailable),
        }
    }

    fn check_voters(&self, options: &QuorumOptions) -> Result<(), QuorumError> {
        let metrics = self.raft().server_metrics();
        let metrics = metrics.borrow_watched();
        let mut found: Vec<_> = metrics.membership_config.voter_ids().map(node_id).collect();
        let mut expected = options.voters.clone();
        found.sort_unstable();
        expected.sort_unstable();
        // Without an entry that says so, a voter that has only voted yet knows of nobody.
        if found.is_empty() || found == expected {
            return Ok(());
        }
        Err(QuorumError::OtherVoters { found, expected })
    }
}

/// Opens what is on disk and checks that the two halves fit together.
async fn open_storage(
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    me: u64,
) -> Result<(Journal, SnapshotStore), QuorumError> {
    let open = move || {
        let storage = |source| QuorumError::storage(&dir, source);
        disk.create_dir_all(&dir).map_err(storage)?;
        // A relative path of one name has no parent to speak of.
        if let Some(parent) = dir.parent().filter(|parent| *parent != Path::new("")) {
            disk.sync_dir(parent).map_err(storage)?;
        }
        let journal = Journal::open(Arc::clone(&disk), &dir, me)?;
        let snapshots = SnapshotStore::open(disk, &dir).map_err(storage)?;
        let state = journal.state();
        let snapshot = snapshots.newest().map(|snapshot| snapshot.head.last);
        let damage = if state.purged > snapshot.flatten() {
            "entries were purged, but the snapshot that held them is gone"
        } else if snapshot.is_some() && state.last.is_none() && state.vote.is_none() {
            "there is a snapshot, but the journal is gone"
        } else {
            return Ok((journal, snapshots));
        };
        Err(QuorumError::Damaged {
            path: dir,
            offset: 0,
            damage,
        })
    };
    let opened = tokio::task::spawn_blocking(open).await;
    opened.map_err(|_| QuorumError::Shutdown)?
}

/// Tells who leads and sees that snapshots are made.
async fn attend(
    raft: Raft<TypeConfig, Machine>,
    leadership: watch::Sender<Leadership>,
    snapshot_due: Arc<Notify>,
) {
    let mut metrics = raft.server_metrics();
    loop {
        let now = Leadership::of(&metrics.borrow_watched());
        leadership.send_if_modified(|known| std::mem::replace(known, now) != now);
        tokio::select! {
            changed = metrics.changed() => if changed.is_err() { return },
            () = snapshot_due.notified() => if raft.trigger().snapshot().await.is_err() { return },
        }
    }
}
