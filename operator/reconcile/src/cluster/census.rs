//! How many clusters there are and how many of them are ready, for the metrics. Reads what the watch
//! keeps, and never asks.

use std::sync::Arc;
use std::time::Duration;

use kube::core::DeserializeGuard;
use kube::runtime::reflector::Store;
use millrace_crds::KafkaCluster;
use tokio::time::{MissedTickBehavior, interval};

use crate::metrics::{CLUSTER, Metrics};

/// Between two counts.
const COUNT_EVERY: Duration = Duration::from_secs(1);

/// Counts for ever. Several watches share the gauges, so each adds what has changed in its own.
pub(crate) async fn count(clusters: Store<DeserializeGuard<KafkaCluster>>, metrics: Arc<Metrics>) {
    let gauge = |ready: &str| metrics.resources.with_label_values(&[CLUSTER, ready]);
    let (mut shown_ready, mut shown_not_ready) = (0.0, 0.0);
    let mut turns = interval(COUNT_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let all = clusters.state();
        let ready = all.iter().filter(|cluster| is_ready(cluster)).count() as f64;
        let not_ready = all.len() as f64 - ready;
        gauge("true").add(ready - shown_ready);
        gauge("false").add(not_ready - shown_not_ready);
        (shown_ready, shown_not_ready) = (ready, not_ready);
    }
}

/// One that cannot be read is not ready.
fn is_ready(cluster: &DeserializeGuard<KafkaCluster>) -> bool {
    let status = cluster
        .0
        .as_ref()
        .ok()
        .and_then(|cluster| cluster.status.as_ref());
    let mut conditions = status.into_iter().flat_map(|status| &status.conditions);
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
