//! The broker as a program: reads its arguments and hands over to `boot`. A library, so that another
//! program can be the broker, too.

mod args;
mod await_file;
mod boot;
mod http;
mod limits;
mod listeners;
mod settings;
mod tasks;
mod telemetry;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// What a shell sees when the configuration is the problem.
const EXIT_CONFIG: u8 = 2;

/// Runs the broker until it is told to stop. The first of the arguments is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    limits::refuse_huge_pages();
    let args = args::Args::parse_from(arguments);
    match args.await_file.as_deref().map(await_file::wait) {
        None | Some(Ok(await_file::Waited::Filled)) => {}
        Some(Ok(await_file::Waited::Terminated)) => return ExitCode::SUCCESS,
        Some(Err(error)) => {
            complain(&error);
            return ExitCode::FAILURE;
        }
    }
    let settings = match settings::read(&args) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error);
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    if args.print_config {
        settings::print(&settings.raw);
        return ExitCode::SUCCESS;
    }
    telemetry::start(&settings, args.log_format);
    match boot::run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(
                error = &*error as &dyn std::error::Error,
                "the broker stopped"
            );
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last words of the process go to its terminal"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("millrace-broker: {error:#}");
}
