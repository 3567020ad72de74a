//! Accepts connections on one address and gives each a task. Who may enter is decided in
//! `admission`; a connection that has to wait is held here, and those behind it by the system.

pub(crate) mod admission;
mod complaints;
mod open;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tracing::{debug, info, warn};

use crate::connection::{Connection, ConnectionLimits};
use crate::service::ServiceFactory;
use admission::{Denial, Refusal};
use open::Admission;

pub use open::OpenConnections;

/// How long accepting rests after it failed: the process has run out of something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

const ADDRESS_HAS_ITS_SHARE: &str = "clients came from an address that has its share";
const NO_DESCRIPTORS: &str = "clients came while too few file descriptors were left";
const NO_PLACE: &str = "clients had to wait for a place";
const TOO_FAST: &str = "clients had to wait because connections came too fast";
const NOT_ACCEPTED: &str = "clients could not be accepted";

#[derive(Clone)]
pub struct ListenerLimits {
    pub backlog: u32,
    /// Connections whose descriptor has this number or a higher one are refused: the rest is for
    /// the logs.
    pub descriptors: RawFd,
    /// `None` leaves the buffer to the kernel.
    pub send_buffer_bytes: Option<u32>,
    pub receive_buffer_bytes: Option<u32>,
    pub connection: ConnectionLimits,
}

pub struct Listener<F> {
    name: Arc<str>,
    socket: TcpListener,
    factory: Arc<F>,
    limits: ListenerLimits,
    open: Arc<OpenConnections>,
    shutdown: watch::Receiver<bool>,
}

impl<F: ServiceFactory> Listener<F> {
    /// # Errors
    /// When the address is taken or not this machine's.
    pub fn bind(
        name: Arc<str>,
        address: SocketAddr,
        factory: Arc<F>,
        limits: ListenerLimits,
        open: Arc<OpenConnections>,
        shutdown: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_reuseaddr(true)?;
        // Accepted sockets inherit the sizes; the window is agreed on before `accept` returns.
        if let Some(bytes) = limits.receive_buffer_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        if let Some(bytes) = limits.send_buffer_bytes {
            socket.set_send_buffer_size(bytes)?;
        }
        socket.bind(address)?;
        let socket = socket.listen(limits.backlog)?;
        Ok(Self {
            name,
            socket,
            factory,
            limits,
            open,
            shutdown,
        })
    }

    /// # Errors
    /// When the socket has no local address any more.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts until shutdown, then returns once every connection has ended.
    pub async fn run(self) {
        let mut connections = JoinSet::new();
        let mut shutdown = self.shutdown.clone();
        let mut ticks = tokio::time::interval(complaints::WINDOW);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut held: Option<(TcpStream, SocketAddr)> = None;
        loop {
            let next = held.as_ref().map(|&(_, peer)| peer);
            tokio::select! {
                accepted = self.accept(), if next.is_none() => held = accepted,
                admitted = self.admission(next) => {
                    if let Some((stream, peer)) = held.take() {
                        self.welcome(stream, peer, admitted, &mut connections);
                    }
                }
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                _ = ticks.tick() => self.open.sum_up_complaints(),
                () = stopped(&mut shutdown) => break,
            }
        }
        drop(held);
        while connections.join_next().await.is_some() {}
        self.open.sum_up_complaints();
    }

    /// The next connection; none when there was one and it could not be kept.
    async fn accept(&self) -> Option<(TcpStream, SocketAddr)> {
        match self.socket.accept().await {
            Ok((stream, peer)) if stream.as_raw_fd() >= self.limits.descriptors => {
                let reason = "too few file descriptors are left for the logs";
                self.open.refuse(peer, NO_DESCRIPTORS, reason);
                None
            }
            Ok(accepted) => Some(accepted),
            Err(error) => {
                if self.open.may_say(NOT_ACCEPTED) {
                    warn!(%error, listener = %self.name, "cannot accept connections");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }

    /// Resolves when the connection may enter or is refused; never without one.
    async fn admission(&self, next: Option<SocketAddr>) -> Result<Admission, Refusal> {
        let Some(peer) = next else {
            return std::future::pending().await;
        };
        loop {
            let mut change = pin!(self.open.change());
            change.as_mut().enable();
            match self.open.admit(&self.name, peer) {
                Ok(admission) => return Ok(admission),
                Err(Denial::Refuse(refusal)) => return Err(refusal),
                Err(Denial::WaitForPlace(full)) => {
                    if self.open.may_say(NO_PLACE) {
                        info!(%peer, listener = %self.name, reason = %full, "a connection waits");
                    }
                    change.await;
                }
                Err(Denial::Wait(time)) => {
                    if self.open.may_say(TOO_FAST) {
                        info!(%peer, listener = %self.name, ?time,
                            "a connection waits: more come than max.connection.creation.rate allows");
                    }
                    // Either way it is time to ask again.
                    let _waited = tokio::time::timeout(time, change).await;
                }
            }
        }
    }

    fn welcome(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        admitted: Result<Admission, Refusal>,
        connections: &mut JoinSet<()>,
    ) {
        let admission = match admitted {
            Ok(admission) => admission,
            Err(refusal) => {
                let reason = refusal.to_string();
                return self.open.refuse(peer, ADDRESS_HAS_ITS_SHARE, &reason);
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%peer, %error, "connection lost before it was served");
            return;
        }
        let connection = Connection::new(
            stream,
            self.factory.connect(peer),
            self.limits.connection.clone(),
            Arc::clone(&admission.activity),
            self.shutdown.clone(),
        );
        let (id, open) = (admission.id, Arc::clone(&self.open));
        let task = connections.spawn(async move {
            let reason = connection.run().await;
            drop(admission);
            match reason.complaint() {
                Some(kind) => open.complain(peer, kind, &chain(&reason)),
                None => debug!(%peer, reason = chain(&reason), "connection closed"),
            }
        });
        self.open.runs(id, task);
    }
}

/// Resolves at shutdown, also when whoever would announce it is gone.
pub async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    // The guard of the value must not live on: it cannot move between threads.
    drop(shutdown.wait_for(|&stop| stop).await);
}

/// An error with everything that caused it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
