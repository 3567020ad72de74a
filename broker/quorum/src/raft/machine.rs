//! The product's state machine as the Raft library wants to see it: it also remembers how far it
//! is and who votes, and keeps snapshots.

use std::io;
use std::sync::Arc;

use futures::{Stream, TryStreamExt};
use openraft::storage::{EntryResponder, RaftStateMachine};
use openraft::type_config::alias::{SnapshotMetaOf, SnapshotOf};
use openraft::{OptionalSend, RaftSnapshotBuilder};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use crate::journal::record::{Entry, FORMAT, Members, Payload};
use crate::machine::{Chunks, StateMachine};
use crate::position::LogPosition;
use crate::raft::types::{
    LogId, StoredMembership, TypeConfig, from_entry, to_log_id, to_membership,
};
use crate::snapshot::{Head, SnapshotFile, SnapshotStore};

/// A snapshot is made after this many batches: replaying as many takes well under a second.
pub(crate) const SNAPSHOT_ENTRIES: u64 = 10_000;

/// A snapshot is made after this many bytes of batches, as Kafka's controllers do.
pub(crate) const SNAPSHOT_BYTES: usize = 20 << 20;

type SnapshotMeta = SnapshotMetaOf<TypeConfig>;
type Snapshot = SnapshotOf<TypeConfig, SnapshotFile>;

/// Feeds the state machine.
pub(crate) struct Machine {
    /// Away while it is restored.
    machine: Option<Box<dyn StateMachine>>,
    applied: watch::Sender<Option<LogPosition>>,
    members_at: Option<LogPosition>,
    members: Members,
    snapshots: SnapshotStore,
    since_snapshot: Since,
    /// Told when enough has been applied that a snapshot is worth it.
    snapshot_due: Arc<Notify>,
}

#[derive(Default)]
struct Since {
    entries: u64,
    bytes: usize,
}

impl Machine {
    pub(crate) fn new(
        machine: Box<dyn StateMachine>,
        applied: watch::Sender<Option<LogPosition>>,
        snapshots: SnapshotStore,
        snapshot_due: Arc<Notify>,
    ) -> Self {
        Self {
            machine: Some(machine),
            applied,
            members_at: None,
            members: Members::default(),
            snapshots,
            since_snapshot: Since::default(),
            snapshot_due,
        }
    }

    fn apply_entry(&mut self, entry: Entry) {
        let Entry { position, payload } = entry;
        self.since_snapshot.entries += 1;
        self.since_snapshot.bytes += payload.weight();
        match payload {
            Payload::Blank => {}
            Payload::Batch(batch) => self.machine().apply(position, batch),
            Payload::Members(members) => {
                self.members_at = Some(position);
                self.members = members;
            }
        }
        self.applied.send_replace(Some(position));
        let Since { entries, bytes } = self.since_snapshot;
        if entries >= SNAPSHOT_ENTRIES || bytes >= SNAPSHOT_BYTES {
            self.snapshot_due.notify_one();
        }
    }

    fn machine(&mut self) -> &mut dyn StateMachine {
        let machine = self.machine.as_deref_mut();
        machine.expect("nothing else happens while the state machine is restored")
    }

    async fn restore(&mut self, snapshot: SnapshotFile) -> io::Result<SnapshotFile> {
        let snapshots = self.snapshots.clone();
        let Some(mut machine) = self.machine.take() else {
            return Err(io::Error::other("an earlier restore broke off"));
        };
        let restore = move || {
            let snapshot = snapshots.publish(snapshot)?;
            let mut reader = snapshots.read(&snapshot)?;
            if let Some(last) = snapshot.head.last {
                machine
                    .restore(last, Box::new(reader.by_ref()))
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            }
            // The state machine may have seen enough; the file must be sound to its end.
            reader.by_ref().for_each(drop);
            reader.finish()?;
            Ok((machine, snapshot))
        };
        let restored: io::Result<_> = tokio::task::spawn_blocking(restore).await?;
        let (machine, snapshot) = restored?;
        self.machine = Some(machine);
        Ok(snapshot)
    }
}

impl RaftStateMachine<TypeConfig> for Machine {
    type SnapshotData = SnapshotFile;
    type SnapshotBuilder = SnapshotBuilder;

    async fn applied_state(&mut self) -> io::Result<(Option<LogId>, StoredMembership)> {
        let applied = self.applied.borrow().map(to_log_id);
        Ok((applied, membership(self.members_at, &self.members)?))
    }

    async fn apply<S>(&mut self, mut entries: S) -> io::Result<()>
    where
        S: Stream<Item = io::Result<EntryResponder<TypeConfig>>> + Unpin + OptionalSend,
    {
        while let Some((entry, responder)) = entries.try_next().await? {
            self.apply_entry(from_entry(entry));
            if let Some(responder) = responder {
                responder.send(());
            }
        }
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> SnapshotBuilder {
        self.since_snapshot = Since::default();
        let head = Head {
            format: FORMAT,
            last: *self.applied.borrow(),
            members_at: self.members_at,
            members: self.members.clone(),
        };
        SnapshotBuilder {
            snapshots: self.snapshots.clone(),
            work: Mutex::new(Some((head, self.machine().snapshot()))),
        }
    }

    async fn install_snapshot(
        &mut self,
        _meta: &SnapshotMeta,
        snapshot: SnapshotFile,
    ) -> io::Result<()> {
        let snapshot = self.restore(snapshot).await?;
        self.members_at = snapshot.head.members_at;
        self.members = snapshot.head.members;
        self.since_snapshot = Since::default();
        self.applied.send_replace(snapshot.head.last);
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> io::Result<Option<Snapshot>> {
        self.snapshots.newest().map(to_snapshot).transpose()
    }
}

/// Writes out what the state machine was when it was made.
pub(crate) struct SnapshotBuilder {
    snapshots: SnapshotStore,
    /// What to write, until it is written. A mutex only because the library shares builders.
    work: Mutex<Option<(Head, Chunks<'static>)>>,
}

impl RaftSnapshotBuilder<TypeConfig> for SnapshotBuilder {
    type SnapshotData = SnapshotFile;

    async fn build_snapshot(&mut self) -> io::Result<Snapshot> {
        let Some((head, chunks)) = self.work.get_mut().take() else {
            return Err(io::Error::other("a builder builds one snapshot"));
        };
        let snapshots = self.snapshots.clone();
        let build = move || snapshots.build(head, chunks);
        to_snapshot(tokio::task::spawn_blocking(build).await??)
    }
}

/// A snapshot file with the library's description of it.
pub(crate) fn to_snapshot(snapshot: SnapshotFile) -> io::Result<Snapshot> {
    let head = &snapshot.head;
    let meta = SnapshotMeta {
        last_log_id: head.last.map(to_log_id),
        last_membership: membership(head.members_at, &head.members)?,
    };
    Ok(Snapshot { meta, snapshot })
}

fn membership(at: Option<LogPosition>, members: &Members) -> io::Result<StoredMembership> {
    let membership = to_membership(members.clone())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "impossible members"))?;
    Ok(StoredMembership::new(at.map(to_log_id), membership))
}
