//! What stands between a connection and the meaning of its requests: a frame goes in, an outcome
//! comes back.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::close_reason::CloseReason;
use crate::metrics::Timeline;
use crate::reply::Reply;

/// What became of a request.
pub enum Finished {
    Reply(Reply),
    /// The client asked for no answer.
    Silent,
    Close(CloseReason),
}

pub(crate) type Waiting = Pin<Box<dyn Future<Output = Finished> + Send>>;

/// What the service says when it is handed a request.
pub enum Outcome {
    Now(Finished),
    /// The reply comes later; the next requests of the connection may start meanwhile.
    Pipelined(Waiting),
    /// The reply comes later, and the connection's next request starts only then.
    Exclusive(Waiting),
}

/// Turns a frame into a reply. One instance per connection, for what the connection remembers.
pub trait Service: Send {
    fn call(&mut self, frame: Bytes) -> Outcome;

    /// Bytes have come in.
    fn received(&mut self) {}

    /// By the clock that timelines are written with.
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    /// The kernel has taken these replies; it was handed the first of them at `sending`.
    fn left(&mut self, _timelines: &[Timeline], _sending: Duration) {}
}

/// Makes a service for each connection that is accepted.
pub trait ServiceFactory: Send + Sync + 'static {
    type Service: Service + 'static;

    fn connect(self: &Arc<Self>, peer: SocketAddr) -> Self::Service;
}
