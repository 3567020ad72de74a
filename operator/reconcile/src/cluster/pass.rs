//! One pass over a cluster: dereference, validate, render and apply, ask the brokers, alter, restart,
//! and say how it stands. Each step does what it can; what it cannot is told, and the rest goes on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use millrace_admin::Admin;
use millrace_crds::{KafkaCluster, KafkaClusterStatus};
use millrace_model::{Cluster, ObjectKey, Resolved};
use millrace_plan::roll::PodState;
use millrace_render::{Observed, Rendered, keep_storage, render};

use crate::cluster::apply::Equals;
use crate::cluster::caches::{Caches, of_cluster};
use crate::cluster::fleet::{Answers, ask, ask_fleet};
use crate::cluster::objects::bring_about;
use crate::cluster::properties::{Altered, alter};
use crate::cluster::racks::tell_racks;
use crate::cluster::refusals::Refusals;
use crate::cluster::restarts::{Causes, Member, decide, pods, restart};
use crate::cluster::standing::Found;
use crate::cluster::status::{status, write_status};
use crate::cluster::volumes::{Memory, Volumes, tend};
use crate::context::Context;
use crate::error::ReconcileError;
use crate::topic::bootstrap;

/// Between looks at a cluster that is as it should be.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Between looks at one that something is going on with; its own events come earlier.
const LOOK_SOON: Duration = Duration::from_secs(2);
/// After a failure.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What passes share.
pub(crate) struct Shared {
    pub(crate) context: Arc<Context>,
    pub(crate) caches: Caches,
    pub(crate) equals: Equals,
    pub(crate) memory: Memory,
    pub(crate) refusals: Refusals,
}

/// What a pass came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// For the metrics.
    pub(crate) result: &'static str,
    /// When to look again although nothing seems to have changed.
    pub(crate) next: Duration,
}

/// One pass.
pub(crate) async fn pass(
    shared: &Shared,
    resource: &KafkaCluster,
) -> Result<Ended, ReconcileError> {
    let resolved = match Cluster::resolve(resource, &shared.context.settings.defaults) {
        Ok(resolved) => resolved,
        Err(problems) => {
            let problems = problems.iter().map(ToString::to_string).collect();
            return say(shared, resource, &Found::Invalid(problems)).await;
        }
    };
    if resolved.value.deleting {
        // Garbage collection takes what is owned.
        return Ok(Ended {
            result: "left",
            next: LOOK_EVERY,
        });
    }
    if resolved.value.paused {
        return say(shared, resource, &Found::Paused).await;
    }
    let before = resource.status.clone().unwrap_or_default();
    work(shared, resource, resolved, &before).await
}

async fn work(
    shared: &Shared,
    resource: &KafkaCluster,
    mut resolved: Resolved<Cluster>,
    before: &KafkaClusterStatus,
) -> Result<Ended, ReconcileError> {
    let context = &shared.context;
    let sets = stateful_sets(&shared.caches, resource);
    let kept = keep_storage(&mut resolved.value, &sets);
    resolved.warnings.extend(kept);
    let cluster = &resolved.value;
    let observed = observe(&shared.caches, cluster);
    let rendered = render(cluster, &observed);
    let applied = bring_about(context, &shared.caches, &shared.equals, cluster, &rendered).await;
    let mut failures = applied.failures;
    let members = members(&shared.caches, cluster);
    let refused = shared.refusals.find(context, &sets, &members).await;
    failures.extend(tell_racks(context, cluster, &members).await);

    let admin = context
        .kafka
        .get(&cluster.key.to_string().into(), &[bootstrap(cluster)]);
    let spoken = converse(context, admin.as_ref(), cluster, &members, before).await;
    let (answers, altered) = spoken.unwrap_or_else(|error| {
        failures.push(error);
        (None, remembered(before))
    });
    let claims = of_cluster(&shared.caches.claims, &cluster.key);
    let volumes = tend(
        context,
        &shared.memory,
        cluster,
        &members,
        &claims,
        answers.as_ref(),
        &before.storage,
    )
    .await;
    let look = Looked {
        cluster,
        rendered: &rendered,
        members: &members,
        answers: answers.as_ref(),
        altered: &altered,
        volumes: &volumes,
    };
    let (decision, planned) = plan_restart(context, admin.as_ref(), &look, before).await;
    let warnings = resolved.warnings.iter().map(ToString::to_string);
    let warnings = warnings.chain(altered.warnings.iter().cloned());
    let warnings = warnings.chain(volumes.warnings.iter().cloned()).collect();
    failures.extend(volumes.failures);
    let found = Found::Working {
        cluster,
        observed: &observed,
        waiting: rendered.waiting().map(ToString::to_string).collect(),
        members: &members,
        refused: &refused,
        answers: answers.as_ref(),
        config_keys: altered.ours.iter().cloned().collect(),
        storage: volumes.status,
        roll: decision.plan,
        warnings,
        failures: &failures,
    };
    let mut ended = say(shared, resource, &found).await?;
    // The plan is written: whoever takes over goes on from it.
    let delete = decision.delete.filter(|_| !applied.pods_would_be_old);
    if let Some(index) = delete {
        restart(context, &members[index], &planned[index].reasons).await?;
    }
    if applied.wrote {
        ended.next = ended.next.min(LOOK_SOON);
    }
    Ok(ended)
}

/// Talks to the brokers, once one of them can answer.
async fn converse(
    context: &Context,
    admin: &dyn Admin,
    cluster: &Cluster,
    members: &[Member],
    before: &KafkaClusterStatus,
) -> Result<(Option<Answers>, Altered), ReconcileError> {
    let mut states = members.iter().map(Member::state);
    if !states.any(|state| state == PodState::Ready) {
        return Ok((None, remembered(before)));
    }
    let answers = ask(context, admin).await?;
    let ours = before.config_keys.iter().cloned().collect();
    let altered = alter(context, admin, cluster, &answers, &ours).await?;
    Ok((Some(answers), altered))
}

fn remembered(before: &KafkaClusterStatus) -> Altered {
    Altered {
        ours: before.config_keys.iter().cloned().collect(),
        ..Altered::default()
    }
}

/// What was found out before restarts are thought of.
struct Looked<'a> {
    cluster: &'a Cluster,
    rendered: &'a Rendered,
    members: &'a [Member],
    answers: Option<&'a Answers>,
    altered: &'a Altered,
    volumes: &'a Volumes,
}

/// Plans restarts. The fleet is only asked about its partitions when somebody has to restart.
async fn plan_restart(
    context: &Context,
    admin: &dyn Admin,
    look: &Looked<'_>,
    before: &KafkaClusterStatus,
) -> (millrace_plan::roll::Decision, Vec<millrace_plan::roll::Pod>) {
    let dynamic = look.answers.map(Answers::dynamic).unwrap_or_default();
    let causes = Causes {
        cluster: look.cluster,
        rendered: look.rendered,
        dynamic: &dynamic,
        removed: &look.altered.removed,
        resizes: &look.volumes.resizes,
    };
    let planned = pods(look.members, &causes);
    let concerned = before.roll.is_some() || planned.iter().any(|pod| !pod.reasons.is_empty());
    let fleet = match look.answers {
        Some(answers) if concerned => ask_fleet(context, admin, answers)
            .await
            .map_err(|error| error.sentence()),
        Some(_) => Err("it was not asked".to_owned()),
        None => Err("no broker answers".to_owned()),
    };
    let decision = decide(
        look.cluster,
        &planned,
        fleet.as_ref().map_err(String::as_str),
        before.roll.as_ref(),
        Timestamp::now(),
    );
    (decision, planned)
}

async fn say(
    shared: &Shared,
    resource: &KafkaCluster,
    found: &Found<'_>,
) -> Result<Ended, ReconcileError> {
    let before = resource.status.clone().unwrap_or_default();
    let generation = resource.metadata.generation.unwrap_or_default();
    let (after, result) = status(&before, generation, found, Timestamp::now());
    write_status(&shared.context, resource, &before, &after).await?;
    let next = match result {
        "ready" | "left" | "invalid" => LOOK_EVERY,
        "failed" => LOOK_AGAIN,
        _ => LOOK_SOON,
    };
    Ok(Ended { result, next })
}

/// The StatefulSets that are the cluster's own.
fn stateful_sets(caches: &Caches, resource: &KafkaCluster) -> Vec<StatefulSet> {
    let key = ObjectKey::new(
        resource.namespace().unwrap_or_default(),
        resource.name_any(),
    );
    let sets = of_cluster(&caches.stateful_sets, &key).into_iter();
    let own = |set: &StatefulSet| {
        let mut owners = set.owner_references().iter();
        owners.any(|owner| Some(&owner.uid) == resource.metadata.uid.as_ref())
    };
    sets.filter(|set| own(set))
        .map(|set| (*set).clone())
        .collect()
}

/// What exists already and the rest depends on.
fn observe(caches: &Caches, cluster: &Cluster) -> Observed {
    let mut observed = Observed::default();
    for service in of_cluster(&caches.services, &cluster.key) {
        let name = service.name_any();
        let ports = service
            .spec
            .iter()
            .flat_map(|spec| spec.ports.iter().flatten());
        if let Some(port) = ports.filter_map(|port| port.node_port).next()
            && let Ok(port) = u16::try_from(port)
        {
            observed.node_ports.insert(name.clone(), port);
        }
        let balancer = service
            .status
            .as_ref()
            .and_then(|status| status.load_balancer.as_ref());
        let given = balancer.and_then(|balancer| balancer.ingress.as_ref()?.first());
        if let Some(host) =
            given.and_then(|given| given.hostname.clone().or_else(|| given.ip.clone()))
        {
            observed.load_balancers.insert(name, host);
        }
    }
    let pods = of_cluster(&caches.pods, &cluster.key);
    for pod in &pods {
        if let Some(address) = pod.status.as_ref().and_then(|status| status.pod_ip.clone()) {
            observed.pod_addresses.insert(pod.name_any(), address);
        }
    }
    let mut addresses: Vec<String> = pods
        .iter()
        .filter_map(|pod| pod.status.as_ref()?.host_ip.clone())
        .collect();
    addresses.sort();
    addresses.dedup();
    observed.node_addresses = addresses;
    observed
}

/// Every broker that should exist, with its pod.
fn members(caches: &Caches, cluster: &Cluster) -> Vec<Member> {
    let pods: BTreeMap<String, Arc<Pod>> = of_cluster(&caches.pods, &cluster.key)
        .into_iter()
        .map(|pod| (pod.name_any(), pod))
        .collect();
    let brokers = cluster.brokers.iter();
    brokers
        .map(|broker| Member {
            broker: broker.clone(),
            pod: pods.get(&broker.pod).cloned(),
        })
        .collect()
}
