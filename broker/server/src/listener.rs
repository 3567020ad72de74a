//! Accepts connections on one address and gives each a task. Counts them, and refuses what is
//! over the limits before a byte is read.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use millrace_replication::Count;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::connection::{Connection, ConnectionLimits, ServiceFactory};

/// How long accepting rests after the process has run out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone, Debug)]
pub struct ListenerLimits {
    pub backlog: u32,
    pub connections_max: usize,
    pub connections_per_ip_max: usize,
    /// `None` leaves the buffer to the kernel.
    pub send_buffer_bytes: Option<u32>,
    pub receive_buffer_bytes: Option<u32>,
    pub connection: ConnectionLimits,
}

/// The connections that are open, over all listeners of the process.
#[derive(Default)]
pub struct OpenConnections {
    by_ip: Mutex<HashMap<IpAddr, usize>>,
    accepted: Count,
    refused: Count,
}

impl OpenConnections {
    pub fn count(&self) -> usize {
        self.by_ip.lock().values().sum()
    }

    /// Since the start.
    pub fn accepted(&self) -> u64 {
        self.accepted.value()
    }

    /// Since the start, because of a limit.
    pub fn refused(&self) -> u64 {
        self.refused.value()
    }

    fn admit(self: &Arc<Self>, ip: IpAddr, limits: &ListenerLimits) -> Result<Admission, Refusal> {
        let mut by_ip = self.by_ip.lock();
        let total: usize = by_ip.values().sum();
        if total >= limits.connections_max {
            return Err(Refusal::TooMany);
        }
        let of_this_ip = by_ip.entry(ip).or_insert(0);
        if *of_this_ip >= limits.connections_per_ip_max {
            return Err(Refusal::TooManyOfOneAddress);
        }
        *of_this_ip += 1;
        Ok(Admission {
            ip,
            open: Arc::clone(self),
        })
    }
}

/// One counted connection; dropping it gives its place back.
struct Admission {
    ip: IpAddr,
    open: Arc<OpenConnections>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut by_ip = self.open.by_ip.lock();
        if let Some(count) = by_ip.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                by_ip.remove(&self.ip);
            }
        }
    }
}

#[derive(Debug)]
enum Refusal {
    TooMany,
    TooManyOfOneAddress,
}

pub struct Listener<F> {
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
        let mut connections = tokio::task::JoinSet::new();
        let mut shutdown = self.shutdown.clone();
        loop {
            tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, peer)) => self.welcome(stream, peer, &mut connections),
                    Err(error) => {
                        warn!(%error, "cannot accept connections");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                () = stopped(&mut shutdown) => break,
            }
        }
        while connections.join_next().await.is_some() {}
    }

    fn welcome(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        connections: &mut tokio::task::JoinSet<()>,
    ) {
        let admission = match self.open.admit(peer.ip(), &self.limits) {
            Ok(admission) => {
                self.open.accepted.increment();
                admission
            }
            Err(refusal) => {
                self.open.refused.increment();
                debug!(%peer, ?refusal, "connection refused");
                return;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%peer, %error, "connection lost before it was served");
            return;
        }
        let service = self.factory.connect(peer);
        let connection = Connection::new(
            stream,
            service,
            self.limits.connection.clone(),
            self.shutdown.clone(),
        );
        connections.spawn(async move {
            let reason = connection.run().await;
            drop(admission);
            if reason.is_noteworthy() {
                info!(%peer, reason = %Chain(&reason), "connection closed");
            } else {
                debug!(%peer, reason = %Chain(&reason), "connection closed");
            }
        });
    }
}

/// Resolves at shutdown, also when whoever would announce it is gone.
pub async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    // The guard of the value must not live on: it cannot move between threads.
    drop(shutdown.wait_for(|&stop| stop).await);
}

/// Prints an error with everything that caused it.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
