//! The handle that the rest of the product holds: proposes, reads, watches, stops.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_types::NodeId;
use openraft::errors::{
    ClientWriteError, Fatal, ForwardReason, ForwardToLeader, LinearizableReadError, RaftError,
};
use openraft::impls::ProgressResponder;
use openraft::raft::ClientWriteResult;
use openraft::{Raft, ReadPolicy};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinHandle;

use crate::MAX_BATCH_BYTES;
use crate::error::QuorumError;
use crate::journal::Journal;
use crate::options::{node_id, raft_id};
use crate::position::LogPosition;
use crate::raft::machine::Machine;
use crate::raft::server::{ServeError, Server};
use crate::raft::types::{Batch, TypeConfig, from_log_id};
use crate::status::{Leadership, QuorumStatus};

/// How many bytes of batches may be on their way at once. Bounds what the log keeps in memory
/// before it is written: four of the largest batches, or tens of thousands of ordinary ones.
pub(crate) const MAX_IN_FLIGHT_BYTES: usize = 4 * MAX_BATCH_BYTES;

/// What a proposal costs beyond its bytes.
const PROPOSAL_OVERHEAD: usize = 256;

/// How long a read waits for a majority to confirm the leader.
const READ_DEADLINE: Duration = Duration::from_secs(5);

/// This node's part in the quorum, until [`Self::shutdown`]. Clones share it.
#[derive(Clone)]
pub struct MetadataQuorum {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) server: Server,
    pub(crate) journal: Journal,
    pub(crate) dir: PathBuf,
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) leadership: watch::Receiver<Leadership>,
    pub(crate) applied: watch::Receiver<Option<LogPosition>>,
    pub(crate) attendant: JoinHandle<()>,
}

/// A batch on its way through the quorum.
#[must_use = "a proposal says whether its batch was committed"]
pub struct Proposal {
    quorum: MetadataQuorum,
    outcome: oneshot::Receiver<ClientWriteResult<TypeConfig>>,
    _room: OwnedSemaphorePermit,
}

impl MetadataQuorum {
    /// Proposes a batch and waits until a majority holds it durably and it is applied here.
    ///
    /// # Errors
    /// When this node does not lead, or stops leading on the way.
    pub async fn propose(&self, batch: Bytes) -> Result<LogPosition, QuorumError> {
        self.submit(batch, None).await?.committed().await
    }

    /// Puts a batch on its way. Batches take their order from the order of these calls. With a
    /// `term`, only if this node still leads in that term: for a batch that was decided on what
    /// that term's leader knew.
    ///
    /// # Errors
    /// When the batch is too large or the quorum has stopped here. Everything else is told by
    /// [`Proposal::committed`].
    pub async fn submit(&self, batch: Bytes, term: Option<u64>) -> Result<Proposal, QuorumError> {
        let len = batch.len();
        let max = MAX_BATCH_BYTES;
        if len > max {
            return Err(QuorumError::BatchTooLarge { len, max });
        }
        let cost = u32::try_from(len + PROPOSAL_OVERHEAD).expect("batches are bounded");
        let room = Arc::clone(&self.inner.in_flight).acquire_many_owned(cost);
        let room = room.await.map_err(|_| QuorumError::Shutdown)?;
        let (responder, outcome) = ProgressResponder::complete_only();
        let mut write = self.raft().write(Batch(batch)).responder(responder);
        if let Some(term) = term {
            write = write.with_leader(term);
        }
        write.await.map_err(|error| self.fatal(&error))?;
        Ok(Proposal {
            quorum: self.clone(),
            outcome,
            _room: room,
        })
    }

    /// Waits until everything that was committed before the call is applied here, and confirms
    /// that this node leads: what is read then from the state is not outdated.
    ///
    /// # Errors
    /// When this node does not lead or too few voters confirm it.
    pub async fn read_barrier(&self) -> Result<(), QuorumError> {
        let barrier = self.raft().ensure_linearizable(ReadPolicy::ReadIndex);
        match tokio::time::timeout(READ_DEADLINE, barrier).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(RaftError::APIError(LinearizableReadError::ForwardToLeader(forward)))) => {
                Err(not_leader(&forward))
            }
            Ok(Err(RaftError::Fatal(error))) => Err(self.fatal(&error)),
            Ok(Err(RaftError::APIError(LinearizableReadError::QuorumNotEnough(_)))) | Err(_) => {
                Err(QuorumError::Unavailable)
            }
        }
    }

    /// Serves a request of another voter, see [`Transport`](crate::Transport).
    ///
    /// # Errors
    /// When the request makes no sense or the node cannot take part any more.
    pub async fn handle(&self, request: &[u8]) -> Result<Bytes, ServeError> {
        self.inner.server.handle(request).await
    }

    /// Who leads, now and whenever that changes. A new leader passes [`Self::read_barrier`] before
    /// it decides anything: until then it may not have applied what its predecessors committed.
    #[must_use]
    pub fn leadership(&self) -> watch::Receiver<Leadership> {
        self.inner.leadership.clone()
    }

    /// How far batches are applied here, now and whenever that changes.
    #[must_use]
    pub fn applied(&self) -> watch::Receiver<Option<LogPosition>> {
        self.inner.applied.clone()
    }

    /// Everything up to here is in a snapshot only.
    #[cfg(test)]
    pub(crate) fn purged(&self) -> Option<LogPosition> {
        self.inner.journal.state().purged
    }

    /// How the quorum is.
    #[must_use]
    pub fn status(&self) -> QuorumStatus {
        let leadership = *self.inner.leadership.borrow();
        let metrics = self.raft().metrics();
        let metrics = openraft::async_runtime::WatchReceiver::borrow_watched(&metrics);
        QuorumStatus::of(&metrics, leadership)
    }

    /// Asks another voter to take over. [`Self::leadership`] tells when it did.
    ///
    /// # Errors
    /// When the quorum has stopped here.
    pub async fn transfer_leadership(&self, to: NodeId) -> Result<(), QuorumError> {
        let Some(to) = raft_id(to) else {
            return Err(QuorumError::Unavailable);
        };
        let transfer = self.raft().trigger().transfer_leader(to).await;
        transfer.map_err(|error| self.fatal(&error))
    }

    /// Stops taking part. What was acknowledged is durable; the directory is free afterwards.
    pub async fn shutdown(&self) {
        self.inner.in_flight.close();
        self.inner.attendant.abort();
        if let Err(error) = self.raft().shutdown().await {
            tracing::warn!(%error, "the quorum did not stop in order");
        }
        self.inner.journal.close().await;
    }

    pub(crate) fn raft(&self) -> &Raft<TypeConfig, Machine> {
        &self.inner.server.raft
    }

    pub(crate) fn fatal(&self, error: &Fatal<TypeConfig>) -> QuorumError {
        match error {
            Fatal::Stopped => QuorumError::Shutdown,
            Fatal::StorageError(_) | Fatal::Panicked => {
                let source = std::io::Error::other(error.to_string());
                QuorumError::storage(&self.inner.dir, source)
            }
        }
    }

    /// Why the Raft task is gone.
    pub(crate) fn stopped(&self) -> QuorumError {
        let metrics = self.raft().metrics();
        let metrics = openraft::async_runtime::WatchReceiver::borrow_watched(&metrics);
        match &metrics.running_state {
            Ok(()) => QuorumError::Shutdown,
            Err(error) => self.fatal(error),
        }
    }
}

impl Proposal {
    /// Waits until a majority holds the batch durably and it is applied here.
    ///
    /// # Errors
    /// When this node does not lead, or stops leading on the way.
    pub async fn committed(self) -> Result<LogPosition, QuorumError> {
        match self.outcome.await {
            Ok(Ok(written)) => Ok(from_log_id(&written.log_id)),
            Ok(Err(ClientWriteError::ForwardToLeader(forward))) => Err(not_leader(&forward)),
            Ok(Err(ClientWriteError::LogEntryDiscarded(forward))) => Err(QuorumError::Unknown {
                leader: forward.leader_id.map(node_id),
            }),
            Ok(Err(
                ClientWriteError::ChangeMembershipError(_)
                | ClientWriteError::PreconditionFailed(_),
            )) => Err(QuorumError::NotLeader { leader: None }),
            Err(_) => Err(self.quorum.stopped()),
        }
    }
}

fn not_leader(forward: &ForwardToLeader<TypeConfig>) -> QuorumError {
    match forward.reason {
        // It leads as far as it knows, but has not heard of a majority for too long.
        ForwardReason::LeaseExpired => QuorumError::Unavailable,
        ForwardReason::NotLeader | ForwardReason::LeadershipTransfer => QuorumError::NotLeader {
            leader: forward.leader_id.map(node_id),
        },
    }
}
