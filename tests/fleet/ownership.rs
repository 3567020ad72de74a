//! A data directory has one owner, who knows whether it was left in order.

use std::fs;

use anyhow::{Context, Result, ensure};
use millrace_tests::broker::Broker;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;

use crate::bystander::{Line, batch_of};
use crate::process::{finish, said};

const EXIT_FAILURE: i32 = 1;
const MARKER: &str = ".kafka_cleanshutdown";
const TOPIC: &str = "left";
const BATCHES: i64 = 5;

/// What a broker says that is refused the properties of another that has ended, one of them changed.
fn refused(broker: &Broker, key: &str, value: &str) -> Result<String> {
    let text = fs::read_to_string(broker.properties_path())?;
    let properties = text.lines().collect::<Properties>().with(key, value);
    let home = tempfile::tempdir()?;
    let file = home.path().join("server.properties");
    fs::write(&file, properties.to_string())?;
    let output = finish(Target::Millrace.command(&file, home.path())?)?;
    ensure!(
        output.status.code() == Some(EXIT_FAILURE),
        "{}: {}",
        output.status,
        said(&output)
    );
    Ok(said(&output))
}

#[test]
fn another_node_is_refused() -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &Properties::default())?;
    broker.terminate()?;
    let text = refused(&broker, "node.id", "2")?;
    let expected = format!(
        "{} belongs to node 1, not to 2",
        broker.data_directory().display()
    );
    assert!(text.contains(&expected), "{text}");
    broker.resume()
}

#[test]
fn another_cluster_is_refused() -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &Properties::default())?;
    broker.terminate()?;
    let foreign = tempfile::tempdir()?;
    let own = fs::read_to_string(broker.data_directory().join("meta.properties"))?;
    let theirs = own.lines().map(|line| match line.split_once('=') {
        Some(("cluster.id", _)) => "cluster.id=AAAAAAAAAAAAAAAAAAAAAA\n".to_owned(),
        _ => format!("{line}\n"),
    });
    fs::write(
        foreign.path().join("meta.properties"),
        theirs.collect::<String>(),
    )?;
    let both = format!(
        "{},{}",
        broker.data_directory().display(),
        foreign.path().display()
    );
    let text = refused(&broker, "log.dirs", &both)?;
    let expected = format!(
        "{} belongs to cluster AAAAAAAAAAAAAAAAAAAAAA",
        foreign.path().display()
    );
    assert!(text.contains(&expected), "{text}");
    broker.resume()
}

/// Turns over a byte in the last batch of the topic: only who checks the log finds it.
fn damage(broker: &Broker) -> Result<()> {
    let partition = broker.data_directory().join(format!("{TOPIC}-0"));
    let segment = partition.join("00000000000000000000.log");
    let mut bytes = fs::read(&segment)?;
    let last = bytes
        .len()
        .checked_sub(3)
        .context("a segment with records")?;
    bytes[last] ^= 0xff;
    Ok(fs::write(&segment, bytes)?)
}

async fn with_batches(broker: &Broker) -> Result<Line> {
    let line = Line::open(broker, TOPIC).await?;
    for _ in 0..BATCHES {
        ensure!(
            line.produce(batch_of(&[b"value"])?).await?.error_code == 0,
            "produce"
        );
    }
    Ok(line)
}

async fn end_offset(line: &mut Line, broker: &Broker) -> Result<i64> {
    line.reconnect(broker).await?;
    Ok(line.fetch(0).await?.high_watermark)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_closed_in_order_is_not_checked_again() -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &Properties::default())?;
    let marker = broker.data_directory().join(MARKER);
    let mut line = with_batches(&broker).await?;
    assert!(!marker.exists(), "a running broker has not closed its logs");
    assert!(broker.terminate()?.success(), "{}", broker.log_tail());
    assert!(marker.exists(), "{}", broker.log_tail());
    damage(&broker)?;
    broker.resume()?;
    assert!(
        !marker.exists(),
        "the marker of the last shutdown counts once"
    );
    assert_eq!(end_offset(&mut line, &broker).await?, BATCHES);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_by_a_crash_is_checked() -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &Properties::default())?;
    let mut line = with_batches(&broker).await?;
    broker.kill()?;
    assert!(!broker.data_directory().join(MARKER).exists());
    damage(&broker)?;
    broker.resume()?;
    assert_eq!(end_offset(&mut line, &broker).await?, BATCHES - 1);
    let taken = line.produce(batch_of(&[b"value"])?).await?;
    assert_eq!((taken.error_code, taken.base_offset), (0, BATCHES - 1));
    Ok(())
}
