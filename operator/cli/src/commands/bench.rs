//! `millrace bench`: one file per measurement. Results are rows like every other answer.

mod consume;
mod latency;
mod produce;
mod samples;

use anyhow::Result;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use crate::context::Context;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write records as fast as the cluster takes them
    Produce(produce::Args),
    /// Read records as fast as the cluster gives them
    Consume(consume::Args),
    /// Time the way of single records from producer to consumer
    Latency(latency::Args),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    let bar = |records| {
        let style = "{bar:40} {pos}/{len} {per_sec} {eta}";
        let style =
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(records).with_style(style)
    };
    match command {
        Command::Produce(args) => produce::run(context, &args, bar(args.records)).await,
        Command::Consume(args) => consume::run(context, &args, bar(args.records)).await,
        Command::Latency(args) => latency::run(context, &args, bar(args.records)).await,
    }
}
