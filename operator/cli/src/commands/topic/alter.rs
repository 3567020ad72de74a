//! `millrace topic alter`.

use std::sync::Arc;

use anyhow::{Result, ensure};
use millrace_client::admin::{
    ConfigOp, ConfigOpKind, ConfigResource, ConfigResourceKind, NewPartitions,
};

use crate::context::Context;
use crate::output;
use crate::parse::Assignment;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    name: String,
    /// Set a setting, as name=value; may be repeated
    #[arg(short, long)]
    set: Vec<Assignment>,
    /// Let a setting have its default again; may be repeated
    #[arg(short, long)]
    unset: Vec<String>,
    /// Grow to this many partitions
    #[arg(short, long)]
    partitions: Option<i32>,
    /// Only check whether it could be done
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let ops = operations(&args);
    ensure!(
        !ops.is_empty() || args.partitions.is_some(),
        "nothing to change: give --set, --unset or --partitions"
    );
    let name: Arc<str> = args.name.into();
    let mut outcomes = Vec::new();
    if !ops.is_empty() {
        let resource = ConfigResource {
            kind: ConfigResourceKind::Topic,
            name: Arc::clone(&name),
        };
        let changes = [(resource, ops)];
        outcomes.extend(context.client.alter_configs(&changes, args.dry_run).await?);
    }
    if let Some(total) = args.partitions {
        let grown = [NewPartitions { topic: name, total }];
        outcomes.extend(
            context
                .client
                .create_partitions(&grown, args.dry_run)
                .await?,
        );
    }
    let done = if args.dry_run { "valid" } else { "changed" };
    output::outcomes(context.format, &["topic", "result"], done, &outcomes)
}

fn operations(args: &Args) -> Vec<ConfigOp> {
    let set = args.set.iter().map(|assignment| ConfigOp {
        kind: ConfigOpKind::Set,
        name: assignment.name.as_str().into(),
        value: Some(assignment.value.as_str().into()),
    });
    let unset = args.unset.iter().map(|name| ConfigOp {
        kind: ConfigOpKind::Delete,
        name: name.as_str().into(),
        value: None,
    });
    set.chain(unset).collect()
}
