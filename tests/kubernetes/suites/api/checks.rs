//! The checks of `operator/conformance`, on the real API server.
//!
//! `MILLRACE_CHECK=applying cargo test -p millrace-kubernetes-tests --test api` runs those whose name has it.

use anyhow::{Result, ensure};
use futures::StreamExt;
use futures::stream::iter;
use millrace_kubernetes_tests::{Cluster, scenario};

use crate::server::{connect, folder};

/// Checks that run at a time.
const AT_ONCE: usize = 8;

pub(crate) fn install_definitions(cluster: &Cluster) -> Result<()> {
    for name in ["kafkaclusters", "kafkatopics"] {
        let yaml = std::fs::read_to_string(folder(&format!("crds/yaml/{name}.yaml")))?;
        let kubectl = cluster.kubectl();
        kubectl.apply(&yaml, &["--server-side", "--force-conflicts"])?;
        let definition = format!("crd/{name}.millrace.dev");
        let established = ["wait", "--for=condition=Established", "--timeout=60s"];
        kubectl.run(&[&established[..], &[&definition]].concat())?;
    }
    Ok(())
}

#[test]
fn the_api_server_passes_every_check() -> Result<()> {
    scenario("api", |cluster, namespace| {
        install_definitions(cluster)?;
        let (runtime, client) = connect(cluster)?;
        let wanted = std::env::var("MILLRACE_CHECK").unwrap_or_default();
        let checks = millrace_conformance::checks();
        let checks = checks.iter().filter(|check| check.name.contains(&wanted));
        let checks: Vec<_> = checks.enumerate().collect();
        for (index, _) in &checks {
            let inner = format!("{namespace}-{index}");
            cluster.kubectl().run(&["create", "namespace", &inner])?;
        }
        let outcomes = iter(&checks).map(|(index, check)| {
            let (client, inner) = (client.clone(), format!("{namespace}-{index}"));
            async move { (check.name, check.run(client, &inner).await) }
        });
        let outcomes: Vec<_> = runtime.block_on(outcomes.buffer_unordered(AT_ONCE).collect());
        for (index, _) in &checks {
            let inner = format!("{namespace}-{index}");
            cluster
                .kubectl()
                .run(&["delete", "namespace", &inner, "--wait=false"])?;
        }
        let wrong = outcomes.into_iter().filter_map(|(name, outcome)| {
            let error = outcome.err()?;
            Some(format!("{name}: {error:#}"))
        });
        let wrong: Vec<String> = wrong.collect();
        ensure!(
            wrong.is_empty(),
            "{} of {}:\n{}",
            wrong.len(),
            checks.len(),
            wrong.join("\n\n")
        );
        Ok(())
    })
}
