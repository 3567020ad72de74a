//! The table of what was measured, beside the field's figures: printed row by row, and written as a page.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

const HEAD: &str = "\
# Benchmark of the operator

`tests/bench/operator/run` wrote this page: the operator with a real broker on the Kubernetes of the tests, with API server,
etcd, nodes and the benchmark itself on the same machine. The field's figures are of the most used topic operator (1.2.0) with
Apache Kafka on such a machine, with the limits lifted beyond which it does not go by itself (2,000 topics).
";

const TABLE: &str = "\n| figure | Millrace | field |\n|---|---|---|\n";

/// Between the lines a person writes what limits the figures; that is kept.
const BY_HAND: &str = "<!-- written by hand, kept by tests/bench/operator/run -->";

/// Rows as they come.
pub(crate) struct Report {
    output: Option<PathBuf>,
    about: String,
    rows: String,
}

impl Report {
    pub(crate) fn new(output: Option<PathBuf>) -> Self {
        let about = std::env::var("MILLRACE_BENCH_ABOUT").unwrap_or_default();
        Self {
            output,
            about,
            rows: String::new(),
        }
    }

    /// One figure; whoever interrupts the run keeps what it has shown.
    pub(crate) fn add(&mut self, figure: &str, value: &str, field: &str) -> Result<()> {
        let row = format!("| {figure} | {value} | {field} |");
        print(&row);
        self.rows.push_str(&row);
        self.rows.push('\n');
        let Some(output) = &self.output else {
            return Ok(());
        };
        let earlier = fs::read_to_string(output).unwrap_or_default();
        let by_hand = earlier.find(BY_HAND).map_or("", |at| &earlier[at..]);
        let page = format!("{HEAD}\n{}\n{TABLE}{}\n{by_hand}", self.about, self.rows);
        fs::write(output, page).with_context(|| format!("writing {}", output.display()))
    }
}

#[expect(clippy::print_stdout, reason = "the table is what the command is for")]
fn print(row: &str) {
    println!("{row}");
}
