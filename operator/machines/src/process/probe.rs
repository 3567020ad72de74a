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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    /// In words, why the last one was not good.
    Bad(String),
}

/// A probe and how it went so far.
pub(crate) struct Probing<'a> {
    probe: &'a HttpProbe,
    address: &'a str,
    /// Whether it takes its time to start, however long that is.
    may_start: bool,
    looks: u32,
    failures: u32,
    is_good: Option<bool>,
}

impl<'a> Probing<'a> {
    /// A container that does not become ready is told of.
    pub(crate) const fn of_readiness(address: &'a str, probe: &'a HttpProbe) -> Self {
        Self {
            probe,
            address,
            may_start: false,
            looks: 0,
            failures: 0,
            is_good: None,
        }
    }

    /// Failures count only after the first success: until then it starts.
    pub(crate) const fn of_liveness(address: &'a str, probe: &'a HttpProbe) -> Self {
        Self {
            may_start: true,
            ..Self::of_readiness(address, probe)
        }
    }

    /// The next change of mind.
    pub(crate) async fn changes(&mut self) -> Verdict {
        loop {
            let eager = self.is_good.is_none() && self.looks < EAGER_LOOKS;
            sleep(if eager { EAGER } else { self.probe.period }).await;
            self.looks = self.looks.saturating_add(1);
            let answer = self.ask().await;
            let counts = self.is_good.is_some() || !(eager || self.may_start);
            self.failures = match answer {
                Err(_) if counts => self.failures + 1,
                _ => 0,
            };
            let (is_good, verdict) = match answer {
                Ok(()) => (true, Verdict::Good),
                Err(why) if self.failures >= self.probe.failures => (false, Verdict::Bad(why)),
                Err(_) => continue,
            };
            if self.is_good.replace(is_good) != Some(is_good) {
                return verdict;
            }
        }
    }

    /// Why the answer is not a good one.
    async fn ask(&self) -> Result<(), String> {
        let HttpProbe { port, path, .. } = self.probe;
        let question = || format!("Get \"http://{}:{port}{path}\"", self.address);
        match timeout(self.probe.timeout, get(self.address, self.probe)).await {
            // Kubernetes takes redirects for an answer, too.
            Ok(Ok(200..=399)) => Ok(()),
            Ok(Ok(status)) => Err(format!("HTTP probe failed with statuscode: {status}")),
            Ok(Err(error)) => Err(format!("{}: {error}", question())),
            Err(_) => Err(format!(
                "{}: no answer in {:?}",
                question(),
                self.probe.timeout
            )),
        }
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
    let mut answer = Box::pin(async {
        let answer = sender.send_request(request).await;
        answer.map_err(io::Error::other)
    });
    let answer = tokio::select! {
        biased;
        answer = &mut answer => answer,
        // Whoever answers may close the connection with the same breath.
        _ = connection => answer.await,
    };
    Ok(answer?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_never_becomes_ready_is_told_of_and_may_live() {
        // Nothing listens there.
        let probe = HttpProbe {
            port: 1,
            path: "/readyz".to_owned(),
            period: EAGER,
            timeout: EAGER * 100,
            failures: 3,
        };
        let mut readiness = Probing::of_readiness("127.0.0.1", &probe);
        let Verdict::Bad(why) = readiness.changes().await else {
            panic!("nobody answers");
        };
        assert!(
            why.starts_with("Get \"http://127.0.0.1:1/readyz\": "),
            "{why}"
        );
        assert_eq!(readiness.looks, EAGER_LOOKS + probe.failures);
        let mut liveness = Probing::of_liveness("127.0.0.1", &probe);
        let never = timeout(EAGER * EAGER_LOOKS * 2, liveness.changes()).await;
        assert!(never.is_err(), "it may start for as long as it takes");
    }

    #[tokio::test]
    async fn an_answer_counts_though_its_connection_closes_with_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let probe = HttpProbe {
            port: listener.local_addr().expect("an address").port(),
            path: "/".to_owned(),
            period: EAGER,
            timeout: EAGER,
            failures: 1,
        };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut question = [0; 1024];
                let _read = stream.read(&mut question).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _written = stream.write_all(answer).await;
            }
        });
        for _ in 0..100 {
            let answer = get("127.0.0.1", &probe).await;
            assert_eq!(answer.expect("an answer"), 200);
        }
    }
}
