//! The StatefulSet of a pool. It never restarts a pod by itself, and what of it cannot be changed is
//! told before the API server refuses it.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
    StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use millrace_model::{Cluster, Pool, PoolStorage, names, quantity_bytes};

use crate::restart::RestartInputs;
use crate::{labels, pod};

/// What a claim asks for.
pub(crate) const STORAGE: &str = "storage";

pub(crate) fn render(cluster: &Cluster, pool: &Pool, inputs: &RestartInputs) -> StatefulSet {
    let name = names::stateful_set(&cluster.key.name, &pool.name);
    StatefulSet {
        metadata: labels::metadata(cluster, name, labels::of_pool(cluster, pool)),
        spec: Some(StatefulSetSpec {
            replicas: i32::try_from(pool.replicas).ok(),
            service_name: Some(names::headless_service(&cluster.key.name)),
            selector: labels::selector(labels::pool_pods(cluster, pool)),
            pod_management_policy: Some("Parallel".to_owned()),
            update_strategy: Some(StatefulSetUpdateStrategy {
                type_: Some("OnDelete".to_owned()),
                ..StatefulSetUpdateStrategy::default()
            }),
            persistent_volume_claim_retention_policy: claim_retention(&pool.storage),
            volume_claim_templates: claim(cluster, pool).map(|claim| vec![claim]),
            template: pod::template(cluster, pool, inputs),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    }
}

fn claim_retention(
    storage: &PoolStorage,
) -> Option<StatefulSetPersistentVolumeClaimRetentionPolicy> {
    let PoolStorage::Persistent { delete_claim, .. } = storage else {
        return None;
    };
    let policy = if *delete_claim { "Delete" } else { "Retain" };
    Some(StatefulSetPersistentVolumeClaimRetentionPolicy {
        when_deleted: Some(policy.to_owned()),
        when_scaled: Some(policy.to_owned()),
    })
}

fn claim(cluster: &Cluster, pool: &Pool) -> Option<PersistentVolumeClaim> {
    let PoolStorage::Persistent { size, class, .. } = &pool.storage else {
        return None;
    };
    let requests = BTreeMap::from([(STORAGE.to_owned(), size.clone())]);
    Some(PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(names::DATA_VOLUME.to_owned()),
            labels: Some(labels::of_pool(cluster, pool)),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(requests),
                ..VolumeResourceRequirements::default()
            }),
            storage_class_name: class.clone(),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    })
}

/// What of a StatefulSet differs though it cannot be changed: it has to be made anew around its pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImmutableChange {
    ServiceName,
    Selector,
    PodManagement,
    VolumeClaims,
}

impl fmt::Display for ImmutableChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServiceName => "the name of its Service",
            Self::Selector => "the selector of its pods",
            Self::PodManagement => "the order in which pods are managed",
            Self::VolumeClaims => "the templates of its volume claims",
        })
    }
}

/// The first immutable difference. Fields that `wanted` leaves to the API server do not count.
#[must_use]
pub fn immutable_change(current: &StatefulSet, wanted: &StatefulSet) -> Option<ImmutableChange> {
    let (current, wanted) = (current.spec.as_ref()?, wanted.spec.as_ref()?);
    let claims = |spec: &StatefulSetSpec| -> Vec<ClaimTemplate> {
        let templates = spec.volume_claim_templates.iter().flatten();
        templates.map(ClaimTemplate::of).collect()
    };
    if current.service_name != wanted.service_name {
        Some(ImmutableChange::ServiceName)
    } else if current.selector != wanted.selector {
        Some(ImmutableChange::Selector)
    } else if current.pod_management_policy != wanted.pod_management_policy {
        Some(ImmutableChange::PodManagement)
    } else if claims(current) != claims(wanted) {
        Some(ImmutableChange::VolumeClaims)
    } else {
        None
    }
}

/// What a claim's template says, without what the API server adds or spells in its own way.
#[derive(PartialEq)]
struct ClaimTemplate {
    name: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    access_modes: Option<Vec<String>>,
    class: Option<String>,
    bytes: Option<u64>,
}

impl ClaimTemplate {
    fn of(claim: &PersistentVolumeClaim) -> Self {
        let spec = claim.spec.as_ref();
        let requests = spec.and_then(|spec| spec.resources.as_ref()?.requests.as_ref());
        let size: Option<&Quantity> = requests.and_then(|requests| requests.get(STORAGE));
        Self {
            name: claim.metadata.name.clone(),
            labels: claim.metadata.labels.clone(),
            access_modes: spec.and_then(|spec| spec.access_modes.clone()),
            class: spec.and_then(|spec| spec.storage_class_name.clone()),
            bytes: size.and_then(|size| quantity_bytes(&size.0)),
        }
    }
}
