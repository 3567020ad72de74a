//! Node pools: names, sizes, ids, storage, and what their pods may carry.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use millrace_crds::{NodePool, OWNED_ENVIRONMENT, OWNED_LABELS, PodTemplate, Role, Storage};

use crate::Defaults;
use crate::cluster::{Pool, PoolStorage};
use crate::problem::{Findings, reason};
use crate::{quantity, syntax};

const LONGEST_POOL_NAME: usize = 20;
/// Kubernetes adds eleven characters to a StatefulSet's name in a label of at most 63.
const LONGEST_STATEFUL_SET_NAME: usize = 52;
const MOST_POOLS: usize = 16;
const MOST_REPLICAS: i32 = 1000;
/// Ids of a pool's brokers follow each other; the next pool begins beyond all it may ever have.
const ID_DISTANCE: i32 = MOST_REPLICAS;
const LARGEST_FIRST_ID: i32 = 1_000_000;

/// What this version cannot do.
const NOT_SERVED: &str = "NotServed";

pub(crate) fn resolve(
    raw: &[NodePool],
    cluster: &str,
    defaults: &Defaults,
    findings: &mut Findings,
) -> Vec<Pool> {
    if !(1..=MOST_POOLS).contains(&raw.len()) {
        findings.refuse(
            "spec.nodePools",
            reason::INVALID,
            format!("there are {} node pools", raw.len()),
            format!("give 1 to {MOST_POOLS} node pools"),
        );
    }
    let numbered = raw.iter().take(MOST_POOLS).enumerate();
    let pools: Vec<Pool> = numbered
        .filter_map(|(index, pool)| {
            let at = format!("spec.nodePools[{index}]");
            resolve_one(pool, cluster, &at, findings)
        })
        .collect();
    check_apart(&pools, findings);
    check_served(raw, defaults, findings);
    pools
}

fn resolve_one(raw: &NodePool, cluster: &str, at: &str, findings: &mut Findings) -> Option<Pool> {
    check_name(&raw.name, cluster, at, findings);
    let replicas = u32::try_from(raw.replicas)
        .ok()
        .filter(|_| (1..=MOST_REPLICAS).contains(&raw.replicas));
    if replicas.is_none() {
        findings.refuse(
            format!("{at}.replicas"),
            reason::INVALID,
            format!("{} nodes cannot be run", raw.replicas),
            format!("use 1 to {MOST_REPLICAS}"),
        );
    }
    if !(0..=LARGEST_FIRST_ID).contains(&raw.first_broker_id) {
        findings.refuse(
            format!("{at}.firstBrokerId"),
            reason::INVALID,
            format!("{} cannot be the id of a broker", raw.first_broker_id),
            format!("use 0 to {LARGEST_FIRST_ID}"),
        );
    }
    let roles: BTreeSet<Role> = raw.roles.iter().copied().collect();
    let roles = match roles.is_empty() {
        true => vec![Role::Controller, Role::Broker],
        false => roles.into_iter().collect(),
    };
    let storage = storage(&raw.storage, &format!("{at}.storage"), findings);
    Some(Pool {
        name: raw.name.clone(),
        replicas: replicas?,
        roles,
        first_broker_id: raw.first_broker_id,
        storage: storage?,
        resources: raw.resources.clone(),
        template: template(raw.template.as_ref(), &format!("{at}.template"), findings),
    })
}

fn check_name(name: &str, cluster: &str, at: &str, findings: &mut Findings) {
    if !syntax::is_dns_label(name) || name.len() > LONGEST_POOL_NAME {
        findings.refuse(
            format!("{at}.name"),
            reason::INVALID,
            format!("{name:?} cannot be part of the names of pods"),
            format!(
                "use a DNS label that begins with a letter, of at most {LONGEST_POOL_NAME} characters"
            ),
        );
    }
    if cluster.len() + 1 + name.len() > LONGEST_STATEFUL_SET_NAME {
        findings.refuse(
            format!("{at}.name"),
            reason::INVALID,
            "the names of cluster and node pool are too long together",
            format!(
                "use at most {} characters for both",
                LONGEST_STATEFUL_SET_NAME - 1
            ),
        );
    }
}

fn check_apart(pools: &[Pool], findings: &mut Findings) {
    for (index, pool) in pools.iter().enumerate() {
        for earlier in &pools[..index] {
            if pool.name == earlier.name {
                findings.refuse(
                    format!("spec.nodePools[{index}].name"),
                    reason::DUPLICATE,
                    format!("two node pools are called {}", pool.name),
                    "give each its own name",
                );
            }
            let distance = pool.first_broker_id.abs_diff(earlier.first_broker_id);
            if distance < ID_DISTANCE.unsigned_abs() {
                findings.refuse(
                    format!("spec.nodePools[{index}].firstBrokerId"),
                    reason::CONFLICT,
                    format!("its brokers could get the ids of pool {}", earlier.name),
                    format!("let the pools begin at least {ID_DISTANCE} apart"),
                );
            }
        }
    }
}

/// The one rule that keeps clusters out that this version of the broker cannot form. It looks at what was
/// written, so that it is told whatever else is wrong with a pool.
fn check_served(raw: &[NodePool], defaults: &Defaults, findings: &mut Findings) {
    let served = defaults.brokers_served;
    let mut wanted = 0_u32;
    for (index, pool) in raw.iter().enumerate() {
        let replicas = u32::try_from(pool.replicas).unwrap_or_default();
        let fitted = wanted <= served;
        wanted = wanted.saturating_add(replicas);
        if fitted && wanted > served {
            findings.refuse(
                format!("spec.nodePools[{index}].replicas"),
                NOT_SERVED,
                format!(
                    "this version serves clusters of at most {served} {}",
                    brokers(served)
                ),
                format!("let all node pools together have at most {served}"),
            );
        }
        let roles: BTreeSet<Role> = pool.roles.iter().copied().collect();
        if served == 1 && roles.len() == 1 {
            findings.refuse(
                format!("spec.nodePools[{index}].roles"),
                NOT_SERVED,
                "a single node must be broker and controller at once",
                "leave roles out",
            );
        }
    }
}

const fn brokers(count: u32) -> &'static str {
    match count {
        1 => "broker",
        _ => "brokers",
    }
}

fn storage(raw: &Storage, at: &str, findings: &mut Findings) -> Option<PoolStorage> {
    match (&raw.ephemeral, &raw.persistent) {
        (Some(ephemeral), None) => {
            if let Some(limit) = &ephemeral.size_limit {
                bytes(limit, &format!("{at}.ephemeral.sizeLimit"), findings)?;
            }
            Some(PoolStorage::Ephemeral {
                size_limit: ephemeral.size_limit.clone(),
            })
        }
        (None, Some(persistent)) => Some(PoolStorage::Persistent {
            bytes: bytes(&persistent.size, &format!("{at}.persistent.size"), findings)?,
            size: persistent.size.clone(),
            class: persistent.class.clone(),
            delete_claim: persistent.delete_claim.unwrap_or_default(),
        }),
        _ => {
            findings.refuse(
                at,
                reason::CONFLICT,
                "exactly one of ephemeral and persistent must be given",
                "keep the one that is meant",
            );
            None
        }
    }
}

fn bytes(size: &Quantity, at: &str, findings: &mut Findings) -> Option<u64> {
    let parsed = quantity::parse_bytes(&size.0).and_then(|bytes| match bytes {
        0 => Err("a volume must have a size".to_owned()),
        bytes => Ok(bytes),
    });
    match parsed {
        Ok(bytes) => Some(bytes),
        Err(message) => {
            findings.refuse(at, reason::INVALID, message, "write a size such as 100Gi");
            None
        }
    }
}

/// What the user wants pods to carry, without what is the operator's own.
fn template(raw: Option<&PodTemplate>, at: &str, findings: &mut Findings) -> PodTemplate {
    let mut template = raw.cloned().unwrap_or_default();
    let mut owned = |field: &str, key: &str| {
        findings.warn(
            format!("{at}.{field}"),
            reason::RESERVED,
            format!("{key} is set by the operator, and not as it stands here"),
            "remove it",
        );
    };
    for (field, map) in [
        ("labels", &mut template.labels),
        ("annotations", &mut template.annotations),
    ] {
        map.retain(|key, _| {
            let free = !key.starts_with(OWNED_LABELS);
            if !free {
                owned(field, key);
            }
            free
        });
    }
    let mut seen = BTreeSet::new();
    let mut repeated = Vec::new();
    template.env.retain(|variable| {
        let free = !OWNED_ENVIRONMENT.contains(&variable.name.as_str());
        let first = seen.insert(variable.name.clone());
        if !free {
            owned("env", &variable.name);
        } else if !first {
            repeated.push(variable.name.clone());
        }
        free && first
    });
    for name in repeated {
        findings.warn(
            format!("{at}.env"),
            reason::DUPLICATE,
            format!("{name} is given more than once, and the first one holds"),
            "remove the others",
        );
    }
    template
}
