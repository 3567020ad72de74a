//! The operator binary: arguments, leader lease, HTTP; the reconcilers do the work.

mod args;
mod boot;
mod http;
mod kubernetes;
mod lease;

use std::process::ExitCode;

use clap::Parser;
use rustix::thread::disable_transparent_huge_pages;
use tracing_subscriber::EnvFilter;

use args::{Args, LogFormat};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DEFAULT_LOG_FILTER: &str = "info,kube=warn";

fn main() -> ExitCode {
    // Half of a replica's memory was huge pages that nobody had filled. All that can be lost here is memory.
    let _refused = disable_transparent_huge_pages(true);
    serve(Args::parse())
}

#[tokio::main]
async fn serve(args: Args) -> ExitCode {
    start_logs(args.log_format);
    match boot::run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the operator stops");
            ExitCode::FAILURE
        }
    }
}

fn start_logs(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| DEFAULT_LOG_FILTER.into());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Json => subscriber.json().init(),
        LogFormat::Text => subscriber.with_ansi(false).init(),
    }
}
