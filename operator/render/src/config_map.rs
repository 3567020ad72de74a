//! The ConfigMap with one `server.properties` for each broker.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use millrace_model::{Cluster, names};

use crate::labels;
use crate::properties::BrokerProperties;

pub(crate) fn render(
    cluster: &Cluster,
    properties: &BTreeMap<String, BrokerProperties>,
) -> ConfigMap {
    let name = names::config_map(&cluster.key.name);
    let file = |(pod, properties): (&String, &BrokerProperties)| {
        (names::properties_file(pod), properties.text())
    };
    ConfigMap {
        metadata: labels::metadata(cluster, name, labels::of_cluster(cluster)),
        data: Some(properties.iter().map(file).collect()),
        ..ConfigMap::default()
    }
}
