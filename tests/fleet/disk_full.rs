//! A volume without room: writes are refused, reads go on, and nothing acknowledged is lost.
//! Needs the right to mount a small file system; `tests/run` leaves these out where that is missing.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_client::{Client, ClientError, ClientOptions};
use millrace_tests::broker::Broker;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_types::{ErrorCode, NodeId, TopicPartition};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::bystander::{Line, batch_of};

const TOPIC: &str = "filling";
const GROUP: &str = "group";
const LIMIT: Duration = Duration::from_secs(30);
const VOLUME_MIB: usize = 48;
/// Something to be deleted when the volume is full.
const BALLAST_BYTES: usize = 16 * 1024 * 1024;
/// What a file takes at least.
const PAGE_BYTES: usize = 4096;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const BATCH_BYTES: usize = 512 * 1024;
/// More than the volume holds.
const MAX_BATCHES: i64 = 200;

/// A small file system of its own, for as long as the value lives.
struct Volume(TempDir);

impl Volume {
    fn mount() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let size = format!("size={VOLUME_MIB}m");
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "millrace-test"])
            .arg(dir.path())
            .status()?;
        ensure!(status.success(), "mounting needs to be permitted");
        Ok(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: a broker that is being killed may still have files open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Produces until the broker refuses; returns the error and how many batches it took.
async fn fill(line: &Line, batch: &[u8]) -> Result<(ErrorCode, i64)> {
    for taken in 0..MAX_BATCHES {
        let answer = line.produce(batch.to_vec()).await?;
        if answer.error_code != 0 {
            return Ok((ErrorCode::from_code(answer.error_code), taken));
        }
        ensure!(
            answer.base_offset == taken,
            "offset {} for batch {taken}",
            answer.base_offset
        );
    }
    anyhow::bail!("{MAX_BATCHES} batches found room")
}

fn client(broker: &Broker) -> Client {
    Client::new(ClientOptions::new(vec![broker.address().to_string()]))
}

/// A client that does not try for long: a full disk does not empty itself.
fn impatient_client(broker: &Broker) -> Client {
    let mut options = client(broker).options().clone();
    options.retry.give_up_after = Duration::from_secs(1);
    Client::new(options)
}

fn partition() -> TopicPartition {
    TopicPartition::new(TOPIC, 0)
}

/// What a group is told may not be forgotten, whether there was room for it or not.
async fn commit(client: &Client, offset: i64) -> Result<(), ClientError> {
    let offsets = BTreeMap::from([(partition(), offset)]);
    client.set_group_offsets(&GROUP.into(), &offsets).await
}

async fn committed(client: &Client) -> Result<i64> {
    let offsets = client.group_offsets(&GROUP.into()).await?;
    Ok(offsets.get(&partition()).map_or(-1, |kept| kept.offset))
}

async fn refuses_and_reads(line: &Line, batch: &[u8], taken: i64) -> Result<()> {
    for _ in 0..3 {
        assert_eq!(line.count().await?, taken, "what was taken can be read");
        let answer = line.produce(batch.to_vec()).await?;
        let error = ErrorCode::from_code(answer.error_code);
        assert_eq!(error, ErrorCode::KafkaStorageError);
    }
    Ok(())
}

async fn survives_a_full(volume: &Volume, properties: Properties) -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &properties)?;
    let ballast = volume.path().join("ballast");
    fs::write(&ballast, vec![1; BALLAST_BYTES])?;
    let mut line = Line::open(&broker, TOPIC).await?;
    commit(&client(&broker), 1).await?;
    let batch = batch_of(&[&[b'x'; BATCH_BYTES]])?;
    let (error, taken) = fill(&line, &batch).await?;
    assert_eq!(error, ErrorCode::KafkaStorageError, "{}", broker.log_tail());
    assert!(taken > 0);
    fs::write(volume.path().join("rest"), vec![1; BATCH_BYTES]).expect_err("the disk is full");
    refuses_and_reads(&line, &batch, taken).await?;
    let late = timeout(LIMIT, commit(&impatient_client(&broker), 2))
        .await
        .context("a commit is answered")?;
    let expected = if late.is_ok() { 2 } else { 1 };
    broker.kill()?;
    broker
        .resume()
        .context("a recovery that finds no room to write")?;
    line.reconnect(&broker).await?;
    refuses_and_reads(&line, &batch, taken).await?;
    broker
        .terminate()
        .context("a broker that cannot write ends, too")?;
    fs::remove_file(&ballast)?;
    broker.resume()?;
    line.reconnect(&broker).await?;
    assert_eq!(line.count().await?, taken, "{}", broker.log_tail());
    let kept = committed(&client(&broker)).await?;
    assert!(
        (expected..=2).contains(&kept),
        "offset {expected} was committed, {kept} was kept"
    );
    let answer = line.produce(batch).await?;
    assert_eq!(
        (answer.error_code, answer.base_offset),
        (0, taken),
        "{}",
        broker.log_tail()
    );
    Ok(())
}

/// Takes all the room there is.
fn take_all_room(ballast: &Path) -> Result<()> {
    let mut file = fs::File::create(ballast)?;
    let block = vec![1; PAGE_BYTES];
    for _ in 0..VOLUME_MIB * 1024 * 1024 / PAGE_BYTES {
        if file.write_all(&block).is_err() {
            return Ok(());
        }
    }
    anyhow::bail!("the volume is larger than it should be")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_made_without_room_works_once_there_is_some() -> Result<()> {
    let volume = Volume::mount()?;
    let elsewhere = tempfile::tempdir()?;
    let properties = Properties::default()
        .with("log.dirs", volume.path().join("data").display())
        .with("metadata.log.dir", elsewhere.path().display());
    let mut broker = Broker::start(Target::Millrace, &properties)?;
    let client = client(&broker);
    let node = NodeId(1);
    let ballast = volume.path().join("ballast");
    take_all_room(&ballast)?;
    let mut line = Line::open(&broker, TOPIC).await?;
    let batch = batch_of(&[b"value"])?;
    assert_ne!(line.produce(batch.clone()).await?.error_code, 0);
    client
        .log_dirs(node)
        .await
        .expect_err("the directory lacks a partition");
    fs::remove_file(&ballast)?;
    let taken = async {
        while line.produce(batch.clone()).await?.error_code != 0 {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        anyhow::Ok(())
    };
    let taken = timeout(LIMIT, taken).await;
    taken.with_context(|| broker.log_tail())??;
    client.log_dirs(node).await?;
    broker.terminate()?;
    broker.resume()?;
    line.reconnect(&broker).await?;
    assert_eq!(line.count().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn records_have_no_room() -> Result<()> {
    let volume = Volume::mount()?;
    let elsewhere = tempfile::tempdir()?;
    let properties = Properties::default()
        .with("log.dirs", volume.path().join("data").display())
        .with("metadata.log.dir", elsewhere.path().display());
    survives_a_full(&volume, properties).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_has_room() -> Result<()> {
    let volume = Volume::mount()?;
    let data = volume.path().join("data");
    survives_a_full(
        &volume,
        Properties::default().with("log.dirs", data.display()),
    )
    .await
}
