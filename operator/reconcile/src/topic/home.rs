//! What topics need to know of their cluster: whether it is there, takes them, and where it is.

use std::sync::Arc;

use kube::ResourceExt;
use kube::core::DeserializeGuard;
use millrace_admin::Admin;
use millrace_crds::KafkaCluster;
use millrace_model::{Cluster, ObjectKey as Key, Reserved, names};

use crate::context::Context;
use crate::settings::Settings;
use crate::topic::desk::Lane;

/// A `KafkaCluster` as topics see it.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    /// Why nothing can be done for its topics, where its own spec makes no sense.
    pub(crate) cluster: Result<Cluster, String>,
    name: String,
    uid: String,
    ready: bool,
    bootstrap: Vec<String>,
}

impl Home {
    pub(crate) fn of(resource: DeserializeGuard<KafkaCluster>, settings: &Settings) -> Self {
        let name = resource.name_any();
        let (cluster, uid, ready) = match resource.0 {
            Ok(resource) => {
                let cluster = match Cluster::resolve(&resource, &settings.defaults) {
                    Ok(resolved) => Ok(resolved.value),
                    Err(problems) => Err(problems
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("; ")),
                };
                let mut conditions = resource.status.iter().flat_map(|status| &status.conditions);
                let ready = conditions
                    .any(|condition| condition.type_ == "Ready" && condition.status == "True");
                (cluster, resource.metadata.uid.unwrap_or_default(), ready)
            }
            Err(error) => (Err(error.to_string()), String::new(), false),
        };
        let bootstrap = cluster.iter().map(bootstrap).collect();
        Self {
            cluster,
            name,
            uid,
            ready,
            bootstrap,
        }
    }

    /// Whether topics that were dealt with before `other` was seen must be looked at again.
    pub(crate) fn matters_differently(&self, other: &Self) -> bool {
        let of = |home: &Self| {
            let cluster = home.cluster.as_ref().ok();
            (
                home.uid.clone(),
                home.ready,
                cluster.map(|cluster| (cluster.paused, cluster.allowed_namespaces.clone())),
            )
        };
        of(self) != of(other)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How its brokers are asked. A broker answers a connection's requests in their order, so edits
    /// have connections of their own.
    pub(crate) fn admin(&self, context: &Context, lane: Lane) -> Option<Arc<dyn Admin>> {
        let key = &self.cluster.as_ref().ok()?.key;
        let name = match lane {
            Lane::Backlog => key.to_string(),
            Lane::Edits => edits(key),
        };
        Some(context.kafka.get(&name.into(), &self.bootstrap))
    }
}

/// Lets go of the connections to a cluster that is gone.
pub(crate) fn forget(context: &Context, cluster: &Key) {
    context.kafka.forget(&cluster.to_string());
    context.kafka.forget(&edits(cluster));
}

fn edits(cluster: &Key) -> String {
    format!("{cluster} edits")
}

/// Where the operator finds the first broker.
pub(crate) fn bootstrap(cluster: &Cluster) -> String {
    let service = names::headless_service(&cluster.key.name);
    let domain = cluster.platform.dns_domain();
    let host = names::service_dns(&service, &cluster.key.namespace, domain);
    format!("{host}:{}", Reserved::OPERATOR_PORT)
}
