//! A cluster's objects: what is rendered against what there is. Applies what differs, makes anew what
//! cannot be changed, deletes what is no longer wanted.

use std::collections::HashSet;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::StatefulSet;
use kube::Resource;
use kube::api::PropagationPolicy;
use kube::runtime::reflector::Store;
use millrace_model::Cluster;
use millrace_render::{Object, Rendered, immutable_change};
use serde::Serialize;
use serde_json::Value;

use crate::cluster::apply::{Equals, Unwanted, Wanted, apply, belongs_to, delete};
use crate::cluster::caches::{Caches, of_cluster};
use crate::context::Context;
use crate::error::ReconcileError;

/// What bringing the objects about came to.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Something was written, so the caches do not show it yet.
    pub(crate) wrote: bool,
    /// Objects that could not be brought about; the others were.
    pub(crate) failures: Vec<ReconcileError>,
    /// What pods are made from is not all as it was rendered: one that is made now is not as it should be.
    pub(crate) pods_would_be_old: bool,
}

/// Brings every object about. One that fails does not stop the others, but that no StatefulSet is told of
/// files that are not written: its pods would read the old ones, and look as if they had read the new.
pub(crate) async fn bring_about(
    context: &Context,
    caches: &Caches,
    equals: &Equals,
    cluster: &Cluster,
    rendered: &Rendered,
) -> Applied {
    let live = Live::of(caches, cluster);
    let mut applied = Applied::default();
    let mut files_are_old = false;
    for object in rendered.objects() {
        if files_are_old && matches!(object, Object::StatefulSet(_)) {
            continue;
        }
        let wanted = wanted(object);
        let found = live.find(&wanted);
        let done = match remake(context, cluster, object, found, &live).await {
            Ok(false) => apply(&context.client, &wanted, found, &cluster.uid, equals).await,
            other => other,
        };
        match done {
            Ok(wrote) => applied.wrote |= wrote,
            Err(error) => {
                files_are_old |= matches!(object, Object::ConfigMap(_));
                applied.pods_would_be_old |=
                    matches!(object, Object::ConfigMap(_) | Object::StatefulSet(_));
                applied.failures.push(error);
            }
        }
    }
    let asked_for: HashSet<(String, String)> = rendered
        .objects()
        .map(|object| {
            let rendered = wanted(object);
            (rendered.kind, rendered.name)
        })
        .collect();
    for unwanted in live.unwanted(&asked_for, &cluster.uid) {
        applied.wrote = true;
        if let Err(error) = delete(&context.client, &unwanted, PropagationPolicy::Background).await
        {
            applied.failures.push(error);
        }
    }
    applied
}

/// Takes a StatefulSet away around its pods when what differs cannot be changed; the next pass makes
/// it anew. Returns whether it did.
async fn remake(
    context: &Context,
    cluster: &Cluster,
    object: Object<'_>,
    found: Option<&Value>,
    live: &Live,
) -> Result<bool, ReconcileError> {
    let (Object::StatefulSet(wanted), Some(found)) = (object, found) else {
        return Ok(false);
    };
    let name = wanted.metadata.name.as_deref().unwrap_or_default();
    let current = live
        .stateful_sets
        .iter()
        .find(|set| set.metadata.name.as_deref() == Some(name));
    let Some(change) = current.and_then(|current| immutable_change(current, wanted)) else {
        return Ok(false);
    };
    if !belongs_to(found, &cluster.uid) {
        return Ok(false);
    }
    tracing::info!(cluster = %cluster.key, stateful_set = name, %change, "made anew around its pods");
    let old = Unwanted::of("StatefulSet", "statefulsets", "apps", found);
    delete(&context.client, &old, PropagationPolicy::Orphan).await?;
    Ok(true)
}

fn wanted(object: Object<'_>) -> Wanted {
    match object {
        Object::ServiceAccount(object) => Wanted::new(object),
        Object::NetworkPolicy(object) => Wanted::new(object),
        Object::Service(object) => Wanted::new(object),
        Object::ConfigMap(object) => Wanted::new(object),
        Object::PodDisruptionBudget(object) => Wanted::new(object),
        Object::StatefulSet(object) => Wanted::new(object),
    }
}

/// What there is of a cluster.
struct Live {
    stateful_sets: Vec<Arc<StatefulSet>>,
    objects: Vec<LiveObject>,
}

struct LiveObject {
    kind: &'static str,
    plural: &'static str,
    group: &'static str,
    name: String,
    object: Value,
}

impl Live {
    fn of(caches: &Caches, cluster: &Cluster) -> Self {
        let mut objects = Vec::new();
        add(
            "ServiceAccount",
            "serviceaccounts",
            "",
            &caches.service_accounts,
            cluster,
            &mut objects,
        );
        add(
            "NetworkPolicy",
            "networkpolicies",
            "networking.k8s.io",
            &caches.policies,
            cluster,
            &mut objects,
        );
        add(
            "Service",
            "services",
            "",
            &caches.services,
            cluster,
            &mut objects,
        );
        add(
            "ConfigMap",
            "configmaps",
            "",
            &caches.config_maps,
            cluster,
            &mut objects,
        );
        add(
            "PodDisruptionBudget",
            "poddisruptionbudgets",
            "policy",
            &caches.budgets,
            cluster,
            &mut objects,
        );
        add(
            "StatefulSet",
            "statefulsets",
            "apps",
            &caches.stateful_sets,
            cluster,
            &mut objects,
        );
        Self {
            stateful_sets: of_cluster(&caches.stateful_sets, &cluster.key),
            objects,
        }
    }

    fn find(&self, wanted: &Wanted) -> Option<&Value> {
        let mut objects = self.objects.iter();
        let found = objects.find(|live| live.kind == wanted.kind && live.name == wanted.name)?;
        Some(&found.object)
    }

    /// Objects of the cluster that nothing asks for any more. Pods of a pool that is gone hold
    /// partitions, so StatefulSets are not among them.
    fn unwanted(&self, wanted: &HashSet<(String, String)>, owner: &str) -> Vec<Unwanted> {
        self.objects
            .iter()
            .filter(|live| live.kind != "StatefulSet")
            .filter(|live| !wanted.contains(&(live.kind.to_owned(), live.name.clone())))
            .filter(|live| belongs_to(&live.object, owner))
            .map(|live| Unwanted::of(live.kind, live.plural, live.group, &live.object))
            .collect()
    }
}

fn add<K>(
    kind: &'static str,
    plural: &'static str,
    group: &'static str,
    store: &Store<K>,
    cluster: &Cluster,
    objects: &mut Vec<LiveObject>,
) where
    K: Resource<DynamicType = ()> + Serialize + Clone + 'static,
{
    for object in of_cluster(store, &cluster.key) {
        if object.meta().deletion_timestamp.is_some() {
            continue;
        }
        objects.push(LiveObject {
            kind,
            plural,
            group,
            name: object.meta().name.clone().unwrap_or_default(),
            object: serde_json::to_value(&*object).expect("a Kubernetes object is JSON"),
        });
    }
}
