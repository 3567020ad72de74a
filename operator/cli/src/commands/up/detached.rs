//! A fleet that goes on without the terminal it was started from: another process of this program, whose
//! progress is shown until everything is ready.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

use crate::args::Format;
use crate::commands::up::options::Args;
use crate::fleet::manifests::Mistake;
use crate::fleet::progress::Progress;
use crate::fleet::screen::Summary;
use crate::output::{complain_of, say};

/// What of a fleet's complaints is passed on.
const COMPLAINT_BYTES_MAX: u64 = 64 * 1024;

/// A line of a fleet that starts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Step { step: String },
    Notice { notice: Mistake },
    Mistakes { mistakes: Vec<Mistake> },
    Up { up: Box<Summary> },
    Other(serde_json::Value),
}

/// Starts the fleet, and returns when it is ready.
pub(super) async fn start(format: Format, args: &Args) -> Result<()> {
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    command.args(["up", "--detached", "--output", "json"]);
    for file in &args.file {
        command.arg("--file").arg(file);
    }
    let reads_input = args.file.iter().any(|file| file.as_os_str() == "-");
    if let Some(directory) = &args.place.data_dir {
        command
            .arg("--data-dir")
            .arg(std::path::absolute(directory)?);
    }
    command.arg("--address").arg(args.address.to_string());
    if let Some(port) = args.api_port {
        command.arg("--api-port").arg(port.to_string());
    }
    let mut child = command
        .stdin(if reads_input {
            Stdio::inherit()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting the fleet")?;
    let mut progress = Progress::begin(format);
    let output = child.stdout.take().context("the fleet has no output")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Line::Step { step } => progress.step(&step),
            Line::Notice { notice } => progress.notice(&notice),
            Line::Mistakes { mistakes } => {
                progress.end();
                match format {
                    Format::Table => mistakes.iter().for_each(complain_of),
                    Format::Json => say(&line)?,
                }
            }
            Line::Up { up } => {
                progress.end();
                match format {
                    Format::Table => say(&up.welcome(true))?,
                    Format::Json => say(&line)?,
                }
                return Ok(());
            }
            Line::Other(other) => drop(say(&other.to_string())),
        }
    }
    progress.end();
    let mut complaint = String::new();
    if let Some(errors) = child.stderr.take() {
        let mut errors = errors.take(COMPLAINT_BYTES_MAX);
        errors.read_to_string(&mut complaint).await?;
    }
    child.wait().await?;
    let complaint = complaint.trim();
    bail!("{}", complaint.strip_prefix("error: ").unwrap_or(complaint));
}

/// What happens at the terminal is nothing to this process any more.
pub(super) fn leave_the_terminal() {
    // It fails only for a process that leads its group already, which is as good.
    let _leads = rustix::process::setsid();
}
