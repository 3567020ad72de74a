//! One client connection, one task: frames in, replies out in the order of their requests.
//! Knows frames and order only; what a request means is the [`Service`]'s business.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::listener::stopped;
use crate::reply::Reply;
use crate::send::{SendError, Sender};

/// Requests of one connection that may wait for their reply at once. Java producers keep five in
/// flight, librdkafka more, but each holds at most one reply's worth of memory here.
const PIPELINED_MAX: usize = 64;

/// Replies gathered into one write. More than this only delays the first of them.
const GATHERED_MAX: usize = 32;

/// A frame up to this size gets its buffer at once; a larger one earns it by sending, so that
/// announcing 100 MB and sending nothing costs nothing.
const EAGER_FRAME_BYTES: usize = 2 * 1024 * 1024;

/// What is read at once when no frame is under way.
const READ_AHEAD_BYTES: usize = 16 * 1024;

/// How long a silent connection keeps the buffer it last read into: busy clients reuse it.
const BUFFER_KEPT: Duration = Duration::from_secs(1);

/// Every frame opens with its length.
const LENGTH_BYTES: usize = 4;

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
}

#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    pub frame_bytes_max: usize,
    pub idle: Duration,
}

/// Why a connection ended.
#[derive(Debug, Error)]
pub enum CloseReason {
    #[error("the client closed the connection")]
    ClientClosed,
    #[error("the connection failed")]
    Io(#[source] io::Error),
    #[error("the client closed the connection inside a frame")]
    TruncatedFrame,
    #[error("a frame announces {announced} bytes, allowed are 1 to {allowed}")]
    FrameSize { announced: i64, allowed: usize },
    #[error("nothing moved for {0:?}")]
    Idle(Duration),
    #[error("the broker is shutting down")]
    Shutdown,
    #[error("{0}")]
    BadRequest(String),
    #[error("an unacknowledged produce request failed: {0}")]
    UnacknowledgedProduce(&'static str),
    #[error("a log file that was being sent could not be read")]
    Log(#[source] io::Error),
}

impl CloseReason {
    /// Whether an operator should read of it; the rest is everyday life of clients.
    #[must_use]
    pub fn is_noteworthy(&self) -> bool {
        matches!(
            self,
            Self::FrameSize { .. } | Self::BadRequest(_) | Self::Log(_) | Self::TruncatedFrame
        )
    }
}

impl From<SendError> for CloseReason {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Stalled(idle) => Self::Idle(idle),
            SendError::Socket(source) => Self::Io(source),
            SendError::File(source) => Self::Log(source),
        }
    }
}

enum Slot {
    Done(Finished),
    Waiting(Waiting),
}

pub(crate) struct Connection<S> {
    stream: TcpStream,
    service: S,
    limits: ConnectionLimits,
    shutdown: watch::Receiver<bool>,
    input: BytesMut,
    /// One slot for each request without a sent reply, oldest first.
    slots: VecDeque<Slot>,
    /// The newest slot is one that no later request may overtake.
    exclusive: bool,
    /// The input buffer may hold memory, though nothing is in it.
    holds_buffer: bool,
    sender: Sender,
}

enum Event {
    Readable,
    HeadDone,
    Shutdown,
    Idle,
}

impl<S: Service> Connection<S> {
    pub(crate) fn new(
        stream: TcpStream,
        service: S,
        limits: ConnectionLimits,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        let sender = Sender::new(limits.idle);
        Self {
            stream,
            service,
            limits,
            shutdown,
            input: BytesMut::new(),
            slots: VecDeque::new(),
            exclusive: false,
            holds_buffer: false,
            sender,
        }
    }

    /// Serves the connection until it ends, and says why it did.
    pub(crate) async fn run(mut self) -> CloseReason {
        loop {
            if let Err(reason) = self.turn().await {
                return reason;
            }
        }
    }

    async fn turn(&mut self) -> Result<(), CloseReason> {
        self.dispatch_whole_frames().await?;
        if self.send_finished_replies().await? {
            return Ok(());
        }
        match self.next_event().await {
            Event::HeadDone => Ok(()),
            Event::Readable => self.read(),
            Event::Idle if self.holds_buffer && self.input.is_empty() => {
                self.release_buffer();
                Ok(())
            }
            Event::Idle => Err(CloseReason::Idle(self.limits.idle)),
            Event::Shutdown => self.drain().await,
        }
    }

    /// Hands every frame that has arrived whole to the service, as far as order and the limit on
    /// waiting requests allow.
    async fn dispatch_whole_frames(&mut self) -> Result<(), CloseReason> {
        while self.may_dispatch() {
            let Some(length) = self.announced_length()? else {
                break;
            };
            if self.input.len() < LENGTH_BYTES + length {
                break;
            }
            let mut frame = self.input.split_to(LENGTH_BYTES + length).freeze();
            let frame = frame.split_off(LENGTH_BYTES);
            let slot = match self.service.call(frame) {
                Outcome::Now(finished) => Slot::Done(finished),
                // Most of what could wait need not.
                Outcome::Pipelined(waiting) => started(waiting).await,
                Outcome::Exclusive(waiting) => {
                    let slot = started(waiting).await;
                    self.exclusive = matches!(slot, Slot::Waiting(_));
                    slot
                }
            };
            self.slots.push_back(slot);
        }
        Ok(())
    }

    fn may_dispatch(&self) -> bool {
        !self.exclusive && self.slots.len() < PIPELINED_MAX
    }

    fn announced_length(&self) -> Result<Option<usize>, CloseReason> {
        let Some(prefix) = self.input.first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let announced = i32::from_be_bytes(*prefix);
        let allowed = self.limits.frame_bytes_max;
        match usize::try_from(announced) {
            Ok(length) if (1..=allowed).contains(&length) => Ok(Some(length)),
            _ => Err(CloseReason::FrameSize {
                announced: announced.into(),
                allowed,
            }),
        }
    }

    /// Sends the finished replies at the head of the queue; says whether there were any.
    async fn send_finished_replies(&mut self) -> Result<bool, CloseReason> {
        let mut progress = false;
        let mut gathered = 0;
        while gathered < GATHERED_MAX && matches!(self.slots.front(), Some(Slot::Done(_))) {
            let Some(Slot::Done(finished)) = self.slots.pop_front() else {
                break;
            };
            progress = true;
            match finished {
                Finished::Reply(reply) => {
                    self.sender.push(reply);
                    gathered += 1;
                }
                Finished::Silent => {}
                Finished::Close(reason) => {
                    self.sender.flush(&self.stream).await?;
                    return Err(reason);
                }
            }
        }
        if self.slots.is_empty() {
            self.exclusive = false;
        }
        self.sender.flush(&self.stream).await?;
        Ok(progress)
    }

    async fn next_event(&mut self) -> Event {
        let may_read = self.may_dispatch();
        let idle = if self.holds_buffer && self.input.is_empty() {
            BUFFER_KEPT
        } else {
            self.limits.idle
        };
        let head = self.slots.front_mut();
        let nothing_waits = head.is_none();
        tokio::select! {
            biased;
            () = finish(head) => Event::HeadDone,
            // An error shows itself in the read that follows.
            _ = self.stream.readable(), if may_read => Event::Readable,
            () = stopped(&mut self.shutdown) => Event::Shutdown,
            () = tokio::time::sleep(idle), if nothing_waits => Event::Idle,
        }
    }

    fn read(&mut self) -> Result<(), CloseReason> {
        self.make_room()?;
        match self.stream.try_read_buf(&mut self.input) {
            Ok(0) if self.input.is_empty() => Err(CloseReason::ClientClosed),
            Ok(0) => Err(CloseReason::TruncatedFrame),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(CloseReason::Io(error)),
        }
    }

    /// Sizes the buffer for the frame under way and the length of the one behind it, so that a
    /// stream of large frames is read without moving a byte twice.
    fn make_room(&mut self) -> Result<(), CloseReason> {
        let have = self.input.len();
        let want = match self.announced_length()? {
            None => READ_AHEAD_BYTES,
            Some(length) => {
                let whole = LENGTH_BYTES + length + LENGTH_BYTES;
                whole.min(EAGER_FRAME_BYTES.max(have * 2)).max(have + 1)
            }
        };
        self.input.reserve(want.saturating_sub(have));
        self.holds_buffer = true;
        Ok(())
    }

    /// A connection that is silent for a while holds no memory for its next request.
    fn release_buffer(&mut self) {
        self.input = BytesMut::new();
        self.holds_buffer = false;
    }

    /// Shutting down: what was promised is still answered, nothing new is read.
    async fn drain(&mut self) -> Result<(), CloseReason> {
        while let Some(slot) = self.slots.front_mut() {
            tokio::select! {
                biased;
                () = finish(Some(slot)) => {}
                () = tokio::time::sleep(DRAIN_PATIENCE) => break,
            }
            self.send_finished_replies().await?;
        }
        Err(CloseReason::Shutdown)
    }
}

/// Lets the work go as far as it can without waiting.
async fn started(mut waiting: Waiting) -> Slot {
    let finished = poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context))).await;
    match finished {
        Poll::Ready(finished) => Slot::Done(finished),
        Poll::Pending => Slot::Waiting(waiting),
    }
}

/// How long a shutdown waits for one reply: longer than a group commit, shorter than a long poll.
const DRAIN_PATIENCE: Duration = Duration::from_millis(500);

/// Resolves when the slot's reply is there; never without a slot.
async fn finish(slot: Option<&mut Slot>) {
    let Some(slot) = slot else {
        return std::future::pending().await;
    };
    if let Slot::Waiting(waiting) = slot {
        let finished = poll_fn(|context| waiting.as_mut().poll(context)).await;
        *slot = Slot::Done(finished);
    }
}

/// Makes a service for each connection that is accepted.
pub trait ServiceFactory: Send + Sync + 'static {
    type Service: Service + 'static;

    fn connect(self: &Arc<Self>, peer: std::net::SocketAddr) -> Self::Service;
}
