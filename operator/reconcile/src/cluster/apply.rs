//! Brings objects to the API server by server-side apply: only what differs, never what belongs to
//! somebody else. It knows nothing of what the objects are for.

use std::collections::HashMap;

use kube::Client;
use kube::api::{
    Api, DeleteParams, DynamicObject, Patch, PatchParams, Preconditions, PropagationPolicy,
};
use kube::core::{ApiResource, GroupVersionKind};
use parking_lot::Mutex;
use serde_json::Value;

use crate::cluster::difference::{covers, fingerprint, mark};
use crate::error::{ReconcileError, kubernetes};

/// Owner of the applied fields.
const MANAGER: &str = "millrace-operator";

/// A rendered object on its way.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    resource: ApiResource,
    object: Value,
}

/// Kind, namespace and name.
type Place = (String, String, String);

/// What the API server made of objects that it does not store as they were rendered, such as
/// quantities in another unit: (rendered, stored) fingerprints that mean the same.
#[derive(Debug, Default)]
pub(crate) struct Equals {
    known: Mutex<HashMap<Place, (u64, u64)>>,
}

impl Wanted {
    /// Takes a typed object as it was rendered.
    pub(crate) fn new<K>(object: &K) -> Self
    where
        K: kube::Resource<DynamicType = ()> + serde::Serialize,
    {
        let resource = ApiResource::erase::<K>(&());
        let mut value = serde_json::to_value(object).expect("a Kubernetes object is JSON");
        let metadata = object.meta();
        mark(&mut value);
        value["apiVersion"] = Value::String(resource.api_version.clone());
        value["kind"] = Value::String(resource.kind.clone());
        Self {
            kind: resource.kind.clone(),
            name: metadata.name.clone().unwrap_or_default(),
            namespace: metadata.namespace.clone().unwrap_or_default(),
            resource,
            object: value,
        }
    }

    fn place(&self) -> Place {
        (self.kind.clone(), self.namespace.clone(), self.name.clone())
    }

    fn api(&self, client: &Client) -> Api<DynamicObject> {
        Api::namespaced_with(client.clone(), &self.namespace, &self.resource)
    }
}

/// Applies `wanted` unless `live` is like that already. Returns whether something was written.
///
/// # Errors
/// `NameTaken` when `live` is not controlled by `owner`.
pub(crate) async fn apply(
    client: &Client,
    wanted: &Wanted,
    live: Option<&Value>,
    owner: &str,
    equals: &Equals,
) -> Result<bool, ReconcileError> {
    // An object without our label is not among those that are watched.
    let unwatched = match live {
        Some(_) => None,
        None => read(client, wanted).await?,
    };
    if let Some(live) = live.or(unwatched.as_ref()) {
        if !belongs_to(live, owner) {
            return Err(ReconcileError::NameTaken {
                kind: wanted.kind.clone(),
                name: wanted.name.clone(),
            });
        }
        let known = equals.known.lock().get(&wanted.place()).copied();
        let pair = (fingerprint(&wanted.object), fingerprint(live));
        if known == Some(pair) || covers(live, &wanted.object) {
            return Ok(false);
        }
    }
    let params = PatchParams::apply(MANAGER).force();
    let api = wanted.api(client);
    let patch = Patch::Apply(&wanted.object);
    let request = api.patch(&wanted.name, &params, &patch);
    let stored = kubernetes(|| format!("apply {} {}", wanted.kind, wanted.name), request).await?;
    let stored = serde_json::to_value(&stored).expect("a Kubernetes object is JSON");
    let pair = (fingerprint(&wanted.object), fingerprint(&stored));
    equals.known.lock().insert(wanted.place(), pair);
    Ok(true)
}

async fn read(client: &Client, wanted: &Wanted) -> Result<Option<Value>, ReconcileError> {
    let api = wanted.api(client);
    let request = api.get_opt(&wanted.name);
    let found = kubernetes(|| format!("read {} {}", wanted.kind, wanted.name), request).await?;
    Ok(found.map(|object| serde_json::to_value(&object).expect("a Kubernetes object is JSON")))
}

/// Whether an object's controller is `owner`. Without a controller it is ours to take if it carries
/// the label that only the operator sets.
pub(crate) fn belongs_to(live: &Value, owner: &str) -> bool {
    let metadata = &live["metadata"];
    let references = metadata["ownerReferences"].as_array();
    let controller = references
        .into_iter()
        .flatten()
        .find(|reference| reference["controller"] == Value::Bool(true));
    match controller {
        Some(reference) => reference["uid"].as_str() == Some(owner),
        None => metadata["labels"]["app.kubernetes.io/managed-by"] == "millrace-operator",
    }
}

/// An object that exists and is not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unwanted {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) plural: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: String,
}

impl Unwanted {
    /// Names an object that was read.
    pub(crate) fn of(kind: &str, plural: &str, group: &str, object: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        Self {
            group: group.to_owned(),
            version: "v1".to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespace: text(&metadata["namespace"]),
            name: text(&metadata["name"]),
            uid: text(&metadata["uid"]),
        }
    }
}

/// Deletes exactly this object; `orphans` says what happens to what it controls.
pub(crate) async fn delete(
    client: &Client,
    unwanted: &Unwanted,
    orphans: PropagationPolicy,
) -> Result<(), ReconcileError> {
    let gvk = GroupVersionKind::gvk(&unwanted.group, &unwanted.version, &unwanted.kind);
    let resource = ApiResource::from_gvk_with_plural(&gvk, &unwanted.plural);
    let api: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), &unwanted.namespace, &resource);
    let params = DeleteParams {
        propagation_policy: Some(orphans),
        preconditions: Some(Preconditions {
            uid: Some(unwanted.uid.clone()),
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    let request = api.delete(&unwanted.name, &params);
    let action = || format!("delete {} {}", unwanted.kind, unwanted.name);
    match kubernetes(action, request).await {
        Ok(_) => Ok(()),
        Err(error) if error.overtaken() => Ok(()),
        Err(error) => Err(error),
    }
}
