//! `millrace group reset`.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use millrace_client::admin::OffsetSpec;
use millrace_types::TopicPartition;
use serde_json::json;

use crate::context::Context;
use crate::output::Rows;
use crate::parse::Place;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    group: String,
    /// Topic to move in; may be repeated. Without it, every topic that the group has read
    #[arg(short, long)]
    topic: Vec<String>,
    /// Where to go: beginning, end, an offset, or a time
    #[arg(long)]
    to: Place,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let group: Arc<str> = args.group.into();
    let client = &context.client;
    let before = client.group_offsets(&group).await?;
    let topics: Vec<Arc<str>> = if args.topic.is_empty() {
        let mut read: Vec<_> = before.keys().map(|at| Arc::clone(&at.topic)).collect();
        read.dedup();
        read
    } else {
        args.topic.into_iter().map(Into::into).collect()
    };
    let after = targets(context, &topics, args.to).await?;
    if !args.dry_run && !after.is_empty() {
        client.set_group_offsets(&group, &after).await?;
    }
    let mut rows = Rows::new(&["topic", "partition", "before", "after"]);
    for (at, offset) in after {
        let before = before.get(&at).map(|known| known.offset);
        rows.push(vec![
            json!(&*at.topic),
            json!(at.partition),
            json!(before),
            json!(offset),
        ]);
    }
    rows.print(context.format)?;
    Ok(())
}

/// The offsets to go to, never outside of what is there.
async fn targets(
    context: &Context,
    topics: &[Arc<str>],
    to: Place,
) -> Result<BTreeMap<TopicPartition, i64>> {
    let client = &context.client;
    let mut partitions = Vec::new();
    for topic in topics {
        let known = client.topic_now(topic, false).await?;
        let at = known
            .partitions
            .iter()
            .map(|p| TopicPartition::new(Arc::clone(topic), p.index));
        partitions.extend(at);
    }
    let ask = async |spec| -> Result<BTreeMap<TopicPartition, i64>> {
        if partitions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let wanted: Vec<_> = partitions.iter().map(|at| (at.clone(), spec)).collect();
        let found = client.list_offsets(&wanted, false).await?.into_iter();
        Ok(found
            .filter_map(|(at, found)| Some((at, found.offset?)))
            .collect())
    };
    let last = ask(OffsetSpec::Latest).await?;
    let mut targets = match to {
        Place::End => return Ok(last),
        Place::Beginning | Place::Offset(_) => ask(OffsetSpec::Earliest).await?,
        Place::Time(timestamp) => ask(OffsetSpec::At(timestamp)).await?,
    };
    for (at, &end) in &last {
        let target = targets.entry(at.clone()).or_insert(end);
        if let Place::Offset(offset) = to {
            *target = offset.clamp(*target, end.max(*target));
        }
    }
    Ok(targets)
}
