//! Runs a command beside a broker: `with-broker [key=value…] -- command…`.
//!
//! The command finds the broker in `MILLRACE_TEST_BOOTSTRAP`, its files in `MILLRACE_TEST_DATA` and a
//! way to start and kill further ones in `MILLRACE_TEST_CONTROL`. When the command fails, the ends of the brokers' logs follow.

use std::io::{Write, stderr};
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::Arc;

use anyhow::{Context, Result};
use millrace_tests::control::{Brokers, serve};
use millrace_tests::target::Target;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let split = arguments.iter().position(|word| word == "--");
    let (overrides, command) = arguments.split_at(split.context("usage: [k=v…] -- command…")?);
    let [_, program, rest @ ..] = command else {
        anyhow::bail!("no command after `--`")
    };

    let brokers = Arc::new(Brokers::new(Target::from_env()?));
    let ended = run(&brokers, overrides, program, rest);
    let succeeded = ended.as_ref().is_ok_and(ExitStatus::success);
    if !succeeded {
        for tail in brokers.log_tails() {
            writeln!(stderr(), "--- {tail}")?;
        }
    }
    brokers.stop_all();
    ended?;
    Ok(if succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run(
    brokers: &Arc<Brokers>,
    overrides: &[String],
    program: &str,
    arguments: &[String],
) -> Result<ExitStatus> {
    let (id, address) = brokers.start(&overrides.iter().map(String::as_str).collect())?;
    let control = serve(Arc::clone(brokers))?;
    Command::new(program)
        .args(arguments)
        .env("MILLRACE_TEST_BOOTSTRAP", address.to_string())
        .env("MILLRACE_TEST_DATA", brokers.data_directory(id)?)
        .env("MILLRACE_TEST_CONTROL", control.to_string())
        .status()
        .with_context(|| format!("{program} does not start"))
}
