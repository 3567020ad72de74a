//! The receiving side of the quorum's messages.

use std::io::{self, IoSlice};
use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::DiskFile;
use openraft::Raft;
use tokio::sync::Mutex;

use crate::journal::record::Vote;
use crate::raft::machine::{Machine, to_snapshot};
use crate::raft::rpc::{self, Request, Response, SnapshotPart, SnapshotTaken};
use crate::raft::types::{TypeConfig, from_vote, to_vote};
use crate::snapshot::SnapshotStore;

/// Serves the other voters.
pub(crate) struct Server {
    pub raft: Raft<TypeConfig, Machine>,
    pub snapshots: SnapshotStore,
    /// The snapshot that is coming in. One at a time: there is one leader.
    pub incoming: Mutex<Option<Incoming>>,
}

/// A snapshot that is coming in.
pub(crate) struct Incoming {
    from: Vote,
    file: Arc<dyn DiskFile>,
    len: u64,
}

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Unreadable(#[from] rpc::Unreadable),
    #[error("the node has stopped taking part")]
    Stopped,
    #[error("the snapshot cannot be taken in")]
    Snapshot(#[source] io::Error),
}

impl Server {
    /// Serves one request.
    ///
    /// # Errors
    /// When it makes no sense, or the node cannot take part any more.
    pub(crate) async fn handle(&self, request: &[u8]) -> Result<Bytes, ServeError> {
        let response = match rpc::decode(request)? {
            Request::Append(append) => {
                let response = self.raft.append_entries(append.try_into()?).await;
                Response::Append(response.map_err(|_| ServeError::Stopped)?.into())
            }
            Request::Vote(candidacy) => {
                let response = self.raft.vote(candidacy.into()).await;
                Response::Vote(response.map_err(|_| ServeError::Stopped)?.into())
            }
            Request::PreVote(candidacy) => {
                let response = self.raft.pre_vote(candidacy.into()).await;
                Response::Vote(response.map_err(|_| ServeError::Stopped)?.into())
            }
            Request::Transfer(transfer) => {
                let response = self.raft.handle_transfer_leader(transfer.into()).await;
                Response::Transfer(response.map_err(|_| ServeError::Stopped)?.is_ok())
            }
            Request::Snapshot(part) => Response::Snapshot(self.take_part(part).await?),
        };
        Ok(rpc::encode(&response))
    }

    async fn take_part(&self, part: SnapshotPart) -> Result<SnapshotTaken, ServeError> {
        let SnapshotPart {
            vote,
            offset,
            bytes,
            done,
        } = part;
        let mut slot = self.incoming.lock().await;
        let mut incoming = match slot.take() {
            _ if offset == 0 => self.begin(vote).await?,
            Some(incoming) if incoming.from == vote && incoming.len == offset => incoming,
            _ => return Ok(SnapshotTaken::OutOfStep),
        };
        let snapshots = self.snapshots.clone();
        let take = move || {
            incoming
                .file
                .write_all_at(&mut [IoSlice::new(&bytes)], incoming.len)?;
            incoming.len += bytes.len() as u64;
            let whole = done.then(|| snapshots.received(&*incoming.file));
            Ok((incoming, whole.transpose()?))
        };
        let (incoming, whole) = blocking(take).await?;
        let Some(whole) = whole else {
            *slot = Some(incoming);
            return Ok(SnapshotTaken::Taken(vote));
        };
        let snapshot = to_snapshot(whole).map_err(ServeError::Snapshot)?;
        let installed = self.raft.install_full_snapshot(to_vote(vote), snapshot);
        let response = installed.await.map_err(|_| ServeError::Stopped)?;
        Ok(SnapshotTaken::Taken(from_vote(&response.vote)))
    }

    async fn begin(&self, from: Vote) -> Result<Incoming, ServeError> {
        let snapshots = self.snapshots.clone();
        let file = blocking(move || snapshots.receive()).await?;
        Ok(Incoming { from, file, len: 0 })
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ServeError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)
        .and_then(|done| done)
        .map_err(ServeError::Snapshot)
}
