//! The operator's work as a whole: every reconciler, started together and stopped together.

use std::sync::Arc;

use kube::Client;
use millrace_admin::Clusters;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cluster;
use crate::context::Context;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::topic::Engine;

/// The reconcilers at work. Dropping it cuts them off.
#[derive(Debug)]
pub struct Operator {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Operator {
    /// Starts every reconciler; brokers are asked through `kafka`.
    pub fn start(
        client: Client,
        kafka: Clusters,
        settings: Settings,
        health: Arc<Health>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let scopes = settings.scopes();
        let context = Arc::new(Context::new(client, kafka, settings, health, metrics));
        for scope in scopes {
            tasks.spawn(cluster::run(Arc::clone(&context), scope, stopped.clone()));
        }
        tasks.spawn(Engine::new(context).run(stopped));
        Self { stop, tasks }
    }

    /// Begins nothing more, and returns when what was begun is done.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}
