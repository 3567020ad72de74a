//! Bytes that are no request: each costs its sender the connection, and nobody else anything.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::broker::Broker;
use millrace_tests::deadline::wait_for;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_wire::ApiKey;

use crate::bystander::Bystander;
use crate::peer::{MEMORY_LIMIT_MIB, Peer, framed, memory_stayed_below, request};

const LIMIT: Duration = Duration::from_secs(60);

/// Bytes without a pattern, the same in every run.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The largest number that a varint of the protocol holds.
const VARINT_MAX: &[u8] = b"\xff\xff\xff\xff\x0f";

fn abuses() -> Vec<(String, Vec<u8>)> {
    let mut abuses: Vec<(String, Vec<u8>)> = Vec::new();
    for seed in 0..8 {
        abuses.push((format!("noise {seed}"), noise(seed, 4096)));
        abuses.push((
            format!("noise {seed} in a frame"),
            framed(&noise(seed, 4096)),
        ));
    }
    let mut add = |name: &str, bytes: Vec<u8>| abuses.push((name.to_owned(), bytes));
    for length in [-1, 0, i32::MIN, i32::MAX, 100 * 1024 * 1024 + 1] {
        add(
            &format!("a frame of {length}"),
            length.to_be_bytes().to_vec(),
        );
    }
    add(
        "a GET",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
    );
    add("a frame without a header", framed(&[0]));
    for key in [-1, 9999, i16::MAX] {
        add(&format!("api key {key}"), request(key, 0, false, &[]));
    }
    let produce = ApiKey::Produce.code();
    let metadata = ApiKey::Metadata.code();
    add("metadata 99", request(metadata, 99, true, &[]));
    add("metadata -1", request(metadata, -1, false, &[]));
    add("produce 0", request(produce, 0, false, &[]));
    add(
        "no topics where there must be",
        request(metadata, 1, false, b"\x7f\xff\xff\xff"),
    );
    add(
        "topics below none",
        request(metadata, 1, false, b"\x80\0\0\0"),
    );
    add("compact topics", request(metadata, 12, true, VARINT_MAX));
    add(
        "a varint without end",
        request(metadata, 12, true, &[0xff; 64]),
    );
    let transaction_acks_timeout = b"\xff\xff\xff\xff\0\0\x03\xe8";
    let many = [&transaction_acks_timeout[..], b"\x7f\xff\xff\xff"].concat();
    add("topics to produce to", request(produce, 3, false, &many));
    let tags = |what: &[&[u8]]| request(metadata, 12, false, &what.concat());
    add("tags in the header", tags(&[VARINT_MAX]));
    add("a tag of the header", tags(&[b"\x01\0", VARINT_MAX]));
    let tail = [b"\0\0\0", VARINT_MAX].concat();
    add("tags of the request", request(metadata, 12, true, &tail));
    abuses
}

/// More topics than the decoder may keep, though their bytes are all there.
fn millions_of_names() -> Vec<u8> {
    const NAMES: u32 = 8_000_000;
    let mut body = NAMES.to_be_bytes().to_vec();
    body.resize(body.len() + 2 * NAMES as usize, 0);
    request(ApiKey::Metadata.code(), 1, false, &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_request_cost_only_their_connection() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let bystander = Bystander::start(&broker).await?;
    for (name, bytes) in abuses() {
        let mut peer = Peer::connect(broker.address())?;
        peer.send(&bytes)?;
        // Noise may announce more than it is: then the end has to be said.
        peer.finish();
        peer.is_hung_up().with_context(|| name.clone())?;
    }
    let mut peer = Peer::connect(broker.address())?;
    peer.send(&millions_of_names())?;
    peer.is_hung_up().context("millions of names")?;
    bystander.goes_on().await?;
    bystander.end().await?;
    memory_stayed_below(MEMORY_LIMIT_MIB, &broker)
}

/// The one request whose version a client cannot know yet is answered in a version it can read.
#[test]
fn an_unknown_version_of_api_versions_is_answered() -> Result<()> {
    const UNSUPPORTED_VERSION: i16 = 35;
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let mut peer = Peer::connect(broker.address())?;
    peer.send(&request(ApiKey::ApiVersions.code(), 99, true, &[]))?;
    let answer = peer.answer()?;
    assert!(
        answer.starts_with(&UNSUPPORTED_VERSION.to_be_bytes()),
        "{answer:?}"
    );
    Ok(())
}

/// Frames that are begun and not ended: memory comes with what is sent, not with what is announced.
#[tokio::test(flavor = "multi_thread")]
async fn frames_that_never_end_hold_little_memory() -> Result<()> {
    const PEERS: usize = 100;
    const ANNOUNCED: i32 = 100 * 1024 * 1024;
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let bystander = Bystander::start(&broker).await?;
    let mut peers = Vec::new();
    for number in 0..PEERS {
        let mut peer = Peer::connect(broker.address())?;
        peer.send(&ANNOUNCED.to_be_bytes())?;
        peer.send(&noise(number as u64, 1000))?;
        peers.push(peer);
    }
    bystander.goes_on().await?;
    for peer in &mut peers {
        peer.finish();
        peer.is_hung_up()?;
    }
    bystander.end().await?;
    memory_stayed_below(MEMORY_LIMIT_MIB, &broker)
}

/// Half frames fill the memory there is for requests, and no more; those that keep it from others
/// are given up, and small requests pass all the while.
#[tokio::test(flavor = "multi_thread")]
async fn large_half_frames_wait_for_memory() -> Result<()> {
    const FRAME: usize = 8 * 1024 * 1024;
    const QUEUED: usize = 2 * FRAME;
    const PEERS: usize = 40;
    let properties = Properties::default()
        .with("socket.request.max.bytes", FRAME)
        .with("queued.max.request.bytes", QUEUED);
    let broker = Broker::start(Target::Millrace, &properties)?;
    let bystander = Bystander::start(&broker).await?;
    let frame: Arc<[u8]> = framed(&noise(1, FRAME)).into();
    let senders: Vec<_> = (0..PEERS)
        .map(|_| {
            let (frame, address) = (Arc::clone(&frame), broker.address());
            std::thread::spawn(move || -> Result<Peer> {
                let mut peer = Peer::connect(address)?;
                // Most get stuck; that is what is asked for.
                let _stuck = peer.send(&frame[..frame.len() - 1]);
                Ok(peer)
            })
        })
        .collect();
    wait_for("half frames to be given up", LIMIT, || {
        Ok(broker
            .log()?
            .contains("kept memory that others wait for")
            .then_some(()))
    })?;
    bystander.goes_on().await?;
    for sender in senders {
        let _peer = sender.join();
    }
    bystander.end().await?;
    memory_stayed_below(MEMORY_LIMIT_MIB, &broker)
}

/// An operator reads why connections are closed, and can still read everything else.
#[test]
fn a_flood_of_nonsense_does_not_flood_the_log() -> Result<()> {
    const PEERS: usize = 1000;
    const LINES_MAX: usize = 200;
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    for _ in 0..PEERS {
        let mut peer = Peer::connect(broker.address())?;
        peer.send(&framed(&[0]))?;
        peer.is_hung_up()?;
        let mut peer = Peer::connect(broker.address())?;
        peer.send(b"\0\0\x01\0half")?;
        peer.finish();
        peer.is_hung_up()?;
    }
    let log = broker.log()?;
    for reason in ["request header", "inside a frame"] {
        assert!(log.contains(reason), "{reason} in {log}");
    }
    let lines = log.lines().filter(|line| line.contains("closed")).count();
    assert!(lines < LINES_MAX, "{lines} lines");
    Ok(())
}
