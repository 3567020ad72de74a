//! `millrace group`: one file per thing that can be done to consumer groups.

mod delete;
mod describe;
mod list;
mod reset;

use anyhow::Result;
use clap::Subcommand;

use crate::context::Context;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List groups
    List,
    /// Show a group's members, offsets and lag
    Describe(describe::Args),
    /// Move an empty group's offsets
    Reset(reset::Args),
    /// Delete empty groups and their offsets
    Delete(delete::Args),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List => list::run(context).await,
        Command::Describe(args) => describe::run(context, args).await,
        Command::Reset(args) => reset::run(context, args).await,
        Command::Delete(args) => delete::run(context, args).await,
    }
}
