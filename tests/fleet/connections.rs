//! Clients that take without reading, begin without ending, come in floods, or say nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_client::admin::{ConfigOp, ConfigOpKind, ConfigResource, ConfigResourceKind};
use millrace_client::{Client, ClientOptions};
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
async fn who_comes_beyond_max_connections_waits_for_a_place() -> Result<()> {
    const MAX: usize = 30;
    let properties = Properties::default().with("max.connections", MAX);
    let broker = Broker::start(Target::Millrace, &properties)?;
    let bystander = Bystander::start(&broker).await?;
    let mut inside = Vec::new();
    let mut waiting = loop {
        let mut peer = Peer::connect(broker.address())?;
        peer.send(&question())?;
        if inside.len() >= MAX - 5 && peer.is_kept_waiting()? {
            break peer;
        }
        peer.answer()?;
        inside.push(peer);
    };
    // The bystander has some; what asked whether the broker is ready may not be gone yet.
    assert!(inside.len() < MAX, "{} were let in", inside.len());
    bystander.goes_on().await?;
    drop(inside.pop());
    waiting.answer().context("a place became free")?;
    bystander.end().await
}

/// The setting, the value that lets nobody in, and what becomes of those who come then.
const LIVE: [(&str, bool); 4] = [
    ("max.connections.per.ip", false),
    ("max.connection.creation.rate", true),
    ("listener.name.plaintext.max.connections", true),
    ("listener.name.plaintext.max.connection.creation.rate", true),
];

#[tokio::test(flavor = "multi_thread")]
async fn limits_change_while_clients_are_connected() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let client = Client::new(ClientOptions::new(vec![broker.address().to_string()]));
    let mut inside = let_in(broker.address())?;
    for (key, waits) in LIVE {
        set(&client, key, "0").await?;
        let mut peer = Peer::connect(broker.address())?;
        peer.send(&question())?;
        if waits {
            assert!(peer.is_kept_waiting()?, "{key}");
        } else {
            peer.is_hung_up().context(key)?;
        }
        inside.send(&question())?;
        inside.answer().context("who is inside stays")?;
        set(&client, key, "1000").await?;
        if waits {
            peer.answer().context(key)?;
        }
        let_in(broker.address()).context(key)?;
    }
    Ok(())
}

/// Of too many the idlest leave.
#[tokio::test(flavor = "multi_thread")]
async fn a_lower_limit_makes_the_idlest_leave() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let mut peers = Vec::new();
    for _ in 0..10 {
        peers.push(let_in(broker.address())?);
    }
    let client = Client::new(ClientOptions::new(vec![broker.address().to_string()]));
    set(&client, "max.connections", "5").await?;
    for peer in &mut peers[..5] {
        peer.is_hung_up()?;
    }
    Ok(())
}

/// What was changed while a broker ran still holds when it is started again.
#[tokio::test(flavor = "multi_thread")]
async fn overrides_for_an_address_outlive_the_process() -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &Properties::default())?;
    let client = Client::new(ClientOptions::new(vec![broker.address().to_string()]));
    from_elsewhere(&broker).await?.answer()?;
    set(&client, "max.connections.per.ip.overrides", "127.0.0.2:0").await?;
    from_elsewhere(&broker).await?.is_hung_up()?;
    drop(client);
    broker.terminate()?;
    broker.resume()?;
    from_elsewhere(&broker).await?.is_hung_up()?;
    let_in(broker.address())?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_leaves_descriptors_to_the_logs() -> Result<()> {
    const OPEN_FILES: u32 = 400;
    let broker =
        Broker::start_confined(Target::Millrace, &Properties::default(), Some(OPEN_FILES))?;
    let bystander = Bystander::start(&broker).await?;
    let peers: Vec<_> = (0..OPEN_FILES)
        .filter_map(|_| let_in(broker.address()).ok())
        .collect();
    assert!(peers.len() < OPEN_FILES as usize, "all were let in");
    bystander.goes_on().await?;
    assert!(broker.log()?.contains("too few file descriptors"));
    drop(peers);
    wait_for("a place to become free", LIMIT, || {
        let_in(broker.address()).map(Some)
    })?;
    bystander.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_more_still_hears_the_answers() -> Result<()> {
    const REQUESTS: usize = 200;
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let mut peer = Peer::connect(broker.address())?;
    peer.send(&question().repeat(REQUESTS))?;
    peer.finish();
    for _ in 0..REQUESTS {
        peer.answer()?;
    }
    peer.is_hung_up()
}

async fn set(client: &Client, key: &str, value: &str) -> Result<()> {
    let all_brokers = ConfigResource {
        kind: ConfigResourceKind::Broker,
        name: "".into(),
    };
    let change = ConfigOp {
        kind: ConfigOpKind::Set,
        name: key.into(),
        value: Some(value.into()),
    };
    let outcomes = client
        .alter_configs(&[(all_brokers, vec![change])], false)
        .await?;
    let (_, outcome) = outcomes.into_iter().next().context("an outcome")?;
    outcome.with_context(|| format!("{key}={value}"))
}

/// A peer from another address than everybody else's, that has asked.
async fn from_elsewhere(broker: &Broker) -> Result<Peer> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, 2), 0).into())?;
    let stream = socket.connect(broker.address()).await?.into_std()?;
    stream.set_nonblocking(false)?;
    let mut peer = Peer::over(stream)?;
    peer.send(&question())?;
    Ok(peer)
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
    from_elsewhere(&broker)
        .await?
        .answer()
        .context("another address has a share of its own")?;
    drop(peers);
    wait_for("a place to become free", LIMIT, || {
        probe::api_versions(address).map(Some)
    })
}
