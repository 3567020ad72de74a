//! Measures Millrace and Apache Kafka side by side: the same machine, clients and settings, in turn.
//! Prints and writes what it measured; judges nothing.

mod admin;
mod cases;
mod clock;
mod fixed_rate;
mod frames;
mod host;
mod measure;
mod raw;
mod report;
mod sink;
mod startup;
mod subject;
mod tools;
mod usage;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};

use cases::Case;
use measure::Effort;
use report::Report;
use subject::{Kind, Subject};

#[derive(Parser)]
#[command(about = "Measures Millrace and Apache Kafka side by side")]
struct Args {
    /// A few minutes: the cases with a goal, shorter runs, fewer rounds.
    #[arg(long)]
    quick: bool,
    /// Only cases whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Every subject runs every case this often; medians count.
    #[arg(long)]
    rounds: Option<usize>,
    /// Where the report goes.
    #[arg(long, default_value = "docs/benchmarks.md")]
    output: PathBuf,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Subcommand)]
enum Role {
    /// Takes frames as a broker would and keeps none of them, or all in one file.
    #[command(hide = true)]
    Sink {
        port: u16,
        #[arg(long)]
        file: Option<PathBuf>,
    },
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(Role::Sink { port, file }) = &args.role {
        return sink::serve(*port, file.as_deref());
    }
    let cases: Vec<_> = cases::all(args.quick)
        .into_iter()
        .filter(|case| case.name.contains(&args.only))
        .collect();
    let effort = if args.quick { QUICK } else { FULL };
    let rounds = args.rounds.unwrap_or(if args.quick { 3 } else { 5 });
    let mut report = Report::new(args.output, rounds)?;
    if "start-up".contains(&args.only) {
        startup::measure(rounds, &mut report)?;
    }
    if !cases.is_empty() {
        compare(&cases, rounds, &effort, &mut report)?;
    }
    if "10000 partitions".contains(&args.only) {
        startup::measure_many_partitions(&mut report)?;
    }
    report.write()
}

const QUICK: Effort = Effort {
    first_warm_up: Duration::from_secs(90),
    warm_up: Duration::from_millis(500),
    time: Duration::from_millis(1500),
    bytes: 400_000_000,
    tool_records: 200_000,
    fixed_rate_for: Duration::from_secs(5),
};

const FULL: Effort = Effort {
    first_warm_up: Duration::from_secs(300),
    warm_up: Duration::from_secs(2),
    time: Duration::from_secs(5),
    bytes: 2_000_000_000,
    tool_records: 1_000_000,
    fixed_rate_for: Duration::from_secs(20),
};

/// Every case by every subject in turn, round by round, so that a slow spell of the machine hits
/// all of them.
fn compare(cases: &[Case], rounds: usize, effort: &Effort, report: &mut Report) -> Result<()> {
    let subjects: Vec<_> = Kind::ALL
        .iter()
        .map(|&kind| Subject::start(kind))
        .collect::<Result<_>>()?;
    for subject in &subjects {
        measure::warm_up(subject, effort)?;
    }
    for round in 1..=rounds {
        for case in cases {
            for subject in &subjects {
                if !case.suits(subject.kind()) {
                    continue;
                }
                match measure::measure(case, subject, effort) {
                    Ok(figures) => {
                        say(&format!(
                            "{round}/{rounds} {:?} {}: {figures}",
                            subject.kind(),
                            case.name
                        ));
                        report.add(&case.name, subject.kind(), figures);
                    }
                    Err(error) => {
                        say(&format!("{:?} {}: {error:#}", subject.kind(), case.name));
                        report.failed(&case.name, subject.kind(), &error);
                    }
                }
            }
        }
        report.write()?;
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "the benchmark's own progress")]
fn say(line: &str) {
    eprintln!("{line}");
}
