//! One connection to one broker: one task that writes requests as they come and hands out the
//! answers, which a broker gives in the order of the requests.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use millrace_types::ErrorCode;
use millrace_wire::messages::api_versions_request::ApiVersionsRequest;
use millrace_wire::messages::api_versions_response::ApiVersionsResponse;
use millrace_wire::{
    ApiKey, Decoder, LENGTH_BYTES, Message, Piece, Request, encode_request, frame_length,
    read_response_header,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use crate::error::ClientError;
use crate::negotiation::Versions;
use crate::options::ClientOptions;
use crate::transport::Stream;

/// Requests on their way at once. Kafka reads a connection's next request only after it answered
/// the last, so more would only wait on the broker's side.
pub const MAX_IN_FLIGHT: usize = 64;
/// Above every fetch that a client asks for, whose bytes are a soft limit.
pub const RESPONSE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Memory taken for an answer before its bytes arrive.
const FIRST_READ_BYTES: usize = 64 * 1024;

type Result<T> = std::result::Result<T, ClientError>;

/// A request on its way.
struct Call {
    pieces: Vec<Piece>,
    /// `None` when the broker gives no answer.
    waiting: Option<Waiting>,
}

struct Waiting {
    correlation_id: i32,
    answer: oneshot::Sender<Bytes>,
}

/// A handle; the connection ends with the last one.
#[derive(Clone)]
pub struct Connection {
    address: Arc<str>,
    client_id: Arc<str>,
    versions: Arc<Versions>,
    calls: mpsc::Sender<Call>,
    next_id: Arc<AtomicI32>,
    task: AbortHandle,
}

impl Connection {
    /// Connects, and asks which versions the broker serves.
    ///
    /// # Errors
    /// When the broker cannot be reached or does not answer.
    pub async fn open(host: &str, port: u16, options: &ClientOptions) -> Result<Self> {
        let address: Arc<str> = format!("{host}:{port}").into();
        let unreachable = |source: io::Error| ClientError::Unreachable {
            address: Arc::clone(&address),
            source: Arc::new(source),
        };
        let connecting = options.transport.connect(host, port);
        let stream = tokio::time::timeout(options.connect_timeout, connecting)
            .await
            .map_err(|_| unreachable(io::ErrorKind::TimedOut.into()))?
            .map_err(unreachable)?;
        let (calls, queue) = mpsc::channel(MAX_IN_FLIGHT);
        let task = tokio::spawn(run(stream, queue)).abort_handle();
        let mut connection = Self {
            address,
            client_id: Arc::clone(&options.client_id),
            versions: Arc::default(),
            calls,
            next_id: Arc::default(),
            task,
        };
        connection.versions = Arc::new(connection.negotiate(options.request_timeout).await?);
        Ok(connection)
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.calls.is_closed()
    }

    /// The newest version of the API that both sides speak.
    ///
    /// # Errors
    /// When there is none.
    pub fn version(&self, api: ApiKey) -> Result<i16> {
        self.versions.choose(api).ok_or(ClientError::NotServed {
            api,
            address: Arc::clone(&self.address),
        })
    }

    /// Sends a request and waits for its answer. A broker that does not answer in time is given
    /// up: everything behind would wait as well.
    ///
    /// # Errors
    /// When there is no common version, the connection breaks, or time is up.
    pub async fn call<R: Request>(&self, request: &R, timeout: Duration) -> Result<R::Response> {
        let version = self.version(R::KEY)?;
        let answer = self.exchange(request, version, timeout).await?;
        decode::<R>(answer, version)
    }

    /// Sends a request that has no answer: Produce with acks=0.
    ///
    /// # Errors
    /// When there is no common version, or the connection is broken.
    pub async fn send<R: Request>(&self, request: &R) -> Result<()> {
        let version = self.version(R::KEY)?;
        let (_, pieces) = self.encode(request, version)?;
        let call = Call {
            pieces,
            waiting: None,
        };
        self.calls.send(call).await.map_err(|_| self.lost())
    }

    /// ApiVersions itself: a broker that does not know our version says so in version 0.
    async fn negotiate(&self, timeout: Duration) -> Result<Versions> {
        const VERSION: i16 = 3;
        let request = ApiVersionsRequest {
            client_software_name: "millrace".into(),
            client_software_version: env!("CARGO_PKG_VERSION").into(),
        };
        let answer = self.exchange(&request, VERSION, timeout).await?;
        let mut response = decode::<ApiVersionsRequest>(answer.clone(), VERSION);
        if !matches!(&response, Ok(response) if response.error_code == 0) {
            response = decode::<ApiVersionsRequest>(answer, 0);
        }
        let response: ApiVersionsResponse = response?;
        if response.error_code == ErrorCode::UnsupportedVersion.code() {
            let request = ApiVersionsRequest::default();
            let answer = self.exchange(&request, 0, timeout).await?;
            return Ok(Versions::of(&decode::<ApiVersionsRequest>(answer, 0)?));
        }
        ClientError::check(response.error_code, None)?;
        Ok(Versions::of(&response))
    }

    async fn exchange<R: Request>(
        &self,
        request: &R,
        version: i16,
        timeout: Duration,
    ) -> Result<Bytes> {
        let (correlation_id, pieces) = self.encode(request, version)?;
        let (answer, answered) = oneshot::channel();
        let waiting = Some(Waiting {
            correlation_id,
            answer,
        });
        let exchange = async {
            let call = Call { pieces, waiting };
            self.calls.send(call).await.map_err(|_| self.lost())?;
            answered.await.map_err(|_| self.lost())
        };
        match tokio::time::timeout(timeout, exchange).await {
            Ok(answer) => answer,
            Err(_) => {
                self.task.abort();
                Err(ClientError::TimedOut {
                    api: R::KEY,
                    address: Arc::clone(&self.address),
                    waited: timeout,
                })
            }
        }
    }

    fn encode<R: Request>(&self, request: &R, version: i16) -> Result<(i32, Vec<Piece>)> {
        let correlation_id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let client_id = Some(Arc::clone(&self.client_id));
        let frame = encode_request(request, version, correlation_id, client_id);
        let frame = frame.map_err(|source| ClientError::Encode {
            api: R::KEY,
            source,
        })?;
        Ok((correlation_id, frame.pieces))
    }

    fn lost(&self) -> ClientError {
        ClientError::Disconnected {
            address: Arc::clone(&self.address),
        }
    }
}

fn decode<R: Request>(answer: Bytes, version: i16) -> Result<R::Response> {
    let mut decoder = Decoder::new(answer);
    read_response_header(&mut decoder, R::KEY, version)
        .and_then(|_| R::Response::decode(&mut decoder, version))
        .map_err(|source| ClientError::Decode {
            api: R::KEY,
            source,
        })
}

/// Ends when either direction does; whoever still waits learns it from the dropped channel.
async fn run(stream: Box<dyn Stream>, queue: mpsc::Receiver<Call>) {
    let (reader, writer) = tokio::io::split(stream);
    let (written, expected) = mpsc::channel(MAX_IN_FLIGHT);
    let outcome = tokio::select! {
        outcome = write_requests(writer, queue, written) => outcome,
        outcome = read_answers(reader, expected) => outcome,
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn write_requests(
    writer: impl AsyncWrite + Unpin,
    mut queue: mpsc::Receiver<Call>,
    written: mpsc::Sender<Waiting>,
) -> io::Result<()> {
    let mut writer = BufWriter::new(writer);
    let mut next = queue.recv().await;
    while let Some(call) = next {
        if let Some(waiting) = call.waiting
            && written.send(waiting).await.is_err()
        {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for piece in call.pieces {
            match piece {
                Piece::Bytes(bytes) => writer.write_all(&bytes).await?,
                Piece::Hole { .. } => return Err(io::ErrorKind::InvalidInput.into()),
            }
        }
        next = match queue.try_recv() {
            Ok(call) => Some(call),
            Err(_) => {
                writer.flush().await?;
                queue.recv().await
            }
        };
    }
    Ok(())
}

async fn read_answers(
    mut reader: impl AsyncRead + Unpin,
    mut expected: mpsc::Receiver<Waiting>,
) -> io::Result<()> {
    loop {
        let answer = read_frame(&mut reader).await?;
        // Whoever asks is queued before the question is written, so an answer finds its asker.
        let waiting = expected.try_recv().map_err(io::Error::other)?;
        let id = answer.first_chunk().map(|id| i32::from_be_bytes(*id));
        if id != Some(waiting.correlation_id) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // Whoever asked may have stopped waiting.
        let _ = waiting.answer.send(answer);
    }
}

/// Memory grows with the bytes that arrive, not with the length that is announced.
async fn read_frame(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Bytes> {
    let mut prefix = [0; LENGTH_BYTES];
    reader.read_exact(&mut prefix).await?;
    let length = frame_length(prefix, RESPONSE_BYTES_MAX).map_err(io::Error::other)?;
    let mut frame = BytesMut::with_capacity(length.min(FIRST_READ_BYTES));
    while frame.len() < length {
        let left = length - frame.len();
        frame.reserve(left.min(frame.len().max(FIRST_READ_BYTES)));
        let mut limited = (&mut *reader).take(u64::try_from(left).unwrap_or(u64::MAX));
        if limited.read_buf(&mut frame).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(frame.freeze())
}
