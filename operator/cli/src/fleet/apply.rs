//! Brings resources to an API: each as a server-side apply, in the order in which others refer to them.

use std::fmt;

use anyhow::{Result, anyhow};
use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams};

use crate::fleet::manifests::{Manifest, UserKind, in_order};

/// Whose fields they are.
pub(crate) const MANAGER: &str = "millrace";

/// What became of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Changed,
    Unchanged,
}

/// A resource that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) change: Change,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        })
    }
}

/// How the client names a kind.
pub(crate) fn resource(kind: &UserKind) -> ApiResource {
    let (group, version) = kind
        .api_version
        .split_once('/')
        .unwrap_or(("", kind.api_version));
    ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: kind.api_version.to_owned(),
        kind: kind.kind.to_owned(),
        plural: kind.plural.to_owned(),
    }
}

/// All objects of a kind.
pub(crate) fn of_kind(client: &Client, kind: &UserKind, namespace: &str) -> Api<DynamicObject> {
    let resource = resource(kind);
    match kind.namespaced {
        true => Api::namespaced_with(client.clone(), namespace, &resource),
        false => Api::all_with(client.clone(), &resource),
    }
}

/// Applies every resource.
///
/// # Errors
/// When one is refused: the error says which ones are applied by then.
pub(crate) async fn apply(client: &Client, manifests: Vec<Manifest>) -> Result<Vec<Applied>> {
    let mut applied = Vec::new();
    for manifest in in_order(manifests) {
        match apply_one(client, &manifest).await {
            Ok(one) => applied.push(one),
            Err(error) => return Err(half_done(&applied, &manifest, error)),
        }
    }
    Ok(applied)
}

async fn apply_one(client: &Client, manifest: &Manifest) -> Result<Applied> {
    let kind = manifest
        .user_kind()
        .ok_or_else(|| anyhow!("the kind {} is not served", manifest.kind()))?;
    let api = of_kind(client, kind, manifest.namespace());
    let before = api.get_opt(manifest.name()).await?;
    let parameters = PatchParams::apply(MANAGER).force();
    let patch = Patch::Apply(&manifest.object);
    let after = api.patch(manifest.name(), &parameters, &patch).await?;
    let change = match before {
        None => Change::Created,
        Some(before) if before.metadata.resource_version == after.metadata.resource_version => {
            Change::Unchanged
        }
        Some(_) => Change::Changed,
    };
    Ok(Applied {
        kind: manifest.kind().to_owned(),
        namespace: manifest.namespace().to_owned(),
        name: manifest.name().to_owned(),
        change,
    })
}

fn half_done(applied: &[Applied], refused: &Manifest, error: anyhow::Error) -> anyhow::Error {
    let done: Vec<String> = applied
        .iter()
        .map(|one| format!("{} {}", one.kind, one.name))
        .collect();
    let done = match done.is_empty() {
        true => "nothing was applied".to_owned(),
        false => format!("applied before it: {}", done.join(", ")),
    };
    let what = format!("{} {} was refused; {done}", refused.kind(), refused.name());
    // The API's words, without the whole of its answer.
    match error.downcast::<kube::Error>() {
        Ok(kube::Error::Api(status)) => anyhow!(status.message).context(what),
        Ok(error) => anyhow::Error::from(error).context(what),
        Err(error) => error.context(what),
    }
}
