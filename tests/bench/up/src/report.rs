//! What was measured, as rows of a table beside what is wanted.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use millrace_bench_shared::machine;
use millrace_bench_shared::median::median;
use millrace_bench_shared::page::Page;
use millrace_bench_shared::table::Table;

use crate::fleet::{Memory, Start};
use crate::suite::Part;

const HEAD: &str = "\
# Benchmark of one machine

`tests/bench/up/run` wrote this page: [`millrace up`](one-machine.md) as its user has it, every step a process of its own: `millrace up
--detach` of the quick start with one broker, `produce` of a record, `consume` of it, `down`, and once more on what was kept. Memory is
looked at three seconds later; a MiB is 2²⁰ bytes. `up` and its broker are processes of the same program: their resident memory has its
code twice, their PSS once. The suite is every test of the operator that runs on the
[Kubernetes API inside the process](contributing/kubernetes-api.md). Figures of several rounds are medians, with the worst.
";

/// A table with no rows yet.
pub(crate) fn begin(output: Option<PathBuf>) -> Result<Table> {
    let page = Page::open(output, "tests/bench/up/run")?;
    let about = machine::describe("", "release build, the suite a debug build");
    let columns = ["figure", "measured", "wanted"];
    Ok(Table::begin(page, &format!("{HEAD}\n{about}"), columns))
}

/// What fleets showed, one after the other.
#[derive(Default)]
pub(crate) struct Rounds {
    pub(crate) first: Vec<Start>,
    pub(crate) second: Vec<Start>,
    /// Memory after each start.
    pub(crate) started: Vec<Memory>,
    pub(crate) loaded: Vec<Memory>,
}

impl Rounds {
    pub(crate) fn tell(&self, records: u64, table: &mut Table) -> Result<()> {
        let rounds = self.first.len();
        tell_starts(
            &format!("first start: `up` until a record was consumed, {rounds} times"),
            &self.first,
            table,
        )?;
        tell_starts(
            "second start, on what the first kept: the same",
            &self.second,
            table,
        )?;
        tell_memory("after a start", "< 64 MiB", &self.started, table)?;
        let loaded = format!("after `bench produce` of {records} records of 100 bytes");
        tell_memory(&loaded, "", &self.loaded, table)
    }
}

fn tell_starts(figure: &str, starts: &[Start], table: &mut Table) -> Result<()> {
    let all = Spread::of(starts.iter().map(|start| start.consumed));
    let value = format!("{:.2} s, worst {:.2}", all.median, all.worst);
    table.add(figure, &value, "< 1 s")?;
    let parts: [fn(&Start) -> f64; 3] = [
        |start| start.up,
        |start| start.produced - start.up,
        |start| start.consumed - start.produced,
    ];
    let parts = parts.map(|part| format!("{:.2}", Spread::of(starts.iter().map(part)).median));
    let parts = format!("{} s", parts.join(" · "));
    table.add("… of it `up` · `produce` · `consume`", &parts, "")
}

fn tell_memory(when: &str, wanted: &str, looks: &[Memory], table: &mut Table) -> Result<()> {
    let mut tell = |kind: &str, wanted: &str, of: fn(&Memory) -> [f64; 2]| {
        let [up, broker] = [0, 1].map(|at| Spread::of(looks.iter().map(|look| of(look)[at])));
        let both = Spread::of(looks.iter().map(|look| of(look).iter().sum()));
        let value = format!(
            "{:.1} MiB ({:.1} and {:.1}), worst {:.1}",
            both.median, up.median, broker.median, both.worst
        );
        table.add(&format!("{kind} {when}: `up` and broker"), &value, wanted)
    };
    tell("resident memory", wanted, |memory| memory.resident)?;
    tell("… PSS", "", |memory| memory.proportional)
}

pub(crate) fn tell_suite(took: Duration, parts: &[Part], table: &mut Table) -> Result<()> {
    let tests: u64 = parts.iter().map(|part| part.passed).sum();
    let seconds = |took: Duration| format!("{:.1} s", took.as_secs_f64());
    table.add(
        "the operator's suite on the API inside the process",
        &format!("{} ({tests} tests)", seconds(took)),
        "< 60 s",
    )?;
    let parts: Vec<String> = parts
        .iter()
        .map(|part| format!("{} {}", part.name, seconds(part.took)))
        .collect();
    table.add("… of it", &parts.join(", "), "")
}

/// What several rounds came to.
struct Spread {
    median: f64,
    worst: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.collect();
        Self {
            worst: values.iter().copied().fold(f64::NAN, f64::max),
            median: median(values).unwrap_or(f64::NAN),
        }
    }
}
