//! Why the API server refuses the invalid examples of custom resources, word by word: the API inside
//! the process must say the same. `MILLRACE_BLESS=1 cargo test -p millrace-kubernetes-tests --test api
//! refusals` writes it down anew.

use anyhow::Result;
use millrace_golden::hold;
use millrace_kubernetes_tests::scenario;
use millrace_tests::tree::root;

use crate::server::connect;

const FILE: &str = "operator/conformance/refusals.json";

#[test]
fn examples_are_refused_as_it_is_written_down() -> Result<()> {
    scenario("refusals", |cluster, namespace| {
        cluster.kubectl().define()?;
        let (runtime, client) = connect(cluster)?;
        let examples = root().join("crds/examples");
        let found =
            runtime.block_on(millrace_conformance::refusals(client, namespace, &examples))?;
        let text = format!("{found:#}\n");
        hold(root().join(FILE), &text);
        Ok(())
    })
}
