//! A batch's questions to its cluster and the changes it asks for, each for all topics at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use millrace_admin::{
    Admin, AdminError, ConfigChange, NewPartitions, NewTopic, Outcome, TopicRef, TopicView,
};
use millrace_plan::topics::{Action, LiveTopic};
use millrace_types::ErrorCode;

use crate::context::Context;
use crate::error::ReconcileError;
use crate::topic::batch::Job;
use crate::topic::desk::Lane;

/// Finds out what the cluster has of every topic that concerns it.
pub(crate) async fn ask_about(context: &Context, admin: &dyn Admin, jobs: &mut [Job], lane: Lane) {
    let asked = indexes(jobs, Job::concerns_cluster);
    let names: Vec<Arc<str>> = asked.iter().map(|&index| jobs[index].name()).collect();
    if names.is_empty() {
        return;
    }
    let views = admin.describe_topics(&names).await;
    count(context, "describe_topics", &views);
    for (&index, view) in asked.iter().zip(views) {
        match view {
            Ok(view) => found(&mut jobs[index], &view),
            Err(error) if error.is_missing_topic() => {}
            Err(error) => fail(&mut jobs[index], "describe the topic", error),
        }
    }
    ask_configs(context, admin, jobs).await;
    let known = jobs
        .iter()
        .any(|job| job.live.is_some() && job.entry.was_in_force());
    if lane == Lane::Backlog && known {
        ask_sizes(context, admin, jobs).await;
    }
}

fn found(job: &mut Job, view: &TopicView) {
    let replicas = view
        .partitions
        .first()
        .map_or(0, |first| first.replicas.len());
    let count = |of: &dyn Fn(&millrace_admin::PartitionView) -> bool| {
        i32::try_from(
            view.partitions
                .iter()
                .filter(|partition| of(partition))
                .count(),
        )
        .ok()
    };
    job.facts.topic_id = Some(view.id.to_string());
    job.facts.partitions = i32::try_from(view.partitions.len()).ok();
    job.facts.replicas = i32::try_from(replicas).ok();
    job.facts.offline = count(&|partition| partition.leader.is_none());
    job.facts.under_replicated = count(&|partition| partition.isr.len() < partition.replicas.len());
    job.live = Some(LiveTopic {
        id: view.id,
        partitions: i32::try_from(view.partitions.len()).unwrap_or(i32::MAX),
        replicas: i16::try_from(replicas).unwrap_or(i16::MAX),
        configs: BTreeMap::new(),
    });
}

/// Only topics whose configs matter are asked about: those with some in the spec, or set before.
async fn ask_configs(context: &Context, admin: &dyn Admin, jobs: &mut [Job]) {
    let asked = indexes(jobs, |job| {
        let sets = job
            .topic
            .as_ref()
            .is_some_and(|topic| !topic.configs.is_empty());
        job.live.is_some()
            && !job.entry.deleting
            && (sets || !job.entry.status.config_keys.is_empty())
    });
    let names: Vec<Arc<str>> = asked.iter().map(|&index| jobs[index].name()).collect();
    if names.is_empty() {
        return;
    }
    let configs = admin.describe_topic_configs(&names).await;
    count(context, "describe_configs", &configs);
    for (&index, configs) in asked.iter().zip(configs) {
        match (configs, &mut jobs[index].live) {
            (Ok(configs), Some(live)) => live.configs = configs,
            (Ok(_), None) => {}
            (Err(error), _) => fail(&mut jobs[index], "describe the topic's configs", error),
        }
    }
}

/// A size that cannot be told is left out; it fails nothing.
async fn ask_sizes(context: &Context, admin: &dyn Admin, jobs: &mut [Job]) {
    let Ok(cluster) = admin.describe_cluster().await else {
        return;
    };
    let mut sizes: HashMap<Arc<str>, u64> = HashMap::new();
    for &broker in cluster.brokers.keys() {
        let answer = [admin.log_dirs(broker).await];
        count(context, "log_dirs", &answer);
        let [Ok(dirs)] = answer else { return };
        for replica in dirs.iter().flat_map(|dir| &dir.replicas) {
            let bytes = u64::try_from(replica.bytes).unwrap_or_default();
            *sizes
                .entry(Arc::clone(&replica.partition.topic))
                .or_default() += bytes;
        }
    }
    for job in jobs.iter_mut().filter(|job| job.live.is_some()) {
        job.facts.size = Some(sizes.get(&job.name()).copied().unwrap_or_default());
    }
}

/// Brings about what was planned.
pub(crate) async fn change(context: &Context, admin: &dyn Admin, jobs: &mut [Job]) {
    create(context, admin, jobs).await;
    grow(context, admin, jobs).await;
    alter(context, admin, jobs).await;
    delete(context, admin, jobs).await;
}

async fn create(context: &Context, admin: &dyn Admin, jobs: &mut [Job]) {
    let (asked, topics) = collect(jobs, |job, action| match action {
        Action::Create {
            partitions,
            replicas,
            configs,
        } => Some(NewTopic {
            name: job.plan.name.as_str().into(),
            partitions: *partitions,
            replication_factor: *replicas,
            assignment: Vec::new(),
            configs: configs
                .iter()
                .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
                .collect(),
        }),
        _ => None,
    });
    if topics.is_empty() {
        return;
    }
    let created = admin.create_topics(&topics).await;
    count(context, "create_topics", &created);
    for (&index, created) in asked.iter().zip(created) {
        let job = &mut jobs[index];
        match created {
            Ok(created) => {
                job.facts.topic_id = Some(created.id.to_string());
                job.facts.partitions = Some(created.partitions);
                job.facts.replicas = Some(created.replication_factor.into());
                job.facts.offline = Some(0);
                job.facts.under_replicated = Some(0);
                job.facts.size = Some(0);
            }
            Err(error) => fail(job, "create the topic", error),
        }
    }
}

async fn grow(context: &Context, admin: &dyn Admin, jobs: &mut [Job]) {
    let (asked, topics) = collect(jobs, |job, action| match action {
        Action::Grow { partitions } => Some(NewPartitions {
            topic: job.plan.name.as_str().into(),
            total: *partitions,
        }),
        _ => None,
    });
    if topics.is_empty() {
        return;
    }
    let grown = admin.create_partitions(&topics).await;
    count(context, "create_partitions", &grown);
    for ((&index, topic), grown) in asked.iter().zip(&topics).zip(grown) {
        match grown {
            Ok(()) => jobs[index].facts.partitions = Some(topic.total),
            Err(error) => fail(&mut jobs[index], "add partitions", error),
        }
    }
}

async fn alter(context: &Context, admin: &dyn Admin, jobs: &mut [Job]) {
    let (asked, changes) = collect(jobs, |job, action| match action {
        Action::Alter { set, reset } => {
            let set = set.iter().map(|(name, value)| ConfigChange::Set {
                name: name.as_str().into(),
                value: value.as_str().into(),
            });
            let reset = reset.iter().map(|name| ConfigChange::Delete {
                name: name.as_str().into(),
            });
            Some((
                Arc::from(job.plan.name.as_str()),
                set.chain(reset).collect(),
            ))
        }
        _ => None,
    });
    let changes: Vec<(Arc<str>, Vec<ConfigChange>)> = changes;
    if changes.is_empty() {
        return;
    }
    let altered = admin.alter_topic_configs(&changes).await;
    count(context, "alter_configs", &altered);
    for (&index, altered) in asked.iter().zip(altered) {
        if let Err(error) = altered {
            fail(&mut jobs[index], "alter the topic's configs", error);
        }
    }
}

async fn delete(context: &Context, admin: &dyn Admin, jobs: &mut [Job]) {
    let (asked, topics) = collect(jobs, |job, action| match (action, &job.live) {
        (Action::Delete, Some(live)) => Some(TopicRef::Id(live.id)),
        _ => None,
    });
    if topics.is_empty() {
        return;
    }
    let deleted = admin.delete_topics(&topics).await;
    count(context, "delete_topics", &deleted);
    for (&index, deleted) in asked.iter().zip(deleted) {
        match deleted {
            Ok(()) => {}
            Err(error) if error.is_missing_topic() => {}
            Err(error) => fail(&mut jobs[index], "delete the topic", error),
        }
    }
}

/// What the jobs that still go on ask for, and whose each is.
fn collect<T>(jobs: &[Job], of: impl Fn(&Job, &Action) -> Option<T>) -> (Vec<usize>, Vec<T>) {
    jobs.iter()
        .enumerate()
        .filter(|(_, job)| job.failure.is_none())
        .filter_map(|(index, job)| {
            let asked = job.plan.actions.iter().find_map(|action| of(job, action))?;
            Some((index, asked))
        })
        .unzip()
}

fn indexes(jobs: &[Job], of: impl Fn(&Job) -> bool) -> Vec<usize> {
    let jobs = jobs.iter().enumerate();
    jobs.filter(|(_, job)| of(job))
        .map(|(index, _)| index)
        .collect()
}

fn fail(job: &mut Job, action: &str, source: AdminError) {
    // Somebody else was quicker: next time it is there, and adopted.
    if source.code() == Some(ErrorCode::TopicAlreadyExists) {
        tracing::debug!(topic = %job.entry.key, "the topic exists already");
    }
    job.failure = Some(ReconcileError::Kafka {
        action: action.to_owned(),
        source,
    });
}

/// A call is answered when the cluster said something about an item, be it no.
fn count<T>(context: &Context, call: &str, outcomes: &[Outcome<T>]) {
    let answered = outcomes.iter().any(|outcome| {
        outcome
            .as_ref()
            .err()
            .is_none_or(|error| error.code().is_some())
    });
    let outcome = if answered { "answered" } else { "failed" };
    context
        .metrics
        .admin_requests
        .with_label_values(&[call, outcome])
        .inc();
}
