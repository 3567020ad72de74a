//! Those who probe and scrape, and those who only hold the line.

#![expect(clippy::unwrap_used, reason = "all of this is tests")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use millrace_http::{HttpLimits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);
const QUESTION: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";
/// More than all buffers between two sockets hold.
const LARGE: usize = 32 << 20;

async fn start(limits: HttpLimits) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/healthz", get(|| async { "alive" }))
        .route("/large", get(|| async { vec![0; LARGE] }));
    tokio::spawn(serve(listener, router, limits));
    address
}

fn patient() -> HttpLimits {
    HttpLimits {
        connections: 2,
        head: PATIENCE * 2,
        whole: PATIENCE * 2,
    }
}

async fn connect(address: SocketAddr, words: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words).await.unwrap();
    stream
}

/// All that comes until the other side hangs up.
async fn hear(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
    // A connection that is cut with words unread ends with a reset.
    let _end_or_reset = ended.expect("the other side hangs up");
    heard
}

async fn is_alive(stream: &mut TcpStream) -> bool {
    hear(stream).await.starts_with(b"HTTP/1.1 200")
}

#[tokio::test]
async fn each_connection_gets_one_answer() {
    let address = start(patient()).await;
    for _ in 0..5 {
        let mut stream = connect(address, &QUESTION.repeat(2)).await;
        let heard = String::from_utf8(hear(&mut stream).await).unwrap();
        assert_eq!(heard.matches("HTTP/1.1 200").count(), 1, "{heard}");
    }
}

#[tokio::test]
async fn who_says_no_more_still_hears_the_answer() {
    let address = start(patient()).await;
    let mut stream = connect(address, QUESTION).await;
    stream.shutdown().await.unwrap();
    assert!(is_alive(&mut stream).await);
}

#[tokio::test]
async fn who_comes_beyond_the_limit_waits_for_a_place() {
    let address = start(patient()).await;
    let mut silent = Vec::new();
    for _ in 0..patient().connections {
        silent.push(connect(address, b"GET ").await);
    }
    let mut waiting = connect(address, QUESTION).await;
    let mut nothing = [0];
    let moment = Duration::from_millis(100);
    let heard = timeout(moment, waiting.read(&mut nothing)).await;
    assert!(heard.is_err(), "it was served beyond the limit");
    drop(silent.pop());
    assert!(is_alive(&mut waiting).await);
}

#[tokio::test]
async fn who_never_asks_is_let_go() {
    let address = start(HttpLimits {
        head: Duration::from_millis(10),
        ..patient()
    })
    .await;
    for words in [&b""[..], b"GET /healthz HTTP/1.1\r\n"] {
        let heard = hear(&mut connect(address, words).await).await;
        assert!(!heard.starts_with(b"HTTP/1.1 200"), "{words:?}");
    }
}

#[tokio::test]
async fn who_never_takes_its_answer_is_let_go() {
    let limits = HttpLimits {
        connections: 1,
        whole: Duration::from_millis(10),
        ..patient()
    };
    let address = start(limits).await;
    let large = b"GET /large HTTP/1.1\r\nHost: test\r\n\r\n";
    let _unread = connect(address, large).await;
    // There is but one place: it has to become free.
    let mut next = connect(address, QUESTION).await;
    assert!(is_alive(&mut next).await);
}
