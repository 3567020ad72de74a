//! `millrace topic`: one file per thing that can be done to topics.

mod alter;
mod create;
mod delete;
mod describe;
mod list;

use anyhow::Result;
use clap::Subcommand;

use crate::context::Context;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create topics
    Create(create::Args),
    /// List topics
    List(list::Args),
    /// Show a topic's partitions and settings
    Describe(describe::Args),
    /// Change a topic's settings or number of partitions
    Alter(alter::Args),
    /// Delete topics and everything in them
    Delete(delete::Args),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Create(args) => create::run(context, args).await,
        Command::List(args) => list::run(context, &args).await,
        Command::Describe(args) => describe::run(context, args).await,
        Command::Alter(args) => alter::run(context, args).await,
        Command::Delete(args) => delete::run(context, args).await,
    }
}
