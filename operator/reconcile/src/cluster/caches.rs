//! What the API server holds of the operator's objects, kept up to date by watches, so that a pass
//! over a cluster reads nothing. Also tells which cluster an object's change concerns.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{BoxStream, SelectAll};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::Api;
use kube::core::NamespaceResourceScope;
use kube::runtime::reflector::{ObjectRef, Store, reflector, store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Client, Resource, ResourceExt};
use millrace_model::ObjectKey as Key;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use crate::patience::WatchWaits;

/// The label that every object of a cluster carries.
pub(crate) const CLUSTER_LABEL: &str = "millrace.dev/cluster";

/// Every kind of object that belongs to clusters, in one namespace or in all.
pub(crate) struct Caches {
    pub(crate) stateful_sets: Store<StatefulSet>,
    pub(crate) pods: Store<Pod>,
    pub(crate) claims: Store<PersistentVolumeClaim>,
    pub(crate) services: Store<Service>,
    pub(crate) config_maps: Store<ConfigMap>,
    pub(crate) service_accounts: Store<ServiceAccount>,
    pub(crate) budgets: Store<PodDisruptionBudget>,
    pub(crate) policies: Store<NetworkPolicy>,
    filled: OnceCell<bool>,
}

/// Which cluster something changed of.
pub(crate) type Touched = SelectAll<BoxStream<'static, Key>>;

impl Caches {
    /// Starts the watches. The caches fill while the returned stream is read.
    pub(crate) fn watch(client: &Client, namespace: Option<&str>) -> (Self, Touched) {
        let mut touched = Touched::new();
        let caches = Self {
            stateful_sets: cache(client, namespace, &mut touched),
            pods: cache(client, namespace, &mut touched),
            claims: cache(client, namespace, &mut touched),
            services: cache(client, namespace, &mut touched),
            config_maps: cache(client, namespace, &mut touched),
            service_accounts: cache(client, namespace, &mut touched),
            budgets: cache(client, namespace, &mut touched),
            policies: cache(client, namespace, &mut touched),
            filled: OnceCell::new(),
        };
        (caches, touched)
    }

    /// Waits until every cache holds its first whole list.
    ///
    /// A store wakes only the last of several tasks that wait for it, so one waits for all of them.
    pub(crate) async fn ready(&self) -> bool {
        *self.filled.get_or_init(|| self.fill()).await
    }

    async fn fill(&self) -> bool {
        let all = futures::join!(
            self.stateful_sets.wait_until_ready(),
            self.pods.wait_until_ready(),
            self.claims.wait_until_ready(),
            self.services.wait_until_ready(),
            self.config_maps.wait_until_ready(),
            self.service_accounts.wait_until_ready(),
            self.budgets.wait_until_ready(),
            self.policies.wait_until_ready(),
        );
        all.0.is_ok()
            && all.1.is_ok()
            && all.2.is_ok()
            && all.3.is_ok()
            && all.4.is_ok()
            && all.5.is_ok()
            && all.6.is_ok()
            && all.7.is_ok()
    }
}

/// The objects of one cluster in a cache, by name.
pub(crate) fn of_cluster<K>(store: &Store<K>, cluster: &Key) -> Vec<Arc<K>>
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    let mut objects = store.state_filter(|object| cluster_of(object).as_ref() == Some(cluster));
    // A cache has no order.
    objects.sort_by(|one, other| one.meta().name.cmp(&other.meta().name));
    objects
}

/// The cluster whose label an object carries.
fn cluster_of<K: Resource>(object: &K) -> Option<Key> {
    let name = object.labels().get(CLUSTER_LABEL)?;
    Some(Key::new(object.namespace()?, name.as_str()))
}

fn cache<K>(client: &Client, namespace: Option<&str>, touched: &mut Touched) -> Store<K>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    K: Clone + Debug + DeserializeOwned + Send + Sync + 'static,
    ObjectRef<K>: Hash + Eq,
{
    let api: Api<K> = match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    };
    let (store, writer) = store();
    let changes = watcher(api, watcher::Config::default().labels(CLUSTER_LABEL))
        .backoff(WatchWaits::of(K::kind(&())))
        .modify(|object: &mut K| object.managed_fields_mut().clear());
    let stream = reflector(writer, changes)
        .touched_objects()
        .filter_map(|object| async move {
            match object {
                Ok(object) => cluster_of(&object),
                Err(error) => {
                    tracing::warn!(%error, kind = %K::kind(&()), "a watch failed");
                    None
                }
            }
        });
    touched.push(stream.boxed());
    store
}
