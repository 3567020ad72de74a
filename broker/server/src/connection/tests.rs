//! A connection between a real socket and a service that answers when it is told to.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use millrace_types::SystemClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::*;
use crate::reply::Reply;

const LIMIT: Duration = Duration::from_secs(20);
const FRAMES_MAX: usize = 100;

/// Answers every frame with itself, all of them once the door is open.
struct Echo {
    door: watch::Receiver<bool>,
    seen: mpsc::Sender<usize>,
}

impl Service for Echo {
    fn call(&mut self, frame: Bytes) -> Outcome {
        let mut door = self.door.clone();
        self.seen
            .try_send(frame.len())
            .expect("a test has few frames");
        Outcome::Pipelined(Box::pin(async move {
            drop(door.wait_for(|&open| open).await);
            Finished::Reply(Reply::from(framed(&frame)))
        }))
    }
}

fn framed(content: &[u8]) -> Bytes {
    let length = u32::try_from(content.len()).expect("frames of tests are small");
    let mut frame = BytesMut::from(&length.to_be_bytes()[..]);
    frame.extend_from_slice(content);
    frame.freeze()
}

struct Fixture {
    client: TcpStream,
    door: watch::Sender<bool>,
    seen: mpsc::Receiver<usize>,
    serving: JoinHandle<CloseReason>,
    _shutdown: watch::Sender<bool>,
}

impl Fixture {
    async fn new(memory_bytes: u64, idle: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, server) = tokio::join!(client, listener.accept());
        let (door, closed) = watch::channel(false);
        let (sender, seen) = mpsc::channel(FRAMES_MAX);
        let (shutdown, stopping) = watch::channel(false);
        let service = Echo {
            door: closed,
            seen: sender,
        };
        let limits = ConnectionLimits {
            frame_bytes_max: 1024 * 1024,
            idle,
            memory: RequestMemory::new(memory_bytes),
        };
        let activity = Activity::new(Arc::new(SystemClock::new()));
        let connection = Connection::new(server.unwrap().0, service, limits, activity, stopping);
        Self {
            client: client.unwrap(),
            door,
            seen,
            serving: tokio::spawn(connection.run()),
            _shutdown: shutdown,
        }
    }

    async fn patient() -> Self {
        Self::new(u64::MAX, LIMIT).await
    }

    async fn handles(&mut self, frames: usize) {
        for _ in 0..frames {
            let seen = tokio::time::timeout(LIMIT, self.seen.recv()).await;
            assert!(seen.unwrap().is_some());
        }
    }

    async fn reason(self) -> CloseReason {
        tokio::time::timeout(LIMIT, self.serving)
            .await
            .unwrap()
            .unwrap()
    }
}

/// What is sent before the client ends its side, how many frames that is, and why the connection
/// ends once all of them are answered.
#[tokio::test]
async fn whoever_says_no_more_still_hears_every_answer() {
    let whole = framed(b"ask").repeat(70);
    let cut = [&framed(b"ask").repeat(3)[..], b"\0\0\0\x09half"].concat();
    for (sent, frames, expected) in [
        (whole, 70, "the client closed the connection"),
        (cut, 3, "the client closed the connection inside a frame"),
        (Vec::new(), 0, "the client closed the connection"),
    ] {
        let mut fixture = Fixture::patient().await;
        fixture.client.write_all(&sent).await.unwrap();
        fixture.client.shutdown().await.unwrap();
        fixture.handles(frames.min(60)).await;
        fixture.door.send_replace(true);
        let mut heard = Vec::new();
        fixture.client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, framed(b"ask").repeat(frames));
        assert_eq!(fixture.reason().await.to_string(), expected);
    }
}

/// One write of a few bytes arrives as one piece: what the first read brings is what left together.
#[tokio::test]
async fn replies_that_become_ready_together_leave_together() {
    const FRAMES: usize = 20;
    let mut fixture = Fixture::patient().await;
    let all = framed(b"ask").repeat(FRAMES);
    fixture.client.write_all(&all).await.unwrap();
    fixture.handles(FRAMES).await;
    fixture.door.send_replace(true);
    let mut heard = vec![0; 2 * all.len()];
    let length = fixture.client.read(&mut heard).await.unwrap();
    assert_eq!(heard[..length], all);
}

#[tokio::test]
async fn a_request_that_nobody_answers_ends_with_the_idle_time() {
    let mut fixture = Fixture::new(u64::MAX, Duration::from_millis(50)).await;
    fixture.client.write_all(&framed(b"ask")).await.unwrap();
    fixture.handles(1).await;
    let reason = fixture.reason().await;
    assert!(matches!(reason, CloseReason::Idle(_)), "{reason}");
}

/// Frames larger than all the memory there is still pass, one after the other.
#[tokio::test]
async fn frames_beyond_the_memory_pass_one_at_a_time() {
    const FRAMES: usize = 4;
    let mut fixture = Fixture::new(1024, LIMIT).await;
    fixture.door.send_replace(true);
    let frame = framed(&vec![b'x'; 500_000]);
    let mut intact = Vec::new();
    for _ in 0..FRAMES {
        fixture.client.write_all(&frame).await.unwrap();
        let mut answer = vec![0; frame.len()];
        fixture.client.read_exact(&mut answer).await.unwrap();
        intact.push(answer == frame);
    }
    assert_eq!(intact, [true; FRAMES]);
}

/// A client that is always ahead of the broker does not keep its thread from everybody else.
#[tokio::test]
async fn others_have_their_turn_while_a_connection_is_busy() {
    const FRAMES: usize = 90;
    let fixture = Fixture::patient().await;
    fixture.door.send_replace(true);
    let all = framed(&[b'x'; 16 * 1024]).repeat(FRAMES);
    let sent = fixture.client.try_write(&all).unwrap();
    let (mut most, mut before) = (0, 0);
    while before < sent / (all.len() / FRAMES) {
        // Everybody else, that is this test.
        tokio::task::yield_now().await;
        let handled = fixture.seen.len();
        most = most.max(handled - before);
        before = handled;
    }
    assert!(before > FRAMES / 2, "{before} frames is not busy");
    assert!(most <= TURNS_MAX, "{most} frames of {before} at once");
}
