//! A connection against a broker made of two ends of a pipe.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use millrace_client::{ClientError, ClientOptions, Connection, Stream, Transport};
use millrace_wire::messages::api_versions_request::ApiVersionsRequest;
use millrace_wire::messages::api_versions_response::{ApiVersion, ApiVersionsResponse};
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::heartbeat_response::HeartbeatResponse;
use millrace_wire::messages::metadata_request::MetadataRequest;
use millrace_wire::{ApiKey, Decoder, Encoded, Message, Piece, RequestHeader, encode_response};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

const PATIENCE: Duration = Duration::from_secs(5);

/// Hands out one end; the test keeps the other.
struct Pipe(Mutex<Option<DuplexStream>>);

impl Transport for Pipe {
    fn connect<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        let end = self.0.lock().take().ok_or(io::ErrorKind::ConnectionRefused);
        Box::pin(async { Ok(Box::new(end?) as Box<dyn Stream>) })
    }
}

struct Broker(DuplexStream);

impl Broker {
    async fn request(&mut self) -> (RequestHeader, Decoder) {
        let length = self.0.read_u32().await.expect("a request");
        let mut frame = vec![0; usize::try_from(length).expect("a length")];
        self.0
            .read_exact(&mut frame)
            .await
            .expect("a whole request");
        let mut decoder = Decoder::new(Bytes::from(frame));
        let header = RequestHeader::decode(&mut decoder).expect("a header");
        (header, decoder)
    }

    async fn answer(&mut self, frame: Encoded) {
        for piece in frame.pieces {
            if let Piece::Bytes(bytes) = piece {
                self.0.write_all(&bytes).await.expect("room");
            }
        }
    }

    /// Answers ApiVersions with Heartbeat and ApiVersions only.
    async fn greet(&mut self) {
        let (header, _) = self.request().await;
        let line = |key: ApiKey, max_version| ApiVersion {
            api_key: key.code(),
            min_version: 0,
            max_version,
        };
        let response = ApiVersionsResponse {
            api_keys: vec![line(ApiKey::Heartbeat, 4), line(ApiKey::ApiVersions, 3)],
            ..ApiVersionsResponse::default()
        };
        let (version, id) = (header.api_version, header.correlation_id);
        self.answer(encode_response::<ApiVersionsRequest>(&response, version, id).expect("fits"))
            .await;
    }

    async fn heartbeat(&mut self, id: i32, error_code: i16) {
        let response = HeartbeatResponse {
            error_code,
            ..HeartbeatResponse::default()
        };
        let frame = encode_response::<HeartbeatRequest>(&response, 4, id).expect("fits");
        self.answer(frame).await;
    }
}

fn pipe() -> (ClientOptions, Broker) {
    let (ours, theirs) = tokio::io::duplex(1024 * 1024);
    let mut options = ClientOptions::new(Vec::new());
    options.transport = Arc::new(Pipe(Mutex::new(Some(ours))));
    (options, Broker(theirs))
}

async fn connected() -> (Connection, Broker) {
    let (options, mut broker) = pipe();
    let (connection, ()) = tokio::join!(Connection::open("b", 1, &options), broker.greet());
    (connection.expect("a greeting is enough"), broker)
}

fn beat(member: &str) -> HeartbeatRequest {
    HeartbeatRequest {
        member_id: member.into(),
        ..HeartbeatRequest::default()
    }
}

#[tokio::test]
async fn calls_are_sent_at_once_and_answered_in_order() {
    let (connection, mut broker) = connected().await;
    let (one, other) = (beat("one"), beat("other"));
    let calls = async {
        tokio::join!(
            connection.call(&one, PATIENCE),
            connection.call(&other, PATIENCE)
        )
    };
    let serve = async {
        let (first, mut body) = broker.request().await;
        let member = HeartbeatRequest::decode(&mut body, 4).unwrap().member_id;
        assert_eq!(&*member, "one");
        let (second, _) = broker.request().await;
        broker.heartbeat(first.correlation_id, 1).await;
        broker.heartbeat(second.correlation_id, 2).await;
    };
    let ((first, second), ()) = tokio::join!(calls, serve);
    assert_eq!(first.unwrap().error_code, 1);
    assert_eq!(second.unwrap().error_code, 2);
}

#[tokio::test]
async fn a_version_that_nobody_shares_is_not_asked_for() {
    let (connection, _broker) = connected().await;
    let outcome = connection.call(&MetadataRequest::default(), PATIENCE).await;
    assert!(matches!(outcome, Err(ClientError::NotServed { .. })));
}

#[tokio::test]
async fn a_broker_that_goes_away_fails_everything_on_its_way() {
    let (connection, mut broker) = connected().await;
    let leave = async move {
        broker.request().await;
        drop(broker);
    };
    let request = beat("m");
    let (outcome, ()) = tokio::join!(connection.call(&request, PATIENCE), leave);
    let error = outcome.unwrap_err();
    assert!(matches!(error, ClientError::Disconnected { .. }));
    assert!(error.retryable());
}

#[tokio::test]
async fn a_broker_that_does_not_answer_in_time_is_given_up() {
    let (connection, _broker) = connected().await;
    let outcome = connection.call(&beat("m"), Duration::ZERO).await;
    assert!(matches!(outcome, Err(ClientError::TimedOut { .. })));
    let next = connection.call(&beat("m"), PATIENCE).await;
    assert!(matches!(next, Err(ClientError::Disconnected { .. })));
}

#[tokio::test]
async fn an_answer_to_another_question_ends_the_connection() {
    let (connection, mut broker) = connected().await;
    let confuse = async {
        let (header, _) = broker.request().await;
        broker.heartbeat(header.correlation_id + 1, 0).await;
    };
    let request = beat("m");
    let (outcome, ()) = tokio::join!(connection.call(&request, PATIENCE), confuse);
    assert!(matches!(outcome, Err(ClientError::Disconnected { .. })));
}

#[tokio::test]
async fn a_broker_of_before_is_greeted_in_version_0() {
    let (options, mut broker) = pipe();
    let serve = async {
        let (header, _) = broker.request().await;
        assert_eq!(header.api_version, 3);
        let refusal = ApiVersionsResponse {
            error_code: 35,
            ..ApiVersionsResponse::default()
        };
        let frame = encode_response::<ApiVersionsRequest>(&refusal, 0, header.correlation_id);
        broker.answer(frame.unwrap()).await;
        broker.greet().await;
    };
    let (connection, ()) = tokio::join!(Connection::open("b", 1, &options), serve);
    assert_eq!(connection.unwrap().version(ApiKey::Heartbeat).unwrap(), 4);
}
