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
        let group: Arc<str> = name.as_str().into();
        outcomes.push((name, context.client.delete_group(&group).await));
    }
    output::outcomes(context.format, "group", "deleted", &outcomes)
}
