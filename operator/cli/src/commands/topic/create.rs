//! `millrace topic create`.

use std::sync::Arc;

use anyhow::Result;
use millrace_client::admin::NewTopic;

use crate::context::Context;
use crate::output;
use crate::parse::Assignment;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(required = true)]
    names: Vec<String>,
    /// Left to the cluster when not given
    #[arg(short, long)]
    partitions: Option<i32>,
    /// Left to the cluster when not given
    #[arg(short, long)]
    replication_factor: Option<i16>,
    /// A setting, as name=value; may be repeated
    #[arg(short, long)]
    config: Vec<Assignment>,
    /// Only check whether the topics could be created
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let configs = args.config.iter();
    let configs = configs.map(|c| (Arc::from(c.name.as_str()), Arc::from(c.value.as_str())));
    let template = NewTopic {
        partitions: args.partitions,
        replication_factor: args.replication_factor,
        configs: configs.collect(),
        ..NewTopic::default()
    };
    let topics = args.names.into_iter().map(|name| NewTopic {
        name: name.into(),
        ..template.clone()
    });
    let topics: Vec<_> = topics.collect();
    let outcomes = context.client.create_topics(&topics, args.dry_run).await?;
    let outcomes: Vec<_> = outcomes
        .into_iter()
        .map(|(name, outcome)| (name, outcome.map(drop)))
        .collect();
    let done = if args.dry_run { "valid" } else { "created" };
    output::outcomes(context.format, &["topic", "result"], done, &outcomes)
}
