//! Answers on standard output: tables or JSON, from the same rows. Complaints on standard error.

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{Result, bail};
use comfy_table::{Table, presets};
use millrace_client::ClientError;
use serde_json::{Map, Value};

use crate::args::Format;

/// Rows under named columns.
pub(crate) struct Rows {
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
}

impl Rows {
    pub(crate) fn new(columns: &'static [&'static str]) -> Self {
        let rows = Vec::new();
        Self { columns, rows }
    }

    /// One value per column.
    pub(crate) fn push(&mut self, row: Vec<Value>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }

    pub(crate) fn print(&self, format: Format) -> io::Result<()> {
        match format {
            Format::Table => say(&self.table()),
            Format::Json => say(&self.json().to_string()),
        }
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(self.columns.iter().map(|column| column.to_uppercase()));
        for row in &self.rows {
            table.add_row(row.iter().map(shown));
        }
        let lines: Vec<_> = table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let objects = self.rows.iter().map(|row| {
            let columns = self.columns.iter().map(|&column| column.to_owned());
            Value::Object(columns.zip(row.iter().cloned()).collect::<Map<_, _>>())
        });
        Value::Array(objects.collect())
    }
}

/// A value in a table's cell.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// One line of the answer.
pub(crate) fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Why the command failed, with every cause. When even that cannot be written, nothing can.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(io::stderr().lock(), "error: {error:#}");
}

/// One thing that is wrong.
pub(crate) fn complain_of(what: &impl std::fmt::Display) {
    // When even that cannot be written, nothing can.
    let _ = writeln!(io::stderr().lock(), "{what}");
}

/// Shows what became of each item, and fails when one of them did.
pub(crate) fn outcomes(
    format: Format,
    columns: &'static [&'static str; 2],
    done: &str,
    outcomes: &[(Arc<str>, Result<(), ClientError>)],
) -> Result<()> {
    let mut rows = Rows::new(columns);
    for (name, outcome) in outcomes {
        let result = match outcome {
            Ok(()) => done.to_owned(),
            Err(error) => error.to_string(),
        };
        rows.push(vec![(&**name).into(), result.into()]);
    }
    rows.print(format)?;
    let failures = outcomes.iter().filter(|(_, outcome)| outcome.is_err());
    match failures.count() {
        0 => Ok(()),
        failures => bail!("{failures} of {} failed", outcomes.len()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_and_json_say_the_same() {
        let mut rows = Rows::new(&["topic", "partitions", "replicas"]);
        rows.push(vec![json!("a"), json!(3), json!([1, 2])]);
        rows.push(vec![json!("long name"), json!(1), Value::Null]);
        let words: Vec<_> = rows
            .table()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join("|"))
            .collect();
        assert_eq!(
            words,
            ["TOPIC|PARTITIONS|REPLICAS", "a|3|1,2", "long|name|1|-"]
        );
        let expected = json!([
            {"topic": "a", "partitions": 3, "replicas": [1, 2]},
            {"topic": "long name", "partitions": 1, "replicas": null},
        ]);
        assert_eq!(rows.json(), expected);
    }
}
