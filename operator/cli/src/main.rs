//! `millrace`: topics, records, groups and measurements from the command line. Speaks to any
//! Kafka-compatible cluster. This file parses, runs one command, and reports its failure.

mod args;
mod commands;
mod context;
mod output;
mod parse;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::context::Context;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let context = Context::new(&arguments.global);
    let outcome = match arguments.command {
        Command::Topic(command) => commands::topic::run(&context, command).await,
        Command::Produce(args) => commands::produce::run(&context, args).await,
        Command::Consume(args) => commands::consume::run(&context, args).await,
        Command::Group(command) => commands::group::run(&context, command).await,
        Command::Bench(command) => commands::bench::run(&context, command).await,
        Command::Completions(args) => commands::completions::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}
