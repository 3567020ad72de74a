//! Asks a container by HTTP how it is, as often as its probe says; at its start much more often, since
//! nobody is told when a port is opened.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::runner::HttpProbe;

/// Between looks at a container that has just been started.
const EAGER: Duration = Duration::from_millis(5);
/// So many of them; then it takes its time.
const EAGER_LOOKS: u32 = 2_000;

/// What a series of answers came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    Bad,
}

/// A probe and how it went so far.
pub(crate) struct Probing<'a> {
    probe: &'a HttpProbe,
    address: &'a str,
    looks: u32,
    failures: u32,
    said: Option<Verdict>,
}

impl<'a> Probing<'a> {
    pub(crate) const fn new(address: &'a str, probe: &'a HttpProbe) -> Self {
        Self {
            probe,
            address,
            looks: 0,
            failures: 0,
            said: None,
        }
    }

    /// The next change of mind. Failures count only after the first success: until then it starts.
    pub(crate) async fn changes(&mut self) -> Verdict {
        loop {
            let starting = self.said.is_none() && self.looks < EAGER_LOOKS;
            sleep(if starting { EAGER } else { self.probe.period }).await;
            self.looks = self.looks.saturating_add(1);
            let good = self.ask().await;
            self.failures = if good { 0 } else { self.failures + 1 };
            let verdict = match (good, self.said) {
                (true, _) => Verdict::Good,
                (false, Some(_)) if self.failures >= self.probe.failures => Verdict::Bad,
                (false, _) => continue,
            };
            if self.said != Some(verdict) {
                self.said = Some(verdict);
                return verdict;
            }
        }
    }

    async fn ask(&self) -> bool {
        let asked = timeout(self.probe.timeout, get(self.address, self.probe)).await;
        // Kubernetes takes redirects for an answer, too.
        matches!(asked, Ok(Ok(200..=399)))
    }
}

async fn get(address: &str, probe: &HttpProbe) -> io::Result<u16> {
    let stream = TcpStream::connect((address, probe.port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let request = Request::get(&probe.path)
        .header("host", format!("{address}:{}", probe.port))
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    let answer = async {
        let answer = sender.send_request(request).await;
        answer.map_err(io::Error::other)
    };
    tokio::select! {
        biased;
        answer = answer => Ok(answer?.status().as_u16()),
        _ = connection => Err(io::ErrorKind::ConnectionReset.into()),
    }
}
