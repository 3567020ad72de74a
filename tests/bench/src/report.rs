//! Collects figures and writes them down: medians over the rounds, side by side, with their ratio.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::host;
use crate::measure::Figures;
use crate::subject::Kind;

pub(crate) struct Report {
    /// The page to write; a comparison of builds has none.
    path: Option<PathBuf>,
    /// Rounds that were run to their end.
    rounds: usize,
    host: String,
    /// What people wrote into the page between the marks.
    by_hand: String,
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
    pub(crate) fn new(path: Option<PathBuf>) -> Result<Self> {
        let page = path.as_ref().and_then(|path| fs::read_to_string(path).ok());
        let by_hand = page
            .and_then(|page| written_by_hand(&page).map(str::to_owned))
            .unwrap_or_default();
        if let Some(parent) = path.as_ref().and_then(|path| path.parent()) {
            fs::create_dir_all(parent)?;
        }
        Ok(Self {
            path,
            rounds: 0,
            host: host::describe(),
            by_hand,
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

    /// Writes what there is so far, so that a run that is cut short has something to show.
    pub(crate) fn write(&self) -> Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        fs::write(path, self.page()?).with_context(|| format!("cannot write {}", path.display()))
    }

    #[expect(clippy::print_stdout, reason = "this is what the program is run for")]
    pub(crate) fn print(&self) -> Result<()> {
        println!("{}", self.page()?);
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

    fn page(&self) -> Result<String> {
        let mut page = String::from(OPENING);
        writeln!(
            page,
            "\n{}* Whole rounds: {}, medians; subjects take turns, the sinks in the first round.\n",
            self.host, self.rounds
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
        write!(page, "\n{BY_HAND}{}{END_BY_HAND}\n", self.by_hand)?;
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

fn written_by_hand(page: &str) -> Option<&str> {
    let (_, behind) = page.split_once(BY_HAND)?;
    Some(behind.split_once(END_BY_HAND)?.0)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        return values.get(middle).copied();
    }
    let below = values.get(middle.checked_sub(1)?)?;
    Some((below + values.get(middle)?) / 2.0)
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

/// What stands between these is kept from run to run.
const BY_HAND: &str = "<!-- written by hand, kept by tests/bench/run -->";
const END_BY_HAND: &str = "<!-- end -->";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_found_again() {
        let page = format!("figures\n{BY_HAND}\n\n## Why\n{END_BY_HAND}\n");
        assert_eq!(written_by_hand(&page), Some("\n\n## Why\n"));
        assert_eq!(written_by_hand("figures"), None);
    }

    #[test]
    fn medians_and_ratios() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        assert_eq!(ratio(Some(1.0), Some(4.0)), "0.25×");
        assert_eq!(ratio(Some(1.0), None), "–");
    }
}
