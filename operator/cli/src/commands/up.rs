//! `millrace up`: a fleet on this machine, from the first look at its resources to the last process
//! that stops.

mod detached;
mod options;
mod waiting;

use std::io;

use anyhow::{Context as _, Result, bail, ensure};
use millrace_local::LocalApi;
use serde_json::Value;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::args::Format;
use crate::fleet::apply::apply;
use crate::fleet::boot::{Fleet, Options, defaults};
use crate::fleet::directory::DataDirectory;
use crate::fleet::manifests::{self, Checked, KINDS, Manifest, Mistake, Source, check};
use crate::fleet::progress::Progress;
use crate::fleet::screen::Summary;
use crate::fleet::{kept, telemetry};
use crate::output::{complain_of, say};
pub(crate) use options::{Args, Place};
use waiting::settled;

/// The signals that end a fleet.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

pub(crate) async fn run(format: Format, args: Args) -> Result<()> {
    if args.detach {
        return detached::start(format, &args).await;
    }
    if args.detached {
        detached::leave_the_terminal();
    }
    let mut progress = Progress::begin(format);
    let directory = args.place.directory()?;
    progress.step(&format!("opening {}", directory.path().display()));
    let died = directory.run();
    let held = directory.take()?;
    if let Some(run) = died {
        let note = "an earlier run ended without stopping its brokers; they stop by themselves";
        progress.step(&format!("{note} (process {})", run.pid));
    }
    let before = kept::read(&directory.objects())?;
    let manifests = wanted(format, &args, &before, &progress).await?;
    // Until here a signal ends the process, even while it reads standard input.
    let mut signals = Signals::listen().context("listening for signals")?;
    telemetry::start(&directory.output())?;
    let options = Options {
        first_address: args.address,
        api_port: args.api_port,
    };
    let fleet = Fleet::start(directory.clone(), held, before, &options).await?;
    let outcome = tokio::select! {
        outcome = bring_up(&fleet.api, manifests, &mut progress) => outcome.map(|()| true),
        () = signals.next() => Ok(false),
    };
    if matches!(outcome, Ok(true)) {
        progress.end();
        show(format, &directory, &fleet)?;
        signals.next().await;
    }
    progress.step("stopping");
    let stopped = tokio::select! {
        stopped = fleet.stop() => stopped,
        // Whoever asks twice does not want to wait; the brokers notice.
        () = signals.next() => bail!("stopped at once"),
    };
    progress.end();
    outcome.map(drop).and(stopped)
}

/// What to apply: what was named, or the quick start where nothing was ever applied.
async fn wanted(
    format: Format,
    args: &Args,
    before: &[Value],
    progress: &Progress,
) -> Result<Vec<Manifest>> {
    let is_users = |object: &&Value| KINDS.iter().any(|kind| object["kind"] == kind.kind);
    let clusters = before
        .iter()
        .filter(|object| object["kind"] == "KafkaCluster");
    let sources: Vec<Source> = match (args.file.is_empty(), clusters.count()) {
        (true, 0) => vec![Source::Quickstart],
        (true, _) => Vec::new(),
        (false, _) => args.file.iter().cloned().map(Source::of).collect(),
    };
    let existing: Vec<Value> = before.iter().filter(is_users).cloned().collect();
    checked(format, &sources, &existing, progress).await
}

/// Resources without a mistake; every mistake is told, or what of them is not in force here.
pub(crate) async fn checked(
    format: Format,
    sources: &[Source],
    existing: &[Value],
    progress: &Progress,
) -> Result<Vec<Manifest>> {
    let manifests = match manifests::read(sources) {
        Ok(manifests) => manifests,
        Err(mistakes) => return refuse(format, &mistakes, progress),
    };
    let Checked { mistakes, notices } = check(&manifests, existing, &defaults()).await;
    if !mistakes.is_empty() {
        return refuse(format, &mistakes, progress);
    }
    ensure!(
        sources.is_empty() || !manifests.is_empty(),
        "there are no resources in what was named"
    );
    // Nobody need be told of what they did not write.
    if sources != [Source::Quickstart] {
        notices.iter().for_each(|notice| progress.notice(notice));
    }
    Ok(manifests)
}

fn refuse<T>(format: Format, mistakes: &[Mistake], progress: &Progress) -> Result<T> {
    progress.end();
    match format {
        Format::Json => {
            say(&serde_json::json!({"mistakes": mistakes}).to_string())?;
        }
        Format::Table => mistakes.iter().for_each(complain_of),
    }
    match mistakes.len() {
        1 => bail!("nothing was applied: there is a mistake"),
        count => bail!("nothing was applied: there are {count} mistakes"),
    }
}

async fn bring_up(api: &LocalApi, manifests: Vec<Manifest>, progress: &mut Progress) -> Result<()> {
    for applied in apply(&api.client(), manifests).await? {
        let (kind, name) = (applied.kind, applied.name);
        progress.step(&format!("{kind} {name} {}", applied.change));
    }
    settled(api, progress).await
}

fn show(format: Format, directory: &DataDirectory, fleet: &Fleet) -> Result<()> {
    let kinds = ["KafkaCluster", "KafkaTopic"];
    let objects = kinds.iter().flat_map(|kind| fleet.api.objects(kind));
    let objects: Vec<Value> = objects.map(|object| Value::clone(&object)).collect();
    let pid = i32::try_from(std::process::id())?;
    let summary = Summary::of(directory, pid, fleet.address.to_string(), &objects);
    match format {
        Format::Table => say(&summary.welcome(false))?,
        Format::Json => say(&serde_json::json!({"up": summary}).to_string())?,
    }
    Ok(())
}
