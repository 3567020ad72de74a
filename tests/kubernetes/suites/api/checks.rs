//! The checks of `operator/conformance`, on the real API server.
//!
//! `MILLRACE_CHECK=applying cargo test -p millrace-kubernetes-tests --test api` runs those whose name has it.

use anyhow::Result;
use futures::StreamExt;
use futures::stream::iter;
use millrace_kubernetes_tests::scenario;

use crate::server::connect;

/// Checks that run at a time.
const AT_ONCE: usize = 8;

#[test]
fn the_api_server_passes_every_check() -> Result<()> {
    scenario("api", |cluster, namespace| {
        cluster.kubectl().define()?;
        let (runtime, client) = connect(cluster)?;
        let checks = millrace_conformance::checks();
        let inner = |index: usize| format!("{namespace}-{index}");
        for index in 0..checks.len() {
            let kubectl = cluster.kubectl();
            kubectl.run(&["create", "namespace", &inner(index)])?;
        }
        let outcomes = iter(checks.iter().enumerate()).map(|(index, check)| {
            let (client, inner) = (client.clone(), inner(index));
            async move { (check.name, check.run(client, &inner).await) }
        });
        let outcomes: Vec<_> = runtime.block_on(outcomes.buffer_unordered(AT_ONCE).collect());
        for index in 0..checks.len() {
            let kubectl = cluster.kubectl();
            kubectl.run(&["delete", "namespace", &inner(index), "--wait=false"])?;
        }
        millrace_conformance::all_passed(outcomes)
    })
}
