//! Waits for a file that somebody else fills in, before anything else is done: a fact about where
//! this broker runs may be known only a moment after its start.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

/// Short beside the start of a broker, long enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(100);

/// How a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Filled,
    /// The broker is not wanted any more.
    Terminated,
}

/// Waits until the file at `path` exists and is not empty. There is no limit: only who fills it in,
/// or who ends the process, knows better.
///
/// # Errors
/// When signals cannot be heard.
pub(crate) fn wait(path: &Path) -> Result<Waited> {
    if is_filled(path) {
        return Ok(Waited::Filled);
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime?.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("cannot hear SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot hear SIGINT")?;
        say(path);
        while !is_filled(path) {
            tokio::select! {
                () = sleep(PAUSE) => {}
                _ = terminate.recv() => return Ok(Waited::Terminated),
                _ = interrupt.recv() => return Ok(Waited::Terminated),
            }
        }
        Ok(Waited::Filled)
    })
}

fn is_filled(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

#[expect(
    clippy::print_stderr,
    reason = "how to log is not known before the configuration is read"
)]
fn say(path: &Path) {
    eprintln!("millrace-broker: waiting for {}", path.display());
}
