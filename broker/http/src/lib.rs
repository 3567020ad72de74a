//! The HTTP side of a process, for probes and scrapers: one request for each connection, few of them
//! at a time, and each with a deadline. Which paths there are is the caller's business.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

/// Bytes of a request's head; nobody here reads a body.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// How long accepting rests after it failed: the process has run out of something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How much of the process its probes and scrapers may take together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Who comes beyond these waits for one to end.
    pub connections: usize,
    /// From the connection until its request is there.
    pub head: Duration,
    /// From the connection until its answer has left.
    pub whole: Duration,
}

impl Default for HttpLimits {
    /// Several scrapers and all probes of a node fit; an answer of many megabytes, which each of
    /// them may be slow to take, does not multiply without end.
    fn default() -> Self {
        Self {
            connections: 16,
            head: Duration::from_secs(5),
            whole: Duration::from_secs(30),
        }
    }
}

/// Answers until it is dropped.
pub async fn serve(listener: TcpListener, router: Router, limits: HttpLimits) {
    let places = Arc::new(Semaphore::new(limits.connections));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        let place = place.expect("nobody closes the semaphore");
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(answer(stream, place, router.clone(), limits));
            }
            Err(error) => {
                tracing::warn!(%error, "the metrics and health listener cannot accept");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn answer(
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    router: Router,
    limits: HttpLimits,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(false)
        // Who says no more still gets its answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match timeout(limits.whole, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a probe or scrape broke off"),
        Err(_) => tracing::debug!("a probe or scrape took too long"),
    }
}
