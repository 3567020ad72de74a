//! How the voters of the quorum reach each other. What is sent is opaque; with one voter nothing
//! is.

use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use millrace_types::NodeId;

/// Carries requests to other voters. The receiving side gives them to
/// [`MetadataQuorum::handle`](crate::MetadataQuorum::handle) and sends back what that returns.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and waits for the response, no longer than `deadline`. Requests to one node
    /// may overtake each other.
    fn send(
        &self,
        to: NodeId,
        request: Bytes,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<Bytes, TransportError>>;
}

/// The longest request or response: one largest batch and what surrounds it.
pub const MAX_MESSAGE_BYTES: usize = crate::MAX_BATCH_BYTES + (2 << 20);

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The node cannot be reached; it is not worth trying again at once.
    #[error("the node cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The response did not come in time.
    #[error("no response came within {0:?}")]
    Timeout(Duration),
    /// The exchange broke off, or the other side could not serve the request.
    #[error("the exchange broke off")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// For a quorum of one.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTransport;

impl Transport for NoTransport {
    fn send(
        &self,
        to: NodeId,
        _request: Bytes,
        _deadline: Duration,
    ) -> BoxFuture<'static, Result<Bytes, TransportError>> {
        let reason = format!("there is no way to node {to}").into();
        Box::pin(async move { Err(TransportError::Unreachable(reason)) })
    }
}
