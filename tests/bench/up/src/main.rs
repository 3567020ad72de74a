//! Measures `millrace up` as its user has it, in whole processes: the first start and the second, the
//! memory that a fleet of one broker holds, and how long the operator's suite on the Kubernetes API
//! inside the process takes. Prints a table and writes it as a page; it judges nothing.

mod fleet;
mod report;
mod suite;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use millrace_bench_shared::clock;
use millrace_bench_shared::table::Table;

use fleet::Fleet;
use report::Rounds;

#[derive(Parser)]
#[command(about = "Measures `millrace up`, and the operator's suite")]
struct Args {
    /// Fleets that are made, one after the other
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Records of 100 bytes that are written before memory is looked at again
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// What a fleet is made of; it has the topic `orders`
    #[arg(long, default_value = "charts/examples/quickstart.yaml")]
    file: PathBuf,
    /// The program `millrace`
    #[arg(long)]
    program: PathBuf,
    /// Where fleets keep their data; it must not exist yet
    #[arg(long)]
    data_dir: PathBuf,
    /// What `cargo test --no-run --message-format json` said when it built the suite
    #[arg(long)]
    suite: Option<PathBuf>,
    /// The page to write
    #[arg(long)]
    output: Option<PathBuf>,
}

/// A fleet that has just started, or worked, still frees and fills caches.
const REST: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    let args = Args::parse();
    let mut table = report::begin(args.output.clone())?;
    let mut rounds = Rounds::default();
    for _ in 0..args.rounds {
        measure(&args, &mut rounds)?;
    }
    rounds.tell(args.records, &mut table)?;
    match &args.suite {
        Some(built) => measure_suite(built, &mut table),
        None => Ok(()),
    }
}

/// A fleet from its first start to the deletion of its data.
fn measure(args: &Args, rounds: &mut Rounds) -> Result<()> {
    let mut fleet = Fleet::new(&args.program, &args.data_dir)?;
    rounds.first.push(fleet.start(Some(&args.file))?);
    clock::pause(REST);
    rounds.started.push(fleet.memory()?);
    fleet.stop()?;
    rounds.second.push(fleet.start(None)?);
    clock::pause(REST);
    rounds.started.push(fleet.memory()?);
    fleet.load(args.records)?;
    clock::pause(REST);
    rounds.loaded.push(fleet.memory()?);
    fleet.delete()
}

fn measure_suite(built: &Path, table: &mut Table) -> Result<()> {
    let began = clock::now();
    let mut parts = Vec::new();
    for binary in suite::built(built)? {
        parts.push(binary.run()?);
    }
    report::tell_suite(began.elapsed(), &parts, table)
}
