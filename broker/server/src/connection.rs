//! One client connection, one task: frames in, replies out in the order of their requests.
//! Knows frames and order only; what a request means is the service's business.

pub(crate) mod activity;
mod input;
pub(crate) mod memory;
mod slots;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::listener::stopped;
use crate::metrics::Timeline;
use crate::send::Sender;
use activity::Activity;
use input::{Input, Room};
use memory::RequestMemory;
use slots::Slots;

pub(crate) use crate::close_reason::CloseReason;
pub(crate) use crate::service::{Finished, Outcome, Service, Waiting};

/// Replies gathered into one write. More than this only delays the first of them.
const GATHERED_MAX: usize = 32;

/// How often a connection reads or sends before others on its thread have their turn: a busy one never has to wait.
const TURNS_MAX: usize = 4;

/// How long a silent connection keeps the buffer it last read into: busy clients reuse it.
const BUFFER_KEPT: Duration = Duration::from_secs(1);

/// How long half a frame may lie in memory that others wait for while nothing of it comes.
const HALF_FRAME_KEPT: Duration = Duration::from_secs(10);

/// How long a shutdown waits for one reply: longer than a group commit, shorter than a long poll.
const DRAIN_PATIENCE: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub struct ConnectionLimits {
    pub frame_bytes_max: usize,
    pub idle: Duration,
    /// For the requests of all connections.
    pub memory: Arc<RequestMemory>,
}

pub(crate) struct Connection<S> {
    stream: TcpStream,
    service: S,
    idle: Duration,
    shutdown: watch::Receiver<bool>,
    activity: Arc<Activity>,
    input: Input,
    slots: Slots,
    sender: Sender,
    /// Of the replies that leave now.
    timelines: Vec<Timeline>,
    /// The client will say nothing more, but may still listen.
    is_half_closed: bool,
    /// The frame under way goes on when there is memory for this much of it.
    wanted: Option<usize>,
    /// How long nothing has moved.
    quiet: Duration,
}

enum Event {
    Readable,
    OldestDone,
    MemoryFound,
    Shutdown,
    Quiet(Duration),
}

impl<S: Service> Connection<S> {
    pub(crate) fn new(
        stream: TcpStream,
        service: S,
        limits: ConnectionLimits,
        activity: Arc<Activity>,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        Self {
            stream,
            service,
            idle: limits.idle,
            shutdown,
            activity,
            input: Input::new(limits.frame_bytes_max, &limits.memory),
            slots: Slots::default(),
            sender: Sender::new(limits.idle),
            timelines: Vec::new(),
            is_half_closed: false,
            wanted: None,
            quiet: Duration::ZERO,
        }
    }

    /// Serves the connection until it ends, and says why it did.
    pub(crate) async fn run(mut self) -> CloseReason {
        loop {
            for _ in 0..TURNS_MAX {
                if let Err(reason) = self.turn().await {
                    return reason;
                }
            }
            tokio::task::yield_now().await;
        }
    }

    async fn turn(&mut self) -> Result<(), CloseReason> {
        self.dispatch_whole_frames().await?;
        if self.send_finished_replies().await? {
            return Ok(());
        }
        if self.is_half_closed && self.slots.is_empty() {
            return Err(self.farewell());
        }
        let event = self.next_event().await;
        if !matches!(event, Event::Quiet(_)) {
            self.quiet = Duration::ZERO;
        }
        match event {
            Event::OldestDone => Ok(()),
            Event::Readable => self.read(),
            Event::MemoryFound => {
                self.wanted = None;
                Ok(())
            }
            Event::Quiet(time) => self.endure(time),
            Event::Shutdown => self.drain().await,
        }
    }

    /// Hands every frame that has arrived whole to the service, as far as order and the limits on
    /// waiting requests allow.
    async fn dispatch_whole_frames(&mut self) -> Result<(), CloseReason> {
        while self.slots.accept() {
            let Some((frame, share)) = self.input.next_frame()? else {
                break;
            };
            let bytes = frame.len();
            let outcome = self.service.call(frame);
            self.slots.push(outcome, bytes, share).await;
        }
        Ok(())
    }

    /// Sends the finished replies at the head of the queue; says whether there were any.
    async fn send_finished_replies(&mut self) -> Result<bool, CloseReason> {
        let mut progress = false;
        let mut gathered = 0;
        while gathered < GATHERED_MAX
            && let Some(finished) = self.slots.pop_done()
        {
            progress = true;
            match finished {
                Finished::Reply(reply) => {
                    self.timelines.extend(reply.timeline);
                    self.sender.push(reply);
                    gathered += 1;
                }
                Finished::Silent => {}
                Finished::Close(reason) => {
                    self.sender.flush(&self.stream).await?;
                    return Err(reason);
                }
            }
            self.slots.nudge().await;
        }
        if progress {
            let sending = self.service.now();
            self.sender.flush(&self.stream).await?;
            self.service.left(&self.timelines, sending);
            self.timelines.clear();
        }
        Ok(progress)
    }

    async fn next_event(&mut self) -> Event {
        let may_read = self.slots.accept() && !self.is_half_closed && self.wanted.is_none();
        let patience = if self.input.is_reserved() {
            BUFFER_KEPT
        } else if self.input.share.is_empty() {
            self.idle
        } else {
            self.idle.min(HALF_FRAME_KEPT)
        };
        tokio::select! {
            biased;
            () = self.slots.oldest_done() => Event::OldestDone,
            // An error shows itself in the read that follows.
            _ = self.stream.readable(), if may_read => Event::Readable,
            () = self.input.share.grow(self.wanted.unwrap_or(0)), if self.wanted.is_some() => {
                Event::MemoryFound
            }
            () = stopped(&mut self.shutdown) => Event::Shutdown,
            // Whoever waits for memory is not to blame for the silence.
            () = tokio::time::sleep(patience), if self.wanted.is_none() => Event::Quiet(patience),
        }
    }

    fn read(&mut self) -> Result<(), CloseReason> {
        if let Room::Wanted(bytes) = self.input.make_room()? {
            self.wanted = Some(bytes);
            return Ok(());
        }
        match self.stream.try_read_buf(&mut self.input.buffer) {
            Ok(0) => self.is_half_closed = true,
            Ok(_) => {
                self.activity.note();
                self.service.received();
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(CloseReason::Io(error)),
        }
        Ok(())
    }

    /// Every request is answered, and no more will come.
    fn farewell(&self) -> CloseReason {
        if self.input.is_between_frames() {
            CloseReason::ClientClosed
        } else {
            CloseReason::TruncatedFrame
        }
    }

    /// Nothing moved for some more time.
    fn endure(&mut self, time: Duration) -> Result<(), CloseReason> {
        self.quiet += time;
        if self.input.is_reserved() {
            self.input.release();
            self.sender.release();
        } else if self.quiet >= self.idle {
            return Err(CloseReason::Idle(self.idle));
        } else if self.input.share.is_in_the_way() {
            return Err(CloseReason::HeldMemory(self.quiet));
        }
        Ok(())
    }

    /// Shutting down: what was promised is still answered, nothing new is read.
    async fn drain(&mut self) -> Result<(), CloseReason> {
        while !self.slots.is_empty() {
            tokio::select! {
                biased;
                () = self.slots.oldest_done() => {}
                () = tokio::time::sleep(DRAIN_PATIENCE) => break,
            }
            self.send_finished_replies().await?;
        }
        Err(CloseReason::Shutdown)
    }
}
