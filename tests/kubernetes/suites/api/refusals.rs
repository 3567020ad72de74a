//! Why the API server refuses the invalid examples of custom resources, word by word: the API inside
//! the process must say the same. `MILLRACE_BLESS=1 cargo test -p millrace-kubernetes-tests --test api
//! refusals` writes it down anew.

use std::fs;

use anyhow::{Result, ensure};
use millrace_kubernetes_tests::scenario;

use crate::checks::install_definitions;
use crate::server::{blesses, connect, folder};

const FILE: &str = "operator/conformance/refusals.json";

#[test]
fn examples_are_refused_as_it_is_written_down() -> Result<()> {
    scenario("refusals", |cluster, namespace| {
        install_definitions(cluster)?;
        let (runtime, client) = connect(cluster)?;
        let examples = folder("crds/examples");
        let found =
            runtime.block_on(millrace_conformance::refusals(client, namespace, &examples))?;
        let text = format!("{found:#}\n");
        let file = folder(FILE);
        if blesses() {
            fs::write(&file, &text)?;
        }
        let known = fs::read_to_string(&file).unwrap_or_default();
        ensure!(
            known == text,
            "{FILE} is stale: run this test with MILLRACE_BLESS=1"
        );
        Ok(())
    })
}
