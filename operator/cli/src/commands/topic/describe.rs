//! `millrace topic describe`.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use millrace_client::admin::{ConfigItem, ConfigResource, ConfigResourceKind, OffsetSpec};
use millrace_client::{PartitionView, TopicView};
use millrace_types::{NodeId, TopicPartition};
use serde_json::{Value, json};

use crate::args::Format;
use crate::context::Context;
use crate::output::{Rows, say};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    name: String,
    /// Show settings that have their default as well
    #[arg(short, long)]
    all: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let name: Arc<str> = args.name.into();
    let client = &context.client;
    let topic = client.topic_now(&name, false).await?;
    let resource = ConfigResource {
        kind: ConfigResourceKind::Topic,
        name: Arc::clone(&name),
    };
    let mut configs = client.describe_configs(&resource).await?;
    configs.retain(|config| args.all || !config.is_default());
    let offsets = offsets(context, &topic).await?;
    match context.format {
        Format::Table => print_tables(&topic, &configs, &offsets),
        Format::Json => print_json(&topic, &configs, &offsets),
    }
}

type Offsets = BTreeMap<i32, (Option<i64>, Option<i64>)>;

/// First and next offset of every partition that has a leader to ask.
async fn offsets(context: &Context, topic: &TopicView) -> Result<Offsets> {
    let led = topic.partitions.iter().filter(|p| p.leader.is_some());
    let led: Vec<_> = led
        .map(|p| TopicPartition::new(Arc::clone(&topic.name), p.index))
        .collect();
    let mut offsets = Offsets::new();
    for spec in [OffsetSpec::Earliest, OffsetSpec::Latest] {
        let wanted: Vec<_> = led.iter().map(|at| (at.clone(), spec)).collect();
        if wanted.is_empty() {
            continue;
        }
        for (at, found) in context.client.list_offsets(&wanted, false).await? {
            let entry = offsets.entry(at.partition).or_default();
            match spec {
                OffsetSpec::Earliest => entry.0 = found.offset,
                _ => entry.1 = found.offset,
            }
        }
    }
    Ok(offsets)
}

fn print_tables(topic: &TopicView, configs: &[ConfigItem], offsets: &Offsets) -> Result<()> {
    say(&format!("{} ({})\n", topic.name, topic.id))?;
    let mut rows = Rows::new(&[
        "partition",
        "leader",
        "replicas",
        "in-sync",
        "first",
        "next",
    ]);
    for partition in &topic.partitions {
        rows.push(partition_row(partition, offsets));
    }
    rows.print(Format::Table)?;
    if configs.is_empty() {
        return Ok(());
    }
    say("")?;
    let mut rows = Rows::new(&["setting", "value"]);
    for config in configs {
        rows.push(vec![json!(&*config.name), json!(config.value.as_deref())]);
    }
    rows.print(Format::Table)?;
    Ok(())
}

fn partition_row(partition: &PartitionView, offsets: &Offsets) -> Vec<Value> {
    let (first, next) = offsets.get(&partition.index).copied().unwrap_or_default();
    vec![
        json!(partition.index),
        json!(partition.leader.map(|node| node.0)),
        ids(&partition.replicas),
        ids(&partition.isr),
        json!(first),
        json!(next),
    ]
}

fn ids(nodes: &[NodeId]) -> Value {
    nodes.iter().map(|node| node.0).collect()
}

fn print_json(topic: &TopicView, configs: &[ConfigItem], offsets: &Offsets) -> Result<()> {
    let partitions = topic.partitions.iter().map(|partition| {
        let (first, next) = offsets.get(&partition.index).copied().unwrap_or_default();
        json!({
            "partition": partition.index,
            "leader": partition.leader.map(|node| node.0),
            "leaderEpoch": partition.leader_epoch,
            "replicas": ids(&partition.replicas),
            "inSync": ids(&partition.isr),
            "first": first,
            "next": next,
        })
    });
    let settings = configs.iter();
    let settings = settings.map(|c| (c.name.to_string(), json!(c.value.as_deref())));
    let described = json!({
        "topic": &*topic.name,
        "id": topic.id.to_string(),
        "internal": topic.internal,
        "partitions": partitions.collect::<Vec<_>>(),
        "settings": settings.collect::<serde_json::Map<_, _>>(),
    });
    say(&described.to_string())?;
    Ok(())
}
