//! Collects figures and writes them down: medians over the rounds, side by side, with their ratio.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use millrace_bench_shared::machine;
use millrace_bench_shared::median::median;
use millrace_bench_shared::page::Page;

use crate::measure::Figures;
use crate::subject::Kind;

pub(crate) struct Report {
    page: Page,
    /// Rounds that were run to their end.
    rounds: usize,
    about: String,
    cases: Rows<Figures>,
    singles: Rows<f64>,
    failures: Vec<String>,
}

/// By name, in the order of their first figure.
struct Rows<T> {
    order: Vec<String>,
    values: BTreeMap<(String, Kind), Vec<T>>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            values: BTreeMap::new(),
        }
    }
}

impl<T> Rows<T> {
    fn add(&mut self, name: &str, kind: Kind, value: T) {
        if !self.order.iter().any(|known| known == name) {
            self.order.push(name.to_owned());
        }
        self.values
            .entry((name.to_owned(), kind))
            .or_default()
            .push(value);
    }

    /// The median of one aspect of what a subject showed under a name.
    fn median(&self, name: &str, kind: Kind, aspect: impl Fn(&T) -> Option<f64>) -> Option<f64> {
        let values = self.values.get(&(name.to_owned(), kind))?;
        median(values.iter().filter_map(aspect).collect())
    }
}

impl Report {
    /// A comparison of builds has no page.
    pub(crate) fn new(path: Option<PathBuf>) -> Result<Self> {
        let java = machine::first_line("java", &["--version"]);
        let build = format!(
            "release build; Apache Kafka 4.2.0 (KRaft) on {java}, with its start script's options"
        );
        Ok(Self {
            page: Page::open(path, "tests/bench/run")?,
            rounds: 0,
            about: machine::describe("", &build),
            cases: Rows::default(),
            singles: Rows::default(),
            failures: Vec::new(),
        })
    }

    pub(crate) fn add(&mut self, case: &str, kind: Kind, figures: Figures) {
        self.cases.add(case, kind, figures);
        if kind.is_broker() {
            self.singles
                .add("RSS loaded, highest, MB", kind, figures.rss_megabytes);
        }
    }

    pub(crate) fn add_single(&mut self, name: &str, kind: Kind, value: f64) {
        self.singles.add(name, kind, value);
    }

    pub(crate) fn failed(&mut self, what: &str, error: &anyhow::Error) {
        let first_line = format!("{error:#}")
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let failure = format!("{what}: {first_line}");
        if !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    pub(crate) fn finish_round(&mut self) {
        self.rounds += 1;
    }

    /// Whoever interrupts the run keeps what it has shown.
    pub(crate) fn write(&self) -> Result<()> {
        self.page.write(&self.figures()?)
    }

    #[expect(clippy::print_stdout, reason = "this is what the program is run for")]
    pub(crate) fn print(&self) -> Result<()> {
        println!("{}", self.page.text(&self.figures()?));
        Ok(())
    }

    /// What two builds cost, where a file sink says what the machine did meanwhile.
    #[expect(clippy::print_stdout, reason = "this is what the program is run for")]
    pub(crate) fn print_builds(&self) -> Result<()> {
        println!("| case | CPU s/GB | earlier | ratio | file sink |\n|---|---|---|---|---|");
        for name in &self.cases.order {
            let [own, earlier, sink] = Kind::BUILDS.map(|kind| {
                self.cases
                    .median(name, kind, |figures| figures.cpu_seconds_per_gb)
            });
            let cells = [
                cell(own, 3),
                cell(earlier, 3),
                ratio(own, earlier),
                cell(sink, 3),
            ];
            println!("| {name} | {} |", cells.join(" | "));
        }
        Ok(())
    }

    fn figures(&self) -> Result<String> {
        let mut page = String::from(OPENING);
        writeln!(
            page,
            "\n{}* Whole rounds: {}, medians; subjects take turns, the sinks in the first round.\n",
            self.about, self.rounds
        )?;
        self.write_cost(&mut page)?;
        self.write_latency(&mut page)?;
        self.write_singles(&mut page)?;
        if !self.failures.is_empty() {
            page.push_str("\n## Failed\n\n");
            for failure in &self.failures {
                writeln!(page, "* {failure}")?;
            }
        }
        Ok(page)
    }

    fn write_cost(&self, page: &mut String) -> Result<()> {
        page.push_str(COST);
        for name in &self.cases.order {
            let of =
                |kind, aspect: fn(&Figures) -> Option<f64>| self.cases.median(name, kind, aspect);
            let cpu = Kind::ALL.map(|kind| of(kind, |figures| figures.cpu_seconds_per_gb));
            let rate = Kind::ALL.map(|kind| of(kind, |figures| figures.megabytes_per_second));
            if rate.iter().chain(&cpu).any(Option::is_some) {
                let [cpu_own, cpu_kafka, cpu_file, _] = cpu;
                let [own, kafka, file, read] = rate;
                let cells = [
                    cell(cpu_own, 3),
                    cell(cpu_kafka, 3),
                    ratio(cpu_own, cpu_kafka),
                    cell(cpu_file, 3),
                    cell(own, 0),
                    cell(kafka, 0),
                    ratio(own, kafka),
                    cell(file, 0),
                    cell(read, 0),
                ];
                writeln!(page, "| {name} | {} |", cells.join(" | "))?;
            }
        }
        Ok(())
    }

    fn write_latency(&self, page: &mut String) -> Result<()> {
        page.push_str(LATENCY);
        for name in &self.cases.order {
            let of = |kind, at: usize| {
                self.cases
                    .median(name, kind, |figures| figures.latency.map(|all| all[at]))
            };
            let row = |kind| [of(kind, 0), of(kind, 1), of(kind, 2)];
            let (own, kafka) = (row(Kind::Millrace), row(Kind::Kafka));
            if own.iter().chain(&kafka).any(Option::is_some) {
                let cells = |row: [Option<f64>; 3]| row.map(|value| cell(value, 2)).join(" · ");
                let ratios: Vec<_> = own
                    .into_iter()
                    .zip(kafka)
                    .map(|(own, kafka)| ratio(own, kafka))
                    .collect();
                writeln!(
                    page,
                    "| {name} | {} | {} | {} |",
                    cells(own),
                    cells(kafka),
                    ratios.join(" · ")
                )?;
            }
        }
        Ok(())
    }

    fn write_singles(&self, page: &mut String) -> Result<()> {
        page.push_str(SINGLES);
        for name in &self.singles.order {
            let highest = name.contains("highest");
            let of = |kind| {
                if highest {
                    let values = self.singles.values.get(&(name.clone(), kind))?;
                    values.iter().copied().reduce(f64::max)
                } else {
                    self.singles.median(name, kind, |value| Some(*value))
                }
            };
            let (own, kafka) = (of(Kind::Millrace), of(Kind::Kafka));
            writeln!(
                page,
                "| {name} | {} | {} | {} |",
                cell(own, 2),
                cell(kafka, 2),
                ratio(own, kafka)
            )?;
        }
        Ok(())
    }
}

fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

fn ratio(own: Option<f64>, kafka: Option<f64>) -> String {
    let ratio = own.zip(kafka).filter(|(_, kafka)| *kafka > 0.0);
    ratio.map_or_else(
        || "–".to_owned(),
        |(own, kafka)| format!("{:.2}×", own / kafka),
    )
}

const OPENING: &str = "\
# Benchmarks

`tests/bench/run` wrote this page: Millrace and Apache Kafka in turn on the same machine, with the same client processes and the
same settings. Ratios are Millrace to Kafka: below 1 is less. The client and the broker share the machine, so **processor time of
the broker per GB** is the figure that counts; a rate says as much about the client as about the broker. \"Produce\", \"catch-up read\"
and \"tailing read\" use a client that sends frames built beforehand, five in flight; the others are the tools they name. A GB is 10⁹ bytes of
batches on the wire, for named tools of record values. Before a measurement a file of the same size touches the page cache. A
load average above the number of cores says that the machine did other work too: rates and latencies then say little, and what a JVM
compiles while it serves is in its processor time.
";

const COST: &str = "\
## Processor time and rate

The sinks are the machine's limit: a process that takes the same frames and writes them to a file, and one that only reads them.

| case | CPU s/GB | Kafka | ratio | file sink | MB/s | Kafka | ratio | file sink | read sink |
|---|---|---|---|---|---|---|---|---|---|
";

const LATENCY: &str = "
## Latency

Milliseconds: p50 · p99 · p99.9. For \"produce\" of single requests at full speed, so mostly of waiting behind one's own; for
\"tailing read\" from when a record was due until a waiting consumer had it.

| case | Millrace | Kafka | ratio |
|---|---|---|---|
";

const SINGLES: &str = "
## Start and memory

| figure | Millrace | Kafka | ratio |
|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_needs_both() {
        assert_eq!(ratio(Some(1.0), Some(4.0)), "0.25×");
        assert_eq!(ratio(Some(1.0), None), "–");
    }
}
