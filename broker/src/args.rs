//! The command line of `millrace-broker`.

use std::path::PathBuf;

use clap::Parser;

/// A Kafka-wire-compatible broker.
///
/// Without a configuration it serves 127.0.0.1:9092 from ./data.
#[derive(Debug, Parser)]
#[command(name = "millrace-broker", version)]
pub(crate) struct Args {
    /// A server.properties file with Kafka's own property names.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Waits until this file has content, before the configuration is read.
    #[arg(long, value_name = "FILE")]
    pub(crate) await_file: Option<PathBuf>,

    /// Sets one property, over what the file says. May be given more than once.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, String)>,

    /// How log lines look on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text, env = "MILLRACE_LOG_FORMAT")]
    pub(crate) log_format: LogFormat,

    /// Prints the configuration as it is understood, and exits.
    #[arg(long)]
    pub(crate) print_config: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected key=value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn settings_are_split_at_the_first_equals_sign() {
        assert_eq!(
            parse_setting("a=b=c"),
            Ok(("a".to_owned(), "b=c".to_owned()))
        );
        assert!(parse_setting("=b").is_err());
        assert!(parse_setting("a").is_err());
    }
}
