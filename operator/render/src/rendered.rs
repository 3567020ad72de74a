//! Everything that is made from a cluster, in the order in which it is applied.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use millrace_model::{Broker, Cluster, RestartCause};

use crate::addresses::{Observed, Waiting};
use crate::properties::BrokerProperties;
use crate::restart::{RESTART_ANNOTATION, RestartInputs};
use crate::{
    config_map, disruption_budget, network_policy, service_account, services, stateful_set,
};

/// Everything that is made from a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    pub service_account: ServiceAccount,
    pub network_policy: NetworkPolicy,
    /// They need no facts; node ports and load balancers are read off them.
    pub services: Vec<Service>,
    pub config_map: ConfigMap,
    pub disruption_budget: PodDisruptionBudget,
    /// In the order of the pools.
    pub stateful_sets: Vec<StatefulSet>,
    /// What each broker is told, by pod.
    pub properties: BTreeMap<String, BrokerProperties>,
    /// By pool.
    restart_inputs: BTreeMap<String, RestartInputs>,
}

/// One object of any kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Object<'a> {
    ServiceAccount(&'a ServiceAccount),
    NetworkPolicy(&'a NetworkPolicy),
    Service(&'a Service),
    ConfigMap(&'a ConfigMap),
    PodDisruptionBudget(&'a PodDisruptionBudget),
    StatefulSet(&'a StatefulSet),
}

#[must_use]
pub fn render(cluster: &Cluster, observed: &Observed) -> Rendered {
    let file = |broker: &Broker| {
        let pool = cluster.pool(&broker.pool)?;
        let properties = BrokerProperties::render(cluster, pool, broker, observed);
        Some((broker.pod.clone(), properties))
    };
    let properties = cluster.brokers.iter().filter_map(file).collect();
    let inputs = |pool: &millrace_model::Pool| {
        let inputs = RestartInputs::of(cluster, pool, &properties);
        (pool.name.clone(), inputs)
    };
    let restart_inputs: BTreeMap<_, _> = cluster.pools.iter().map(inputs).collect();
    let stateful_sets = cluster.pools.iter().map(|pool| {
        let inputs = &restart_inputs[&pool.name];
        stateful_set::render(cluster, pool, inputs)
    });
    Rendered {
        service_account: service_account::render(cluster),
        network_policy: network_policy::render(cluster),
        services: services::render(cluster),
        config_map: config_map::render(cluster, &properties),
        disruption_budget: disruption_budget::render(cluster),
        stateful_sets: stateful_sets.collect(),
        properties,
        restart_inputs,
    }
}

impl Rendered {
    /// Every object, in the order in which it is applied: a pod finds what it needs.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        [
            Object::ServiceAccount(&self.service_account),
            Object::NetworkPolicy(&self.network_policy),
        ]
        .into_iter()
        .chain(self.services.iter().map(Object::Service))
        .chain([
            Object::ConfigMap(&self.config_map),
            Object::PodDisruptionBudget(&self.disruption_budget),
        ])
        .chain(self.stateful_sets.iter().map(Object::StatefulSet))
    }

    /// Listeners that are not open yet, because an address is missing.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.properties.values().flat_map(|file| &file.waiting)
    }

    /// Why the pod of `broker`, which has these annotations, must restart; empty when it need not.
    /// Properties that `dynamic` names are altered while the broker runs.
    #[must_use]
    pub fn restart_causes(
        &self,
        broker: &Broker,
        annotations: Option<&BTreeMap<String, String>>,
        dynamic: &BTreeSet<String>,
    ) -> BTreeSet<RestartCause> {
        let annotation = annotations.and_then(|all| all.get(RESTART_ANNOTATION));
        let inputs = self.restart_inputs.get(&broker.pool);
        inputs.map_or_else(BTreeSet::new, |inputs| {
            inputs.causes(annotation.map(String::as_str), broker.ordinal, dynamic)
        })
    }
}
