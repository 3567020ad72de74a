//! Clients that take without reading, begin without ending, come in floods, or say nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_tests::broker::Broker;
use millrace_tests::deadline::wait_for;
use millrace_tests::probe;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_wire::{ApiKey, Piece, encode_request};
use tokio::net::TcpSocket;

use crate::bystander::{Bystander, Line, batch_of};
use crate::peer::{MEMORY_LIMIT_MIB, Peer, memory_stayed_below, request};

const LIMIT: Duration = Duration::from_secs(20);

/// A request that is answered whatever the broker knows.
fn question() -> Vec<u8> {
    request(ApiKey::ApiVersions.code(), 0, false, &[])
}

/// A connection that was let in: it got an answer.
fn let_in(address: SocketAddr) -> Result<Peer> {
    let mut peer = Peer::connect(address)?;
    peer.send(&question())?;
    peer.answer()?;
    Ok(peer)
}

fn shut_out(address: SocketAddr) -> Result<()> {
    let mut peer = Peer::connect(address)?;
    peer.send(&question())?;
    peer.is_hung_up()
}

/// Opens connections until one is refused.
fn fill(address: SocketAddr, limit: usize) -> Vec<Peer> {
    (0..2 * limit).map_while(|_| let_in(address).ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_ask_and_do_not_read_hold_no_memory() -> Result<()> {
    const BATCH_BYTES: usize = 900 * 1024;
    const BATCHES: usize = 40;
    const PEERS: usize = 30;
    const REQUESTS: usize = 30;
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let bystander = Bystander::start(&broker).await?;
    let line = Line::open(&broker, "large").await?;
    let batch = batch_of(&[&[b'x'; BATCH_BYTES]])?;
    for _ in 0..BATCHES {
        ensure!(
            line.produce(batch.clone()).await?.error_code == 0,
            "produce"
        );
    }
    // Version 12 is the last that names topics; the connection needs no id then.
    let frame = encode_request(&line.fetch_request(0), 12, 1, None)?;
    let mut ask = Vec::new();
    for piece in frame.pieces {
        if let Piece::Bytes(bytes) = piece {
            ask.extend_from_slice(&bytes);
        }
    }
    let mut peers = Vec::new();
    for _ in 0..PEERS {
        let mut peer = Peer::connect(broker.address())?;
        peer.send_without_waiting(&ask.repeat(REQUESTS))?;
        peers.push(peer);
    }
    bystander.goes_on().await?;
    bystander.end().await?;
    memory_stayed_below(MEMORY_LIMIT_MIB, &broker)
}

/// Whoever says nothing, or stops in the middle of a word, is let go; whoever talks may stay.
#[tokio::test(flavor = "multi_thread")]
async fn the_silent_are_let_go() -> Result<()> {
    const EACH: usize = 50;
    let properties = Properties::default().with("connections.max.idle.ms", 2000);
    let broker = Broker::start(Target::Millrace, &properties)?;
    let bystander = Bystander::start(&broker).await?;
    let mut peers = Vec::new();
    for word in [&b""[..], b"\0", b"\0\0\x01\0half"] {
        for _ in 0..EACH {
            let mut peer = Peer::connect(broker.address())?;
            peer.send(word)?;
            peers.push(peer);
        }
    }
    for _ in 0..EACH {
        peers.push(let_in(broker.address())?);
    }
    bystander.goes_on().await?;
    for peer in &mut peers {
        peer.is_hung_up()?;
    }
    bystander.goes_on().await?;
    bystander.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_max_connections_are_let_in() -> Result<()> {
    const MAX: usize = 30;
    let properties = Properties::default().with("max.connections", MAX);
    let broker = Broker::start(Target::Millrace, &properties)?;
    let bystander = Bystander::start(&broker).await?;
    let address = broker.address();
    let peers = fill(address, MAX);
    // The bystander has one; what asked whether the broker is ready may not be gone yet.
    assert!(
        (MAX - 5..MAX).contains(&peers.len()),
        "{} were let in",
        peers.len()
    );
    for _ in 0..100 {
        shut_out(address)?;
    }
    bystander.goes_on().await?;
    drop(peers);
    wait_for("a place to become free", LIMIT, || {
        let_in(address).map(Some)
    })?;
    bystander.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_gets_no_more_than_its_share() -> Result<()> {
    const MAX: usize = 10;
    let properties = Properties::default().with("max.connections.per.ip", MAX);
    let broker = Broker::start(Target::Millrace, &properties)?;
    let address = broker.address();
    let peers = fill(address, MAX);
    assert!(
        (MAX - 2..=MAX).contains(&peers.len()),
        "{} were let in",
        peers.len()
    );
    for _ in 0..20 {
        shut_out(address)?;
    }
    let elsewhere = TcpSocket::new_v4()?;
    elsewhere.bind((Ipv4Addr::new(127, 0, 0, 2), 0).into())?;
    let stream = elsewhere.connect(address).await?.into_std()?;
    stream.set_nonblocking(false)?;
    let mut other = Peer::over(stream)?;
    other.send(&question())?;
    other
        .answer()
        .context("another address has a share of its own")?;
    drop(peers);
    wait_for("a place to become free", LIMIT, || {
        probe::api_versions(address).map(Some)
    })
}
