//! One request on its way through the broker: what every handler is given beside the request, and
//! how an answer becomes a frame.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use millrace_metadata::query::Asker;
use millrace_wire::{
    ApiKey, DecodeError, Decoder, EncodeError, Encoded, Piece as WirePiece, Request,
    encode_response,
};

use crate::connection::{CloseReason, Finished, Outcome, Waiting};
use crate::context::Context;
use crate::metrics::Timeline;
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
    /// When the frame was in memory, by the broker's clock.
    pub arrived: Duration,
    /// When its handling began.
    pub began: Duration,
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
                let context = Arc::clone(&self.context);
                Outcome::Exclusive(timed(context, async move {
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
                let requests = &self.context.metrics.requests;
                requests.answered(self.key, self.version);
                let mut reply = fill(encoded, slices);
                reply.timeline = Some(Timeline {
                    key: self.key,
                    arrived: self.arrived,
                    began: self.began,
                    parked: None,
                    answered: self.context.clock.elapsed(),
                });
                Finished::Reply(reply)
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

/// Work that may wait, and whose reply knows since when it did.
pub(crate) fn timed(
    context: Arc<Context>,
    work: impl Future<Output = Finished> + Send + 'static,
) -> Waiting {
    Box::pin(async move {
        let mut work = pin!(work);
        let mut parked = None;
        let mut finished = poll_fn(|waker| {
            let polled = work.as_mut().poll(waker);
            if polled.is_pending() {
                parked.get_or_insert_with(|| context.clock.elapsed());
            }
            polled
        })
        .await;
        if let Finished::Reply(Reply {
            timeline: Some(timeline),
            ..
        }) = &mut finished
        {
            timeline.parked = parked;
        }
        finished
    })
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
