//! How many pods must stay when nodes are drained. The number is absolute: a percentage or a
//! `maxUnavailable` would count pods that a restart took away already.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use millrace_model::{Cluster, UnavailablePartitions, names};

use crate::labels;

pub(crate) fn render(cluster: &Cluster) -> PodDisruptionBudget {
    let name = names::disruption_budget(&cluster.key.name);
    PodDisruptionBudget {
        metadata: labels::metadata(cluster, name, labels::of_cluster(cluster)),
        spec: Some(PodDisruptionBudgetSpec {
            min_available: Some(IntOrString::Int(min_available(cluster))),
            selector: Some(labels::selector(labels::all_pods(cluster))),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    }
}

/// One pod at a time. A single broker may go only where its partitions may.
fn min_available(cluster: &Cluster) -> i32 {
    let alone_and_needed =
        cluster.brokers.len() == 1 && cluster.unavailable_partitions == UnavailablePartitions::Wait;
    if alone_and_needed {
        return 1;
    }
    let others = cluster.brokers.len().saturating_sub(1);
    i32::try_from(others).unwrap_or(i32::MAX)
}
