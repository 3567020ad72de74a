//! What may be said on the command line: the commands, and what holds for all of them.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    apply, bench, completions, consume, down, group, produce, status, topic, up,
};

#[derive(Debug, Parser)]
#[command(
    name = "millrace",
    version,
    about = "Runs a fleet of Kafka-compatible brokers on this machine, and works with any"
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
    /// Start a fleet on this machine, without Kubernetes
    Up(up::Args),
    /// Show how the fleet on this machine stands
    Status(status::Args),
    /// Change the fleet on this machine
    Apply(apply::Args),
    /// Stop the fleet on this machine
    Down(down::Args),
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
    /// Be a broker, as long as standard input lasts
    #[command(hide = true, disable_help_flag = true)]
    Broker {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
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
