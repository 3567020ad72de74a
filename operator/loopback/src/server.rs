//! The listener: connections within limits, each request guarded, read whole and answered; everything
//! ends when it is told to stop.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use millrace_local::LocalApi;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::answer::Answer;
use crate::logs::PodLogs;
use crate::service::Served;
use crate::stop::told;

/// Beyond these a client waits until another one leaves.
const MAX_CONNECTIONS: usize = 256;
/// Of a request's line and headers together.
const HEAD_LIMIT: usize = 64 << 10;
/// From the end of one request to the end of the next one's head.
const HEAD_DEADLINE: Duration = Duration::from_secs(90);
/// What a stop waits for answers that are on their way.
const STOP_DEADLINE: Duration = Duration::from_secs(2);
/// After the system had no connection to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why nothing listens.
#[derive(Debug, Error)]
pub enum BindError {
    #[error(
        "{0} is not a loopback address: this API knows no users, so it serves this machine only"
    )]
    NotLoopback(SocketAddr),
    #[error("{0} is taken by another process: stop that one, or choose another port")]
    Taken(SocketAddr),
    #[error("cannot listen on {address}")]
    Refused {
        address: SocketAddr,
        source: io::Error,
    },
}

/// A listener on loopback that serves an API once it is given one.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    address: SocketAddr,
}

impl Loopback {
    /// Listens; port 0 is any that is free.
    ///
    /// # Errors
    /// When the address is not a loopback one, or cannot be had.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindError> {
        if !address.ip().is_loopback() {
            return Err(BindError::NotLoopback(address));
        }
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::Taken(address),
            _ => BindError::Refused { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is done and the answers that were on their way are out; watches end at once.
    pub async fn serve(
        self,
        api: LocalApi,
        logs: Arc<dyn PodLogs>,
        stop: impl Future<Output = ()>,
    ) {
        let (stopping, stopped) = watch::channel(false);
        let served = Arc::new(Served::new(api, logs, stopped.clone()));
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                (stream, slot) = self.accept(&slots) => {
                    let served = Arc::clone(&served);
                    connections.spawn(converse(stream, slot, served, stopped.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        stopping.send_replace(true);
        let ended = timeout(STOP_DEADLINE, async {
            while connections.join_next().await.is_some() {}
        });
        if ended.await.is_err() {
            tracing::warn!(left = connections.len(), "connections were cut");
        }
    }

    async fn accept(&self, slots: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
        if slots.available_permits() == 0 {
            tracing::warn!(
                limit = MAX_CONNECTIONS,
                "new connections wait for one to end"
            );
        }
        let slot = Arc::clone(slots).acquire_owned().await;
        let slot = slot.expect("nobody closes the semaphore");
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => return (stream, slot),
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// One connection until either side is done with it.
async fn converse(
    stream: TcpStream,
    slot: OwnedSemaphorePermit,
    served: Arc<Served>,
    stopped: watch::Receiver<bool>,
) {
    let answering = service_fn(|request: hyper::Request<Incoming>| {
        let served = Arc::clone(&served);
        async move { Ok::<Answer, Infallible>(served.answer(request).await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_DEADLINE)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), answering)
    );
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        () = told(stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke");
    }
    drop(slot);
}
