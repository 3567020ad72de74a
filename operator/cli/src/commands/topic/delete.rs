//! `millrace topic delete`.

use anyhow::Result;

use crate::context::Context;
use crate::output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(required = true)]
    names: Vec<String>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let names: Vec<_> = args.names.into_iter().map(Into::into).collect();
    let outcomes = context.client.delete_topics(&names).await?;
    output::outcomes(context.format, &["topic", "result"], "deleted", &outcomes)
}
