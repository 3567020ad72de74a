//! Where figures go: a table beside the field's, and the page that it is written to.

use std::path::PathBuf;

use anyhow::Result;
use millrace_bench_shared::machine;
use millrace_bench_shared::page::Page;
use millrace_bench_shared::table::Table;

const HEAD: &str = "\
# Benchmark of the operator

`tests/bench/operator/run` wrote this page: the operator with a real broker on the Kubernetes of the tests, with API server,
etcd, nodes and the benchmark itself on the same machine. The field's figures are of the most used topic operator (1.2.0) with
Apache Kafka on such a machine, with the limits lifted beyond which it does not go by itself (2,000 topics).
";

/// A table with no rows yet, of a Kubernetes of so many nodes.
pub(crate) fn begin(output: Option<PathBuf>, nodes: usize) -> Result<Table> {
    let page = Page::open(output, "tests/bench/operator/run")?;
    let about = machine::describe(&format!("; {nodes} nodes"), "release build");
    Ok(Table::begin(
        page,
        &format!("{HEAD}\n{about}"),
        ["figure", "Millrace", "field"],
    ))
}
