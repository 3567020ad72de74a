//! `millrace topic list`.

use anyhow::Result;
use serde_json::json;

use crate::context::Context;
use crate::output::Rows;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Show the cluster's own topics as well
    #[arg(short, long)]
    internal: bool,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<()> {
    let view = context.client.view_all().await?;
    let mut rows = Rows::new(&["topic", "partitions", "replicas", "under-replicated"]);
    for topic in view.topics.values() {
        if topic.internal && !args.internal {
            continue;
        }
        let partitions = &topic.partitions;
        let replicas = partitions.iter().map(|p| p.replicas.len()).max();
        let behind = partitions.iter().filter(|p| p.isr.len() < p.replicas.len());
        rows.push(vec![
            json!(&*topic.name),
            json!(partitions.len()),
            json!(replicas.unwrap_or_default()),
            json!(behind.count()),
        ]);
    }
    rows.print(context.format)?;
    Ok(())
}
