//! Nothing that was acknowledged is lost, moved, doubled or reordered by a broker that goes away.

use anyhow::Result;
use millrace_tests::broker::Broker;
use millrace_tests::history::{Promise, violations};
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;

use crate::keepsakes::Keepsakes;
use crate::workload::{Workload, client, create_topic, read_all};

const PRODUCERS: u32 = 2;
const ROUNDS: usize = 10;
const RECORDS_BETWEEN: usize = 500;

/// How the broker goes away.
type Way = fn(&mut Broker) -> Result<()>;

fn killed(broker: &mut Broker) -> Result<()> {
    broker.kill()
}

fn terminated(broker: &mut Broker) -> Result<()> {
    broker.terminate().map(drop)
}

async fn goes_away(way: Way, properties: Properties) -> Result<()> {
    let mut broker = Broker::start(Target::from_env()?, &properties)?;
    let client = client(&broker);
    create_topic(&client).await?;
    let workload = Workload::start(&client, PRODUCERS);
    let mut keepsakes = Keepsakes::start(&client);
    for _ in 0..ROUNDS {
        workload.progress(RECORDS_BETWEEN).await?;
        keepsakes.create_topic().await?;
        tokio::task::block_in_place(|| way(&mut broker).and_then(|()| broker.resume()))?;
        keepsakes.check().await?;
    }
    workload.progress(RECORDS_BETWEEN).await?;
    keepsakes.end().await?;
    let mut history = workload.end().await?;
    history.read = read_all(&client).await?;
    let found = violations(&history, Promise::Idempotent);
    assert!(
        found.is_empty(),
        "{} violations, first {:?}",
        found.len(),
        found.first()
    );
    assert_eq!(
        history.read.len(),
        history.sent.len(),
        "every record was acknowledged"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_every_record_is_flushed() -> Result<()> {
    goes_away(
        killed,
        Properties::default().with("log.flush.interval.messages", 1),
    )
    .await
}

/// A killed process leaves what it has written to the kernel, flushed or not.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_nothing_is_flushed() -> Result<()> {
    goes_away(killed, Properties::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn terminated_while_segments_roll() -> Result<()> {
    let properties = Properties::default().with("log.roll.ms", 20);
    goes_away(terminated, properties).await
}
