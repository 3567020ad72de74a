//! Volumes of brokers: claims that ask for too little are made to ask for more, where their class
//! allows that; how full each is and for how long it lasts goes into the status.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::api::{Api, Patch, PatchParams};
use millrace_crds::VolumeStatus;
use millrace_model::{Cluster, PoolStorage, names};
use millrace_plan::storage::growth::Growth;
use millrace_plan::storage::{StoragePlan, plan_storage};
use parking_lot::Mutex;
use serde_json::json;
use tokio::time::Instant;

use crate::cluster::fleet::{Answers, Volume};
use crate::cluster::pods::claim;
use crate::cluster::restarts::Member;
use crate::context::Context;
use crate::error::{ReconcileError, kubernetes};

/// A class is asked about again after so long.
const CLASS_KNOWN_FOR: Duration = Duration::from_secs(300);
/// A volume's use is written anew when it moved by so many percent of its size.
const USED_STEP: i32 = 5;

/// A volume of which so much is used is warned of.
const FULL_PERCENT: i32 = 95;

/// What is remembered between passes.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Growth is measured from here: clocks that are set do not make volumes grow.
    began: Instant,
    growth: Mutex<HashMap<String, Growth>>,
    classes: Mutex<HashMap<String, (Instant, Option<bool>)>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            growth: Mutex::default(),
            classes: Mutex::default(),
        }
    }
}

/// What a pass over the volumes came to.
#[derive(Debug, Default)]
pub(crate) struct Volumes {
    pub(crate) status: Vec<VolumeStatus>,
    /// Pods whose file system grows when they are started anew.
    pub(crate) resizes: BTreeSet<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) failures: Vec<ReconcileError>,
}

/// Looks at every member's claim and lets those grow that should.
pub(crate) async fn tend(
    context: &Context,
    memory: &Memory,
    cluster: &Cluster,
    members: &[Member],
    claims: &[Arc<PersistentVolumeClaim>],
    answers: Option<&Answers>,
    before: &[VolumeStatus],
) -> Volumes {
    let mut volumes = Volumes::default();
    for member in members {
        let pool = cluster.pool(&member.broker.pool);
        let Some(PoolStorage::Persistent { bytes, size, .. }) = pool.map(|pool| &pool.storage)
        else {
            continue;
        };
        let name = names::claim(&member.broker.pod);
        let found = claims
            .iter()
            .find(|claim| claim.metadata.name.as_deref() == Some(&name));
        let Some(found) = found else { continue };
        let before = before.iter().find(|status| status.claim == name);
        let class = if claim(found, None).requested < *bytes {
            can_grow(context, memory, found).await
        } else {
            None
        };
        let now = Timestamp::now().as_millisecond();
        let message = match plan_storage(&claim(found, class), *bytes, now) {
            StoragePlan::Converged => None,
            StoragePlan::Grow { .. } => match grow(context, found, size).await {
                Ok(()) => Some(format!("grows to {}", size.0)),
                Err(error) => {
                    volumes.failures.push(error);
                    None
                }
            },
            StoragePlan::Wait(reason) => Some(reason.to_string()),
            StoragePlan::Restart => {
                volumes.resizes.insert(member.broker.pod.clone());
                Some("the file system grows with a restart".to_owned())
            }
            StoragePlan::Leave(reason) => {
                volumes.warnings.push(format!("{name}: {reason}"));
                Some(reason.to_string())
            }
        };
        let figures = answers.and_then(|answers| answers.volumes.get(&member.broker.id));
        let status = status(memory, name, found, figures, before, message);
        if status.used_percent >= Some(FULL_PERCENT) {
            volumes.warnings.push(format!(
                "{} is nearly full, and a broker whose disk is full takes no records: \
                 raise storage.persistent.size of its pool, or keep less",
                status.claim
            ));
        }
        volumes.status.push(status);
    }
    volumes
}

fn status(
    memory: &Memory,
    name: String,
    found: &PersistentVolumeClaim,
    figures: Option<&Volume>,
    before: Option<&VolumeStatus>,
    message: Option<String>,
) -> VolumeStatus {
    let capacity = found
        .status
        .as_ref()
        .and_then(|status| status.capacity.as_ref()?.get("storage"));
    let told = before.and_then(|before| before.days_left);
    let (used_percent, days_left) = match figures {
        // Nobody answered: what was said stays said.
        None => (before.and_then(|before| before.used_percent), told),
        Some(volume) => {
            let used = volume.total.saturating_sub(volume.free);
            let mut growth = memory.growth.lock();
            let growth = growth
                .entry(found.metadata.uid.clone().unwrap_or_default())
                .or_insert_with(|| Growth::resume(told.and_then(|days| u32::try_from(days).ok())));
            let now = i64::try_from(memory.began.elapsed().as_millis()).unwrap_or(i64::MAX);
            let days = growth.observe(now, used, volume.free);
            let percent = percent(
                used,
                volume.total,
                before.and_then(|before| before.used_percent),
            );
            (percent, days.and_then(|days| i32::try_from(days).ok()))
        }
    };
    VolumeStatus {
        claim: name,
        size: capacity
            .cloned()
            .unwrap_or_else(|| Quantity("0".to_owned())),
        used_percent,
        days_left,
        message,
    }
}

/// In whole percent; a small move is not told.
fn percent(used: u64, total: u64, before: Option<i32>) -> Option<i32> {
    let now = i32::try_from(used.saturating_mul(100).checked_div(total)?).ok()?;
    match before {
        Some(before) if (before - now).abs() < USED_STEP => Some(before),
        _ => Some(now),
    }
}

async fn grow(
    context: &Context,
    claim: &PersistentVolumeClaim,
    size: &Quantity,
) -> Result<(), ReconcileError> {
    let namespace = claim.metadata.namespace.as_deref().unwrap_or_default();
    let name = claim.metadata.name.as_deref().unwrap_or_default();
    let api: Api<PersistentVolumeClaim> = Api::namespaced(context.client.clone(), namespace);
    let patch = json!({"spec": {"resources": {"requests": {"storage": size}}}});
    let patch = Patch::Merge(&patch);
    let params = PatchParams::default();
    let request = api.patch(name, &params, &patch);
    kubernetes(|| format!("let claim {name} grow"), request).await?;
    tracing::info!(claim = name, to = size.0, "grows");
    Ok(())
}

/// Whether the claim's class lets volumes grow; `None` when that cannot be found out.
async fn can_grow(
    context: &Context,
    memory: &Memory,
    claim: &PersistentVolumeClaim,
) -> Option<bool> {
    let class = claim.spec.as_ref()?.storage_class_name.clone()?;
    if let Some((at, known)) = memory.classes.lock().get(&class)
        && at.elapsed() < CLASS_KNOWN_FOR
    {
        return *known;
    }
    let api: Api<StorageClass> = Api::all(context.client.clone());
    let request = api.get(&class);
    let known = match kubernetes(|| format!("read storage class {class}"), request).await {
        Ok(class) => Some(class.allow_volume_expansion.unwrap_or(false)),
        Err(error) => {
            tracing::warn!(error = error.sentence(), "a storage class is not known");
            None
        }
    };
    memory.classes.lock().insert(class, (Instant::now(), known));
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_moves_of_use_are_not_told() {
        for (used, before, expected) in [
            (50, None, Some(50)),
            (52, Some(50), Some(50)),
            (55, Some(50), Some(55)),
            (45, Some(50), Some(45)),
        ] {
            assert_eq!(
                percent(used, 100, before),
                expected,
                "{used} after {before:?}"
            );
        }
        assert_eq!(percent(1, 0, None), None);
    }
}
