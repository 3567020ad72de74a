//! `millrace`: a fleet on this machine, and topics, records, groups and measurements of any
//! Kafka-compatible cluster. This file parses, runs one command, and reports its failure.

mod args;
mod commands;
mod context;
mod fleet;
mod output;
mod parse;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use crate::args::{Arguments, Command, Global};
use crate::context::Context;
use crate::fleet::lifeline;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let outcome = match command {
        Command::Broker { arguments } => return broker(arguments),
        command => runtime(&command)
            .context("starting")
            .and_then(|runtime| runtime.block_on(run(&global, command))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// This process becomes a broker of a fleet.
fn broker(arguments: Vec<OsString>) -> ExitCode {
    if let Err(error) = lifeline::watch().context("watching standard input") {
        output::complain(&error);
        return ExitCode::FAILURE;
    }
    millrace_broker::run(std::iter::once("millrace broker".into()).chain(arguments))
}

/// Who moves records may use every processor. All others mostly wait, and each thread costs memory for as
/// long as a fleet is up.
fn runtime(command: &Command) -> io::Result<Runtime> {
    let mut builder = match command {
        Command::Produce(_) | Command::Consume(_) | Command::Bench(_) => {
            Builder::new_multi_thread()
        }
        _ => Builder::new_current_thread(),
    };
    builder.enable_all().build()
}

async fn run(global: &Global, command: Command) -> Result<()> {
    let format = global.output;
    let context = Context::new(global);
    match command {
        Command::Up(args) => commands::up::run(format, args).await,
        Command::Status(args) => commands::status::run(format, args).await,
        Command::Apply(args) => commands::apply::run(format, args).await,
        Command::Down(args) => commands::down::run(format, args).await,
        Command::Topic(command) => commands::topic::run(&context, command).await,
        Command::Produce(args) => commands::produce::run(&context, args).await,
        Command::Consume(args) => commands::consume::run(&context, args).await,
        Command::Group(command) => commands::group::run(&context, command).await,
        Command::Bench(command) => commands::bench::run(&context, command).await,
        Command::Completions(args) => commands::completions::run(&args),
        // A broker has a runtime of its own.
        Command::Broker { .. } => Ok(()),
    }
}
