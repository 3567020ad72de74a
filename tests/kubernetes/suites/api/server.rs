//! A client of the cluster's API server.

use anyhow::Result;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use millrace_kubernetes_tests::Cluster;
use tokio::runtime::Runtime;

/// A client, in a runtime that drives it.
pub(crate) fn connect(cluster: &Cluster) -> Result<(Runtime, Client)> {
    let runtime = Runtime::new()?;
    let file = Kubeconfig::read_from(cluster.kubeconfig())?;
    let client = runtime.block_on(async {
        let options = KubeConfigOptions::default();
        let mut config = Config::from_custom_kubeconfig(file, &options).await?;
        // A refusal is what a check asks for.
        config.default_retry = false;
        anyhow::Ok(Client::try_from(config)?)
    })?;
    Ok((runtime, client))
}
