//! Measures the operator on the Kubernetes that the kubeconfig names, with a real broker: thousands of
//! topics created, left alone, changed, met again after a restart, and deleted; then a hundred
//! clusters. Prints a table and writes it as a page; it judges nothing.

mod clusters;
mod operator;
mod processes;
mod report;
mod topics;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use k8s_openapi::api::core::v1::{Namespace, Node};
use kube::Client;
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use millrace_bench_shared::table::Table;
use serde_json::json;
use tokio::time::{Instant, interval, timeout};

use clusters::Clusters;
use operator::{Figures, Operator};
use processes::Used;
use topics::Topics;

const CLUSTER: &str = "scale";
const REQUESTS: &str = "millrace_operator_kubernetes_requests_total";
const RESIDENT: &str = "process_resident_memory_bytes";
const CPU: &str = "process_cpu_seconds_total";
/// Between looks at the operator's figures.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const SETUP_LIMIT: Duration = Duration::from_secs(180);

#[derive(Parser)]
struct Args {
    #[arg(long, default_value_t = 10_000)]
    topics: usize,
    /// Topics that are created and deleted at once.
    #[arg(long, default_value_t = 16)]
    at_once: usize,
    /// Seconds for which nothing is done.
    #[arg(long, default_value_t = 150)]
    quiet: u64,
    /// Single changes, one after the other.
    #[arg(long, default_value_t = 100)]
    changes: usize,
    /// Clusters, each with a broker, once the topics are gone.
    #[arg(long, default_value_t = 100)]
    clusters: usize,
    #[arg(long, default_value = "scale")]
    namespace: String,
    #[arg(long, default_value = "millrace-system")]
    operator_namespace: String,
    /// The page to write.
    #[arg(long)]
    output: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse();
    let client = Client::try_default().await.context("finding Kubernetes")?;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = serde_json::from_value(json!({"metadata": {"name": args.namespace}}))?;
    namespaces
        .create(&PostParams::default(), &namespace)
        .await
        .context("creating the namespace")?;
    let operator = Operator::new(client.clone(), &args.operator_namespace);
    let nodes: Api<Node> = Api::all(client.clone());
    let nodes = nodes.list(&ListParams::default()).await?.items.len();
    let mut report = report::begin(args.output.clone(), nodes)?;
    if args.topics > 0 {
        thousands_of_topics(&client, &operator, &args, &mut report).await?;
    }
    if args.clusters > 0 {
        many_clusters(&client, &operator, &args, &mut report).await?;
    }
    namespaces
        .delete(&args.namespace, &DeleteParams::default())
        .await?;
    Ok(())
}

async fn thousands_of_topics(
    client: &Client,
    operator: &Operator,
    args: &Args,
    report: &mut Table,
) -> Result<()> {
    let clusters = Clusters::new(client.clone(), &args.namespace);
    clusters.create(CLUSTER).await?;
    let topics = Topics::watch(client.clone(), &args.namespace, CLUSTER);
    let names: Vec<String> = (0..args.topics)
        .map(|number| format!("topic-{number:05}"))
        .collect();
    create(operator, &topics, &names, args, report).await?;
    leave_alone(operator, args.quiet, "3.9 %", "0 · none · 12143", report).await?;
    let mut single = Vec::new();
    for number in 0..args.changes {
        let name = &names[number * 37 % names.len()];
        single.push(topics.change(name, 1 + number % 5).await?);
    }
    let changed = percentiles(single);
    report.add(
        "one change, in force and in status",
        &changed,
        "p50 138 ms · p99 153 ms",
    )?;
    restart(operator, names.len(), report).await?;
    let before = Used::now();
    let took = topics.delete_all(&names, args.at_once).await?;
    report.add("delete all", &seconds(took), "52 s")?;
    report.add("… processors", &Used::now().since(&before), "")?;
    clusters.delete_all(&[CLUSTER.to_owned()]).await?;
    Ok(())
}

async fn many_clusters(
    client: &Client,
    operator: &Operator,
    args: &Args,
    report: &mut Table,
) -> Result<()> {
    let clusters = Clusters::new(client.clone(), &args.namespace);
    let names: Vec<String> = (0..args.clusters)
        .map(|number| format!("cluster-{number:03}"))
        .collect();
    let before = operator.leader().await?;
    let took = clusters.create_all(&names).await?;
    let after = operator.leader().await?;
    report.add(
        &format!("{} clusters at once: until the last is ready", names.len()),
        &seconds(took),
        "",
    )?;
    let patches = requests(&before, &after, "patch") / names.len() as f64;
    report.add("patches a cluster", &format!("{patches:.1}"), "")?;
    let cpu = after.value(CPU) - before.value(CPU);
    report.add("operator's CPU in it", &seconds_of(cpu), "")?;
    report.add(
        "operator's RSS after it",
        &megabytes(after.value(RESIDENT)),
        "",
    )?;
    leave_alone(operator, args.quiet, "", "", report).await?;
    let took = clusters.delete_all(&names).await?;
    report.add("delete all clusters", &seconds(took), "")
}

/// Creates every topic, and changes one that is ready all the while.
async fn create(
    operator: &Operator,
    topics: &Topics,
    names: &[String],
    args: &Args,
    report: &mut Table,
) -> Result<()> {
    let (before, used) = (operator.leader().await?, Used::now());
    let probe = "probe".to_owned();
    topics.create_all(std::slice::from_ref(&probe), 1).await?;
    let mut meanwhile = Vec::new();
    let mut resident: f64 = 0.0;
    let creating = topics.create_all(names, args.at_once);
    let mut creating = std::pin::pin!(creating);
    let mut looks = interval(LOOK_EVERY);
    let took = loop {
        let look = async {
            looks.tick().await;
            let changed = topics.change(&probe, 1 + meanwhile.len() % 5).await?;
            Ok::<_, anyhow::Error>((changed, operator.leader().await?.value(RESIDENT)))
        };
        tokio::select! {
            took = &mut creating => break took?,
            looked = look => {
                let (changed, bytes) = looked?;
                meanwhile.push(changed);
                resident = resident.max(bytes);
            }
        }
    };
    let used = Used::now().since(&used);
    let after = operator.leader().await?;
    let count = names.len() as f64;
    let verbs = |verb: &str| requests(&before, &after, verb) / count;
    report.add(
        &format!(
            "{count} topics, {} at a time: first create to last ready",
            args.at_once
        ),
        &seconds(took),
        "146.8 s",
    )?;
    report.add("… processors", &used, "")?;
    report.add(
        "API calls a topic: get · write",
        &format!("{:.2} · {:.2}", verbs("get"), verbs("patch")),
        "4.8 · 2",
    )?;
    let resident = resident.max(after.value(RESIDENT));
    report.add("operator's RSS in it", &megabytes(resident), "619 MB")?;
    report.add(
        "one change during it",
        &percentiles(meanwhile),
        "p99 739 ms",
    )
}

/// Watches the operator do nothing.
async fn leave_alone(
    operator: &Operator,
    quiet: u64,
    field_cpu: &str,
    field_calls: &str,
    report: &mut Table,
) -> Result<()> {
    let before = operator.leader().await?;
    tokio::time::sleep(Duration::from_secs(quiet)).await;
    let after = operator.leader().await?;
    let cpu = (after.value(CPU) - before.value(CPU)) / quiet as f64 * 100.0;
    let of = |verb: &str| requests(&before, &after, verb);
    // The lease is read and renewed all the time: it is told apart by its verb.
    let writes = of("create") + of("patch") + of("delete");
    report.add(
        &format!("converged, {quiet} s: CPU"),
        &format!("{cpu:.2} %"),
        field_cpu,
    )?;
    report.add(
        "… writes · lease renewals · reads",
        &format!("{writes} · {} · {}", of("update"), of("get")),
        field_calls,
    )
}

/// Kills the leader, and waits until the next one has met every topic.
async fn restart(operator: &Operator, topics: usize, report: &mut Table) -> Result<()> {
    let before = operator.leader().await?;
    operator.kill(&before.pod).await?;
    let killed = Instant::now();
    let mut leading = None;
    let settled = async {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            let Ok(figures) = operator.leader().await else {
                continue;
            };
            if figures.pod == before.pod {
                continue;
            }
            let since = *leading.get_or_insert_with(Instant::now);
            let met = figures.sum("millrace_operator_reconciles_total", "kind=\"KafkaTopic\"");
            if met >= topics as f64
                && figures.sum("millrace_operator_queue_depth", "KafkaTopic") == 0.0
            {
                return since;
            }
        }
    };
    let since = timeout(SETUP_LIMIT, settled)
        .await
        .context("the operator does not settle")?;
    report.add(
        "leader killed: until converged",
        &seconds(killed.elapsed()),
        "",
    )?;
    let since = seconds(since.elapsed());
    report.add("… of it after the lease was taken", &since, "26 s")
}

fn requests(before: &Figures, after: &Figures, verb: &str) -> f64 {
    let label = format!("verb=\"{verb}\"");
    after.sum(REQUESTS, &label) - before.sum(REQUESTS, &label)
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| -> f64 {
        let index = (times.len().saturating_sub(1)) as f64 * share;
        times
            .get(index.round() as usize)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    format!(
        "p50 {:.0} ms · p99 {:.0} ms ({} changes)",
        at(0.5),
        at(0.99),
        times.len()
    )
}

fn seconds(time: Duration) -> String {
    seconds_of(time.as_secs_f64())
}

fn seconds_of(seconds: f64) -> String {
    format!("{seconds:.1} s")
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}
