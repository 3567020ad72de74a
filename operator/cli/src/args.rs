//! What may be said on the command line: the commands, and what holds for all of them.

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{bench, completions, consume, group, produce, topic};

#[derive(Debug, Parser)]
#[command(
    name = "millrace",
    version,
    about = "Works with a Millrace or Kafka cluster"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Brokers to begin with, separated by commas
    #[arg(
        short,
        long,
        global = true,
        env = "MILLRACE_BOOTSTRAP_SERVER",
        default_value = "127.0.0.1:9092",
        value_delimiter = ','
    )]
    pub(crate) bootstrap_server: Vec<String>,
    /// Tables for people, JSON for programs
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
    /// Seconds after which a call that keeps failing is given up
    #[arg(long, global = true, default_value_t = 30)]
    pub(crate) timeout: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create, list, describe, change and delete topics
    #[command(subcommand)]
    Topic(topic::Command),
    /// Write the lines of standard input to a topic
    Produce(produce::Args),
    /// Read records, alone or as a member of a group
    Consume(consume::Args),
    /// List, describe, reset and delete consumer groups
    #[command(subcommand)]
    Group(group::Command),
    /// Measure a cluster
    #[command(subcommand)]
    Bench(bench::Command),
    /// Print the completion script of a shell
    Completions(completions::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
