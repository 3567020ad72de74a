//! Clusters as the benchmark makes and watches them: each with a broker of its own.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::stream::{self, StreamExt, TryStreamExt};
use kube::Client;
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use kube::runtime::wait::{await_condition, conditions};
use millrace_crds::KafkaCluster;
use serde_json::json;
use tokio::time::{Instant, timeout};

/// A hundred brokers start on the cores that everything else runs on.
const READY_LIMIT: Duration = Duration::from_secs(600);
const GONE_LIMIT: Duration = Duration::from_secs(300);

/// The clusters of a namespace.
pub(crate) struct Clusters {
    api: Api<KafkaCluster>,
}

impl Clusters {
    pub(crate) fn new(client: Client, namespace: &str) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
        }
    }

    /// Makes a cluster of one small broker and waits until it is ready.
    pub(crate) async fn create(&self, name: &str) -> Result<()> {
        // What a hundred of them ask for fits beside one another on small nodes.
        let requests = json!({"cpu": "5m", "memory": "32Mi"});
        let cluster = json!({
            "apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster",
            "metadata": {"name": name},
            "spec": {"nodePools": [{"name": "main", "replicas": 1,
                "storage": {"ephemeral": {}}, "resources": {"requests": requests}}]},
        });
        let params = PatchParams::apply("millrace-operator-bench");
        self.api
            .patch(name, &params, &Patch::Apply(&cluster))
            .await
            .with_context(|| format!("creating the cluster {name}"))?;
        let ready = await_condition(self.api.clone(), name, is_ready);
        timeout(READY_LIMIT, ready)
            .await
            .with_context(|| format!("the cluster {name} does not become ready"))??;
        Ok(())
    }

    /// Makes all of them at once; returns how long it was until the last was ready.
    pub(crate) async fn create_all(&self, names: &[String]) -> Result<Duration> {
        let began = Instant::now();
        self.each(names, |name| self.create(name)).await?;
        Ok(began.elapsed())
    }

    /// Deletes all of them at once; returns how long it was until the last was gone.
    pub(crate) async fn delete_all(&self, names: &[String]) -> Result<Duration> {
        let began = Instant::now();
        self.each(names, |name| self.delete(name)).await?;
        Ok(began.elapsed())
    }

    async fn delete(&self, name: &str) -> Result<()> {
        let deleted = self.api.delete(name, &DeleteParams::default()).await?;
        let Some(uid) = deleted.left().and_then(|cluster| cluster.metadata.uid) else {
            return Ok(());
        };
        let gone = await_condition(self.api.clone(), name, conditions::is_deleted(&uid));
        timeout(GONE_LIMIT, gone)
            .await
            .with_context(|| format!("the cluster {name} does not go"))??;
        Ok(())
    }

    async fn each<'a, F>(&self, names: &'a [String], work: impl Fn(&'a String) -> F) -> Result<()>
    where
        F: Future<Output = Result<()>>,
    {
        stream::iter(names)
            .map(work)
            .buffer_unordered(names.len().max(1))
            .try_collect()
            .await
    }
}

fn is_ready(cluster: Option<&KafkaCluster>) -> bool {
    let status = cluster.and_then(|cluster| cluster.status.as_ref());
    let mut conditions = status.into_iter().flat_map(|status| &status.conditions);
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
