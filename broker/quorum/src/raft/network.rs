//! The sending side of the quorum's messages.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_types::NodeId;
use openraft::errors::{
    ErrorSource, NetworkError, RPCError, ReplicationClosed, StreamingError, Timeout, Unreachable,
};
use openraft::impls::BoxedErrorSource;
use openraft::network::{RPCOption, RPCTypes};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, TransferLeaderRequest,
    TransferLeaderResponse, VoteRequest, VoteResponse,
};
use openraft::type_config::alias::SnapshotOf;
use openraft::{EmptyNode, OptionalSend, RaftNetworkFactory, RaftNetworkV2, StorageError};

use crate::journal::record::Vote;
use crate::raft::rpc::{self, Request, Response, SnapshotPart, SnapshotTaken};
use crate::raft::types::{RaftVote, TypeConfig, from_vote, to_vote};
use crate::snapshot::{SnapshotFile, SnapshotStore};
use crate::transport::{Transport, TransportError};

/// How much of a snapshot goes into one message.
pub(crate) const SNAPSHOT_PART_BYTES: usize = 1 << 20;

/// How long a voter may take for one part of a snapshot; with the last one it restores its state.
const SNAPSHOT_PART_DEADLINE: Duration = Duration::from_secs(30);

type RpcError = RPCError<TypeConfig>;
type Streaming = StreamingError<TypeConfig>;

/// Makes the way to each of the other voters.
pub(crate) struct Network {
    pub me: u64,
    pub transport: Arc<dyn Transport>,
    pub snapshots: SnapshotStore,
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = Peer;

    async fn new_client(&mut self, target: u64, _node: &EmptyNode) -> Peer {
        Peer {
            me: self.me,
            to: target,
            transport: Arc::clone(&self.transport),
            snapshots: self.snapshots.clone(),
        }
    }
}

/// The way to one other voter.
pub(crate) struct Peer {
    me: u64,
    to: u64,
    transport: Arc<dyn Transport>,
    snapshots: SnapshotStore,
}

impl Peer {
    async fn ask(
        &self,
        request: &Request,
        deadline: Duration,
        action: RPCTypes,
    ) -> Result<Response, RpcError> {
        let to = i32::try_from(self.to).map_or(NodeId::NONE, NodeId);
        let answer = self
            .transport
            .send(to, rpc::encode(request), deadline)
            .await;
        let answer = answer.map_err(|error| match error {
            TransportError::Unreachable(_) => RpcError::Unreachable(Unreachable::new(&error)),
            TransportError::Broken(_) => RpcError::Network(NetworkError::new(&error)),
            TransportError::Timeout(timeout) => RpcError::Timeout(Timeout {
                action,
                id: self.me,
                target: self.to,
                timeout,
            }),
        })?;
        rpc::decode(&answer).map_err(|error| NetworkError::new(&error).into())
    }

    async fn ask_for_vote(
        &self,
        request: &Request,
        option: &RPCOption,
    ) -> Result<VoteResponse<TypeConfig>, RpcError> {
        match self.ask(request, option.soft_ttl(), RPCTypes::Vote).await? {
            Response::Vote(ballot) => Ok(ballot.into()),
            _ => Err(unexpected()),
        }
    }

    /// Sends a snapshot file part by part. Returns the vote of the node that took it.
    async fn send_file(&self, vote: Vote, snapshot: SnapshotFile) -> Result<Vote, Streaming> {
        let open = {
            let snapshots = self.snapshots.clone();
            move || {
                let file = snapshots.open_raw(&snapshot)?;
                let len = file.len()?;
                Ok((file, len))
            }
        };
        let (file, len) = blocking(open).await?;
        let mut offset = 0;
        loop {
            let rest = usize::try_from(len - offset).unwrap_or(usize::MAX);
            let mut buffer = vec![0; rest.min(SNAPSHOT_PART_BYTES)];
            let read = {
                let file = Arc::clone(&file);
                move || file.read_exact_at(&mut buffer, offset).map(|()| buffer)
            };
            let bytes = Bytes::from(blocking(read).await?);
            let end = offset + bytes.len() as u64;
            let part = Request::Snapshot(SnapshotPart {
                vote,
                offset,
                bytes,
                done: end == len,
            });
            let answer = self
                .ask(&part, SNAPSHOT_PART_DEADLINE, RPCTypes::InstallSnapshot)
                .await?;
            match answer {
                Response::Snapshot(SnapshotTaken::Taken(theirs)) => {
                    if end == len || theirs.term > vote.term {
                        return Ok(theirs);
                    }
                }
                _ => return Err(unexpected().into()),
            }
            offset = end;
        }
    }
}

impl RaftNetworkV2<TypeConfig> for Peer {
    type SnapshotData = SnapshotFile;

    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<TypeConfig>, RpcError> {
        let request = Request::Append(request.into());
        let action = RPCTypes::AppendEntries;
        match self.ask(&request, option.soft_ttl(), action).await? {
            Response::Append(appended) => Ok(appended.into()),
            _ => Err(unexpected()),
        }
    }

    async fn vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<VoteResponse<TypeConfig>, RpcError> {
        let request = Request::Vote(request.into());
        self.ask_for_vote(&request, &option).await
    }

    async fn pre_vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<VoteResponse<TypeConfig>, RpcError> {
        let request = Request::PreVote(request.into());
        self.ask_for_vote(&request, &option).await
    }

    async fn full_snapshot(
        &mut self,
        vote: RaftVote,
        snapshot: SnapshotOf<TypeConfig, SnapshotFile>,
        cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<TypeConfig>, Streaming> {
        tokio::select! {
            closed = cancel => Err(closed.into()),
            sent = self.send_file(from_vote(&vote), snapshot.snapshot) => {
                Ok(SnapshotResponse::new(to_vote(sent?)))
            }
        }
    }

    async fn transfer_leader(
        &mut self,
        request: TransferLeaderRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<TransferLeaderResponse<TypeConfig>, RpcError> {
        let request = Request::Transfer(request.into());
        let action = RPCTypes::TransferLeader;
        match self.ask(&request, option.soft_ttl(), action).await? {
            Response::Transfer(true) => Ok(Ok(())),
            _ => Err(unexpected()),
        }
    }
}

/// The other side answered something else than what was asked, or refused.
fn unexpected() -> RpcError {
    NetworkError::from_string("the answer does not fit the request").into()
}

/// Reads the disk off the workers.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Streaming> {
    let read = tokio::task::spawn_blocking(work).await;
    read.map_err(std::io::Error::other)
        .and_then(|read| read)
        .map_err(|error| {
            let source = BoxedErrorSource::from_error(&error);
            StorageError::read_snapshot(None, source).into()
        })
}
