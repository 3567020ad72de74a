//! `/metrics` as a scraper reads it, held against the page that users read.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use millrace_client::admin::NewTopic;
use millrace_client::consumer::{GroupConsumer, GroupOptions};
use millrace_client::producer::{Producer, ProducerOptions, ProducerRecord};
use millrace_client::{ClientOptions, Connection};
use millrace_tests::broker::Broker;
use millrace_tests::deadline::wait_for;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_wire::messages::fetch_request::FetchRequest;
use tokio::time::timeout;

use crate::workload::client;

const PAGE: &str = include_str!("../../docs/reference/metrics.md");
const TOPIC: &str = "measured";
const GROUP: &str = "measuring";
const LIMIT: Duration = Duration::from_secs(60);

/// `promtool check metrics` found something to say, and could read everything.
const PROMTOOL_REMARKS: i32 = 3;

/// One row of the page.
#[derive(Debug, PartialEq, Eq)]
struct Described {
    kind: String,
    labels: BTreeSet<String>,
    help: String,
}

/// One family of a scrape.
#[derive(Debug, Default)]
struct Scraped {
    kind: String,
    help: String,
    labels: BTreeSet<String>,
}

fn described() -> Result<BTreeMap<String, Described>> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, help] = cells[..] else {
            bail!("{line}")
        };
        let labels = labels
            .split_whitespace()
            .map(|label| label.trim_matches('`').to_owned());
        let described = Described {
            kind: kind.to_owned(),
            labels: labels.collect(),
            help: help.to_owned(),
        };
        Ok((name.trim_matches('`').to_owned(), described))
    };
    rows.map(row).collect()
}

fn scrape(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("a head")?;
    let status = head.split(' ').nth(1);
    ensure!(status == Some("200"), "{head}");
    Ok(body.to_owned())
}

fn families(text: &str) -> Result<BTreeMap<String, Scraped>> {
    let mut families: BTreeMap<String, Scraped> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').context("a help text")?;
            let fresh = Scraped {
                help: help.to_owned(),
                ..Scraped::default()
            };
            ensure!(
                families.insert(name.to_owned(), fresh).is_none(),
                "{name} twice"
            );
            name.clone_into(&mut current);
            continue;
        }
        let family = families
            .get_mut(&current)
            .with_context(|| line.to_owned())?;
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').context("a type")?;
            ensure!(name == current, "the type of {name} within {current}");
            kind.clone_into(&mut family.kind);
            continue;
        }
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        let of_summary = |end: &str| {
            family.kind == "summary" && name.strip_suffix(end) == Some(current.as_str())
        };
        ensure!(
            name == current || of_summary("_sum") || of_summary("_count"),
            "{line} within {current}"
        );
        family.labels.extend(label_names(line));
    }
    Ok(families)
}

/// Label values of this test hold neither commas nor quotes.
fn label_names(line: &str) -> Vec<String> {
    let inside = line
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    let pairs = inside.map_or("", |(labels, _)| labels).split(',');
    let names = pairs.filter_map(|pair| pair.split_once('=').map(|(name, _)| name));
    names
        .filter(|name| *name != "quantile")
        .map(str::to_owned)
        .collect()
}

/// A little of everything that is counted.
async fn work(broker: &Broker) -> Result<()> {
    let client = client(broker);
    let topic = |name: &str| NewTopic {
        name: name.into(),
        partitions: Some(1),
        ..NewTopic::default()
    };
    for (_, made) in client
        .create_topics(&[topic(TOPIC), topic("short-lived")], false)
        .await?
    {
        made?;
    }
    client.delete_topics(&["short-lived".into()]).await?;
    let producer = Producer::start(&client, ProducerOptions::default());
    let record = ProducerRecord {
        topic: TOPIC.into(),
        value: Some(Bytes::from_static(b"value")),
        ..ProducerRecord::default()
    };
    producer.send(&record).await?.delivered().await?;
    let mut consumer =
        GroupConsumer::new(&client, GroupOptions::new(GROUP.into(), vec![TOPIC.into()]));
    while consumer.poll().await?.is_empty() {}
    consumer.close().await?;
    let address = broker.address();
    let options = ClientOptions::new(Vec::new());
    let connection = Connection::open(&address.ip().to_string(), address.port(), &options).await?;
    let of_no_session = FetchRequest {
        session_id: 1,
        session_epoch: 1,
        ..FetchRequest::default()
    };
    let refused = connection.call(&of_no_session, LIMIT).await?;
    ensure!(refused.error_code != 0, "there is no such session");
    Ok(())
}

/// What promtool finds to say about names that are not Kafka's: those are as dashboards read them.
fn remarks(text: &str) -> Result<Vec<String>> {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("promtool (`tests/run metrics` installs it)")?;
    let mut stdin = promtool.stdin.take().context("a pipe")?;
    stdin.write_all(text.as_bytes())?;
    drop(stdin);
    let output = promtool.wait_with_output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said)?;
    let code = output.status.code().unwrap_or(1);
    ensure!(code == 0 || code == PROMTOOL_REMARKS, "{said}");
    let remarks = said.lines().filter(|line| !line.starts_with("kafka_"));
    Ok(remarks.map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_has_every_metric_of_the_page_and_no_other() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    timeout(LIMIT, work(&broker)).await??;
    let page = described()?;
    // Some figures follow shortly behind what they are of.
    let text = wait_for("every metric", LIMIT, || {
        let text = scrape(broker.http_address())?;
        let scraped = families(&text)?;
        let missing: Vec<_> = page
            .keys()
            .filter(|name| !scraped.contains_key(*name))
            .collect();
        ensure!(missing.is_empty(), "missing: {missing:?}");
        Ok(Some(text))
    })?;
    for (name, family) in families(&text)? {
        let row = page
            .get(&name)
            .with_context(|| format!("{name} is not on the page"))?;
        assert_eq!(
            (&family.kind, &family.help),
            (&row.kind, &row.help),
            "{name}"
        );
        assert!(
            family.labels.is_subset(&row.labels),
            "{name}: {:?}",
            family.labels
        );
    }
    let lag = format!(
        "kafka_consumergroup_lag{{consumergroup=\"{GROUP}\",topic=\"{TOPIC}\",partition=\"0\"}} 0\n"
    );
    assert!(text.contains(&lag), "{text}");
    assert_eq!(remarks(&text)?, Vec::<String>::new());
    Ok(())
}
