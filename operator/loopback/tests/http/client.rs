//! A server of its own for a test, and a client that writes requests as bytes.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use millrace_local::LocalApi;
use millrace_loopback::{ContainerRun, Loopback, Output, PodLogs};
use parking_lot::Mutex;
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// The output of every container: one file, once something is written.
#[derive(Default)]
struct Logs {
    file: Mutex<Option<(NamedTempFile, watch::Sender<bool>)>>,
}

struct Log {
    path: PathBuf,
    ended: watch::Receiver<bool>,
}

impl PodLogs for Logs {
    fn output(&self, run: &ContainerRun) -> Option<Box<dyn Output>> {
        let file = self.file.lock();
        let (file, ended) = file.as_ref().filter(|_| !run.previous)?;
        Some(Box::new(Log {
            path: file.path().to_owned(),
            ended: ended.subscribe(),
        }))
    }
}

impl Output for Log {
    fn files(&self) -> BTreeMap<u64, PathBuf> {
        [(0, self.path.clone())].into()
    }

    fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }
}

/// An API that is served.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    pub(crate) api: LocalApi,
    logs: Arc<Logs>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Serving {
    pub(crate) async fn start() -> Self {
        let loopback = Loopback::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
        let loopback = loopback.await.unwrap();
        let address = loopback.address();
        let api = LocalApi::new(Timestamp::now());
        let logs = Arc::new(Logs::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = loopback.serve(api.clone(), Arc::clone(&logs) as _, async move {
            stopped.await.ok();
        });
        Self {
            address,
            api,
            logs,
            stop,
            server: tokio::spawn(serving),
        }
    }

    /// Returns once nothing is served any more.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(LIMIT, self.server).await.unwrap().unwrap();
    }

    pub(crate) fn write_log(&self, bytes: &[u8]) {
        let mut file = self.logs.file.lock();
        let new = || (NamedTempFile::new().unwrap(), watch::Sender::new(false));
        file.get_or_insert_with(new).0.write_all(bytes).unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_as(path, "application/json").await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Answer {
        let headers = [("Accept", accept), ("Connection", "close")];
        self.open("GET", path, &headers, "").await.answer().await
    }

    /// Sends a request; of headers that are given no other is sent.
    pub(crate) async fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Conversation {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        let given = |name: &str| headers.iter().any(|(given, _)| *given == name);
        if !given("Host") {
            request.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // Who refuses need not read on.
        let sent = async {
            stream.write_all(request.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await
        };
        timeout(LIMIT, sent).await.unwrap().ok();
        Conversation {
            stream: BufReader::new(stream),
            code: 0,
        }
    }
}

/// A connection on which an answer comes.
pub(crate) struct Conversation {
    stream: BufReader<TcpStream>,
    code: u16,
}

pub(crate) struct Answer {
    pub(crate) code: u16,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Conversation {
    /// The whole answer.
    pub(crate) async fn answer(mut self) -> Answer {
        let length = self
            .head()
            .await
            .expect("answers are whole or come in chunks");
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                let read = self.stream.read_exact(&mut body);
                timeout(LIMIT, read).await.unwrap().unwrap();
            }
            None => loop {
                let chunk = self.chunk().await;
                if chunk.is_empty() {
                    break;
                }
                body.extend(chunk);
            },
        }
        Answer {
            code: self.code,
            body,
        }
    }

    /// The next piece of a stream without its newline; empty at the end.
    pub(crate) async fn line(&mut self) -> String {
        if self.code == 0 {
            assert_eq!(self.head().await, Some(None), "a stream has no length");
        }
        let chunk = String::from_utf8(self.chunk().await).unwrap();
        chunk.trim_end_matches('\n').to_owned()
    }

    /// The length, if the answer says one.
    async fn head(&mut self) -> Option<Option<usize>> {
        let status = self.text().await;
        self.code = status.split(' ').nth(1)?.parse().ok()?;
        let mut length = None;
        let mut chunked = false;
        loop {
            let line = self.text().await.to_lowercase();
            match line.split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = value.parse().ok(),
                Some(("transfer-encoding", "chunked")) => chunked = true,
                Some(_) => {}
            }
        }
        if chunked {
            Some(None)
        } else {
            Some(Some(length.unwrap_or(0)))
        }
    }

    async fn chunk(&mut self) -> Vec<u8> {
        let length = usize::from_str_radix(&self.text().await, 16).unwrap_or(0);
        let mut chunk = vec![0; length + 2];
        if length > 0 {
            let read = self.stream.read_exact(&mut chunk);
            timeout(LIMIT, read).await.unwrap().unwrap();
        }
        chunk.truncate(length);
        chunk
    }

    async fn text(&mut self) -> String {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line);
        timeout(LIMIT, read).await.unwrap().ok();
        line.trim_end().to_owned()
    }
}
