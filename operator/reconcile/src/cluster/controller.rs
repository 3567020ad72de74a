//! Drives the clusters of one namespace, or of all: whoever changed gets a pass, and again when its
//! pass asked for that. Failures wait longer each time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::api::Api;
use kube::core::DeserializeGuard;
use kube::runtime::controller::{Action, Config};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{Controller, watcher};
use kube::{Client, ResourceExt};
use millrace_crds::KafkaCluster;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::cluster::apply::Equals;
use crate::cluster::caches::{Caches, Touched};
use crate::cluster::census::count;
use crate::cluster::pass::{Shared, pass};
use crate::cluster::refusals::Refusals;
use crate::cluster::volumes::Memory;
use crate::context::Context;
use crate::error::ReconcileError;
use crate::metrics::CLUSTER;
use crate::patience::{WatchWaits, doubled, spread};

/// Clusters that are worked on at once.
const CLUSTERS_AT_ONCE: u16 = 8;
/// Waits between failures double from the first to the second of these.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LAST: Duration = Duration::from_secs(60);

type Guarded = DeserializeGuard<KafkaCluster>;

struct Clusters {
    shared: Shared,
    failures: Mutex<HashMap<String, u32>>,
}

/// Works until told to stop, and then until the passes under way are done.
pub(crate) async fn run(
    context: Arc<Context>,
    namespace: Option<String>,
    mut stop: watch::Receiver<bool>,
) {
    let client = context.client.clone();
    let metrics = Arc::clone(&context.metrics);
    let (caches, touched) = Caches::watch(&client, namespace.as_deref());
    let clusters = Arc::new(Clusters {
        shared: Shared {
            context,
            caches,
            equals: Equals::default(),
            memory: Memory::default(),
            refusals: Refusals::default(),
        },
        failures: Mutex::default(),
    });
    let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
    let controller = controller(client, namespace.as_deref(), touched);
    let counted = count(controller.store(), metrics);
    let worked = controller
        .graceful_shutdown_on(stopped)
        .run(reconcile, on_error, clusters)
        .for_each(|_| async {});
    tokio::select! {
        biased;
        () = worked => {}
        () = counted => {}
    }
}

fn controller(client: Client, namespace: Option<&str>, touched: Touched) -> Controller<Guarded> {
    let api: Api<Guarded> = match namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let touched = touched.map(|key| ObjectRef::new(&key.name).within(&key.namespace));
    Controller::new(api, watcher::Config::default())
        .with_config(Config::default().concurrency(CLUSTERS_AT_ONCE))
        .trigger_backoff(WatchWaits::of("KafkaCluster"))
        .reconcile_on(touched)
}

async fn reconcile(
    resource: Arc<Guarded>,
    clusters: Arc<Clusters>,
) -> Result<Action, ReconcileError> {
    let shared = &clusters.shared;
    if !shared.caches.ready().await {
        return Ok(Action::requeue(RETRY_FIRST));
    }
    let name = key(&resource);
    let resource = match &resource.0 {
        Ok(resource) => resource,
        Err(error) => {
            // The schema is newer than this operator: left alone, and it stops nobody else.
            tracing::warn!(%error, cluster = name, "a KafkaCluster cannot be read");
            return Ok(Action::await_change());
        }
    };
    let began = Instant::now();
    let _pass = shared.context.health.begin(CLUSTER, name.clone());
    let ended = pass(shared, resource).await;
    let result = match &ended {
        Ok(ended) => ended.result,
        Err(error) if error.overtaken() => "overtaken",
        Err(_) => "failed",
    };
    shared
        .context
        .metrics
        .pass(CLUSTER, result, began.elapsed());
    match ended {
        Ok(ended) => {
            clusters.failures.lock().remove(&name);
            Ok(Action::requeue(spread(ended.next, &name)))
        }
        Err(error) if error.overtaken() => Ok(Action::requeue(RETRY_FIRST)),
        Err(error) => Err(error),
    }
}

fn on_error(resource: Arc<Guarded>, error: &ReconcileError, clusters: Arc<Clusters>) -> Action {
    let name = key(&resource);
    let mut failures = clusters.failures.lock();
    let count = failures.entry(name.clone()).or_default();
    *count = count.saturating_add(1);
    let wait = doubled(RETRY_FIRST, RETRY_LAST, *count);
    tracing::warn!(cluster = name, error = error.sentence(), "a pass failed");
    Action::requeue(spread(wait, &name))
}

fn key(resource: &Guarded) -> String {
    format!(
        "{}/{}",
        resource.namespace().unwrap_or_default(),
        resource.name_any()
    )
}
