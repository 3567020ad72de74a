//! One request on its way through the broker: what every handler is given beside the request, and
//! how an answer becomes a frame.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use millrace_metadata::query::Asker;
use millrace_wire::{
    ApiKey, DecodeError, Decoder, EncodeError, Encoded, Piece as WirePiece, Request,
    encode_response,
};

use crate::connection::{CloseReason, Finished, Outcome};
use crate::context::Context;
use crate::reply::{FileSlice, Piece, Reply};

/// Where a connection came from and how.
#[derive(Clone, Debug)]
pub struct Peer {
    pub address: SocketAddr,
    /// The name of the listener it was accepted on.
    pub listener: Arc<str>,
}

/// One request, without its body.
#[derive(Clone)]
pub struct Call {
    pub context: Arc<Context>,
    pub peer: Arc<Peer>,
    pub key: ApiKey,
    pub version: i16,
    pub correlation_id: i32,
    pub client_id: Option<Arc<str>>,
    /// When the frame had arrived, by the broker's clock.
    pub arrived: Duration,
}

impl Call {
    /// Who asks, as far as answers about the fleet depend on it.
    pub fn asker(&self) -> Asker<'_> {
        Asker {
            listener: &self.peer.listener,
            controller: Some(self.context.node),
        }
    }

    /// Reads a body. What stands behind it is left alone, as Kafka does: librdkafka sends a few
    /// bytes too many in some versions.
    ///
    /// # Errors
    /// When the bytes are no such request.
    pub fn decode<R: Request>(&self, body: &mut Decoder) -> Result<R, DecodeError> {
        R::decode(body, self.version)
    }

    /// Answers at once.
    pub fn now<R: Request>(
        self,
        body: &mut Decoder,
        handle: impl FnOnce(&Self, R) -> R::Response,
    ) -> Outcome {
        match self.decode::<R>(body) {
            Ok(request) => {
                let response = handle(&self, request);
                Outcome::Now(self.answer::<R>(&response, &[]))
            }
            Err(error) => Outcome::Now(self.refuse(&error)),
        }
    }

    /// Answers when it can; the connection's next request waits for that.
    pub fn later<R, F>(self, body: &mut Decoder, handle: impl FnOnce(Self, R) -> F) -> Outcome
    where
        R: Request,
        F: Future<Output = R::Response> + Send + 'static,
    {
        match self.decode::<R>(body) {
            Ok(request) => {
                let working = handle(self.clone(), request);
                Outcome::Exclusive(Box::pin(async move {
                    let response = working.await;
                    self.answer::<R>(&response, &[])
                }))
            }
            Err(error) => Outcome::Now(self.refuse(&error)),
        }
    }

    /// The frame of an answer. `slices` are the log's bytes behind the holes it has.
    pub fn answer<R: Request>(&self, response: &R::Response, slices: &[FileSlice]) -> Finished {
        match encode_response::<R>(response, self.version, self.correlation_id) {
            Ok(encoded) => {
                let took = self.context.clock.elapsed().saturating_sub(self.arrived);
                self.context
                    .metrics
                    .requests
                    .answered(self.key, self.version, took);
                Finished::Reply(fill(encoded, slices))
            }
            Err(error) => Finished::Close(unanswerable(self.key, &error)),
        }
    }

    /// The connection ends: what came is not what it says it is.
    pub fn refuse(&self, error: &DecodeError) -> Finished {
        self.context.metrics.requests.malformed(self.key);
        let reason = format!("{} version {}: {error}", self.key.name(), self.version);
        Finished::Close(CloseReason::BadRequest(reason))
    }
}

/// A mistake of ours, told to the operator; the client can only try another connection.
fn unanswerable(key: ApiKey, error: &EncodeError) -> CloseReason {
    CloseReason::BadRequest(format!("the answer to {} has no form: {error}", key.name()))
}

fn fill(encoded: Encoded, slices: &[FileSlice]) -> Reply {
    let mut reply = Reply::default();
    for piece in encoded.pieces {
        reply.push(match piece {
            WirePiece::Bytes(bytes) => Piece::Memory(bytes),
            WirePiece::Hole { slot, .. } => Piece::File(slices[slot as usize].clone()),
        });
    }
    reply
}
