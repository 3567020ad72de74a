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
