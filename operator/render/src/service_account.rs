//! The identity of a cluster's pods. Brokers know nothing of Kubernetes, so it comes without a token.

use k8s_openapi::api::core::v1::ServiceAccount;
use millrace_model::{Cluster, names};

use crate::labels;

pub(crate) fn render(cluster: &Cluster) -> ServiceAccount {
    let name = names::service_account(&cluster.key.name);
    ServiceAccount {
        metadata: labels::metadata(cluster, name, labels::of_cluster(cluster)),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}
