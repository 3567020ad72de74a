//! Measures Millrace and Apache Kafka side by side: the same machine, clients and settings, in turn.
//! Prints and writes what it measured; judges nothing.

mod admin;
mod cases;
mod fixed_rate;
mod frames;
mod measure;
mod raw;
mod report;
mod sink;
mod startup;
mod subject;
mod tools;
mod topics;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, Subcommand};
use millrace_bench_shared::clock;

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
    /// Every subject runs every case this often at most; medians count.
    #[arg(long)]
    rounds: Option<usize>,
    /// No round begins that would not end within so many minutes; the first always does.
    #[arg(long, default_value_t = 25)]
    minutes: u64,
    /// Where the report goes.
    #[arg(long, default_value = "docs/benchmarks.md")]
    output: PathBuf,
    /// Compares this build only with the one that `MILLRACE_BENCH_EARLIER` names, and prints that.
    #[arg(long)]
    builds: bool,
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
    let began = clock::now();
    if let Some(Role::Sink { port, file }) = &args.role {
        return sink::serve(*port, file.as_deref());
    }
    let cases: Vec<_> = cases::all(args.quick)
        .into_iter()
        .filter(|case| case.name.contains(&args.only))
        .collect();
    let effort = if args.quick { QUICK } else { FULL };
    let rounds = args.rounds.unwrap_or(3);
    let mut report = Report::new((!args.builds).then_some(args.output))?;
    let deadline = began + Duration::from_secs(args.minutes * 60);
    if args.builds {
        compare(
            &Kind::BUILDS,
            &cases,
            rounds,
            deadline,
            &effort,
            &mut report,
        )?;
        return report.print_builds();
    }
    let asked = |part: &str| part.contains(&args.only);
    if asked("start-up") {
        let outcome = startup::measure(rounds, &mut report);
        keep("start-up", outcome, &mut report);
    }
    if !cases.is_empty() {
        compare(&Kind::ALL, &cases, rounds, deadline, &effort, &mut report)?;
    }
    // What takes Kafka minutes comes last: whoever has no time for it interrupts it.
    if asked("2500 topics") {
        let outcome = topics::measure(1, &mut report);
        keep("2500 topics", outcome, &mut report);
    }
    if asked("10000 partitions") {
        let outcome = startup::measure_many_partitions(&mut report);
        keep("10000 partitions", outcome, &mut report);
    }
    report.write()?;
    report.print()
}

/// One part's failure is a line of the report, not the end of it.
fn keep(part: &str, outcome: Result<()>, report: &mut Report) {
    if let Err(error) = outcome {
        say(&format!("{part}: {error:#}"));
        report.failed(part, &error);
    }
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
    first_warm_up: Duration::from_secs(120),
    warm_up: Duration::from_secs(1),
    time: Duration::from_secs(2),
    bytes: 1_000_000_000,
    tool_records: 500_000,
    fixed_rate_for: Duration::from_secs(10),
};

/// Every case by every subject in turn, round by round, so that a slow spell of the machine hits
/// all of them.
fn compare(
    kinds: &[Kind],
    cases: &[Case],
    rounds: usize,
    deadline: Instant,
    effort: &Effort,
    report: &mut Report,
) -> Result<()> {
    let subjects: Vec<_> = kinds
        .iter()
        .map(|&kind| Subject::start(kind))
        .collect::<Result<_>>()?;
    for subject in &subjects {
        measure::warm_up(subject, effort)?;
    }
    for round in 1..=rounds {
        let began = clock::now();
        for case in cases {
            for subject in &subjects {
                // A sink shows what the machine can do; once is enough to know that.
                if case.suits(subject.kind()) && (round == 1 || subject.kind().is_broker()) {
                    measure_one(case, subject, effort, report);
                }
            }
            // Whoever interrupts the run keeps what it has shown.
            report.write()?;
        }
        report.finish_round();
        say(&format!("round {round} took {:.0?}", began.elapsed()));
        if clock::now() + began.elapsed() > deadline {
            break;
        }
    }
    report.write()
}

fn measure_one(case: &Case, subject: &Subject, effort: &Effort, report: &mut Report) {
    let kind = subject.kind();
    match measure::measure(case, subject, effort) {
        Ok(figures) => {
            say(&format!("{kind:?} {}: {figures}", case.name));
            report.add(&case.name, kind, figures);
        }
        Err(error) => {
            let what = format!("{kind:?}, {}", case.name);
            say(&format!("{what}: {error:#}"));
            report.failed(&what, &error);
        }
    }
}

#[expect(clippy::print_stderr, reason = "the benchmark's own progress")]
fn say(line: &str) {
    eprintln!("{line}");
}
