//! `millrace group delete`.

use std::sync::Arc;

use anyhow::Result;

use crate::context::Context;
use crate::output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(required = true)]
    groups: Vec<String>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let mut outcomes = Vec::new();
    for name in args.groups {
        let group: Arc<str> = name.into();
        let outcome = context.client.delete_group(&group).await;
        outcomes.push((group, outcome));
    }
    output::outcomes(context.format, &["group", "result"], "deleted", &outcomes)
}
