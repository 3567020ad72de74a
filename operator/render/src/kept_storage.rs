//! What of a pool's storage cannot change once it is there. An edit of it is told and left out, and
//! everything else of the cluster goes on.

use k8s_openapi::api::apps::v1::StatefulSet;
use millrace_model::{Cluster, PoolStorage, Problem, names, quantity_bytes};

use crate::stateful_set::STORAGE;

const IMMUTABLE: &str = "Immutable";

/// Puts back what the pools of `cluster` have already and cannot change, as their StatefulSets say it.
pub fn keep_storage(cluster: &mut Cluster, current: &[StatefulSet]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, pool) in cluster.pools.iter_mut().enumerate() {
        let name = names::stateful_set(&cluster.key.name, &pool.name);
        let exists = |set: &&StatefulSet| set.metadata.name.as_deref() == Some(&name);
        let Some(existing) = current.iter().find(exists).and_then(storage_of) else {
            continue;
        };
        let at = format!("spec.nodePools[{index}].storage");
        problems.extend(keep(&mut pool.storage, existing, &at));
    }
    problems
}

fn keep(wanted: &mut PoolStorage, existing: PoolStorage, at: &str) -> Vec<Problem> {
    let problem = |field: &str, message: &str, fix: String| Problem {
        field: format!("{at}{field}"),
        reason: IMMUTABLE,
        message: message.to_owned(),
        fix,
    };
    match (&mut *wanted, existing) {
        (PoolStorage::Ephemeral { .. }, PoolStorage::Ephemeral { .. }) => Vec::new(),
        (
            PoolStorage::Persistent {
                size, bytes, class, ..
            },
            PoolStorage::Persistent {
                size: has_size,
                bytes: has_bytes,
                class: has_class,
                ..
            },
        ) => {
            let mut problems = Vec::new();
            if *class != has_class {
                let put_back = match &has_class {
                    Some(class) => format!("put {class} back"),
                    None => "leave it out".to_owned(),
                };
                let message = "the class of a volume cannot change, and stays";
                problems.push(problem(".persistent.class", message, put_back));
                *class = has_class;
            }
            if *bytes < has_bytes {
                let message = "a volume never shrinks, and stays as large as it is";
                let put_back = format!("ask for {} or more", has_size.0);
                problems.push(problem(".persistent.size", message, put_back));
                (*size, *bytes) = (has_size, has_bytes);
            }
            problems
        }
        (_, existing) => {
            *wanted = existing;
            let message = "the kind of storage cannot change, and stays: records would be lost";
            let fix = "put it back, and add a pool with the other kind".to_owned();
            vec![problem("", message, fix)]
        }
    }
}

/// The storage that a pool was made with.
fn storage_of(set: &StatefulSet) -> Option<PoolStorage> {
    let spec = set.spec.as_ref()?;
    let claim = spec.volume_claim_templates.iter().flatten();
    let mut claim =
        claim.filter(|claim| claim.metadata.name.as_deref() == Some(names::DATA_VOLUME));
    if let Some(claim) = claim.next() {
        let claim = claim.spec.as_ref()?;
        let size = claim.resources.as_ref()?.requests.as_ref()?.get(STORAGE)?;
        let retention = spec.persistent_volume_claim_retention_policy.as_ref();
        let when_deleted = retention.and_then(|policy| policy.when_deleted.as_deref());
        return Some(PoolStorage::Persistent {
            bytes: quantity_bytes(&size.0)?,
            size: size.clone(),
            class: claim.storage_class_name.clone(),
            delete_claim: when_deleted == Some("Delete"),
        });
    }
    let volumes = spec.template.spec.as_ref()?.volumes.iter().flatten();
    let mut data = volumes.filter(|volume| volume.name == names::DATA_VOLUME);
    let size_limit = data.next()?.empty_dir.as_ref()?.size_limit.clone();
    Some(PoolStorage::Ephemeral { size_limit })
}
