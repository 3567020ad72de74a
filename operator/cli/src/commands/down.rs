//! `millrace down`: stops the fleet on this machine, and deletes what it kept if that is asked for.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::time::timeout;

use crate::args::Format;
use crate::commands::up::Place;
use crate::fleet::directory::DataDirectory;
use crate::fleet::progress::Progress;
use crate::output::say;

/// Brokers have two minutes to stop.
const STOP_LIMIT: Duration = Duration::from_secs(150);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Delete every record, topic and setting, too
    #[arg(long)]
    delete_data: bool,
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(format: Format, args: Args) -> Result<()> {
    let directory = args.place.directory()?;
    let stopped = stop(&directory, format).await?;
    let deletes = args.delete_data && directory.exists();
    if !stopped && !deletes {
        bail!("no fleet runs in {}", directory.path().display());
    }
    if args.delete_data {
        let held = directory.take()?;
        directory.delete(&held)?;
    }
    let at = directory.path().display();
    match format {
        Format::Json => {
            let answer =
                json!({"stopped": stopped, "deleted": args.delete_data, "data": directory.path()});
            say(&answer.to_string())?;
        }
        Format::Table if args.delete_data => say(&format!("stopped; {at} is deleted"))?,
        Format::Table => say(&format!("stopped; what it kept is in {at}"))?,
    }
    Ok(())
}

/// Stops the fleet that runs. Returns whether one did.
async fn stop(directory: &DataDirectory, format: Format) -> Result<bool> {
    let Some(run) = directory.running()? else {
        return Ok(false);
    };
    let pid = Pid::from_raw(run.pid).context("the fleet has no process")?;
    kill_process(pid, Signal::TERM).context("asking the fleet to stop")?;
    let mut progress = Progress::aside(format);
    progress.step(&format!("waiting for process {} to stop", run.pid));
    let waiting = directory.clone();
    let ended = tokio::task::spawn_blocking(move || waiting.wait().map(drop));
    let ended = timeout(STOP_LIMIT, ended).await;
    progress.end();
    match ended {
        Ok(ended) => ended??,
        Err(_) => bail!(
            "the fleet still runs after {} s: end it with `kill -9 {}`",
            STOP_LIMIT.as_secs(),
            run.pid
        ),
    }
    Ok(true)
}
