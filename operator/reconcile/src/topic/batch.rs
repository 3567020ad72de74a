//! One batch of topics of one cluster, from what was seen of them to their statuses: ask the cluster
//! about all, plan each, then do each kind of thing for all at once. What fails for one topic is that
//! topic's failure.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use millrace_crds::KafkaTopic;
use millrace_model::Topic;
use millrace_plan::topics::{Access, Action, Remembered, TopicPlan, plan_topic};
use tokio::time::Instant;

use crate::context::Context;
use crate::error::ReconcileError;
use crate::metrics::TOPIC;
use crate::reason::DRIFT_REVERTED;
use crate::topic::asking::{ask_about, change};
use crate::topic::desk::{Lane, Outcome};
use crate::topic::entry::Entry;
use crate::topic::home::Home;
use crate::topic::status::{Facts, reverting, status};
use crate::topic::topics::Turn;
use crate::topic::verdict::{Verdict, verdict};
use crate::topic::writes::{add_finalizer, remove_finalizer, write_status};

/// Writes to the API server at once, for the backlog and for edits, which shall not wait for it: few keep the server
/// busy, and every one of them is ahead of the next edit.
const BACKLOG_WRITES: usize = 8;
const EDIT_WRITES: usize = 8;
/// Events of one batch: whoever breaks thousands of topics at once learns it from their statuses.
const EVENTS_LIMIT: usize = 20;

/// A topic on its way through a batch.
pub(crate) struct Job {
    pub(crate) entry: Arc<Entry>,
    turn: Turn,
    access: Access,
    /// What to bring about, where the spec makes sense.
    pub(crate) topic: Option<Topic>,
    pub(crate) plan: TopicPlan,
    pub(crate) live: Option<millrace_plan::topics::LiveTopic>,
    pub(crate) facts: Facts,
    /// What went wrong first; nothing more is done for the topic then.
    pub(crate) failure: Option<ReconcileError>,
}

impl Job {
    fn new(turn: Turn, home: Option<&Home>) -> Self {
        let entry = Arc::clone(&turn.entry);
        Self {
            access: access(home, &entry),
            topic: entry.topic.as_ref().ok().cloned(),
            turn,
            entry,
            plan: TopicPlan::default(),
            live: None,
            facts: Facts::default(),
            failure: None,
        }
    }

    /// Whether the cluster has to be asked about it.
    pub(crate) fn concerns_cluster(&self) -> bool {
        let managed = self.topic.as_ref().is_some_and(|topic| topic.managed);
        managed && self.access == Access::Allowed && self.turn.owner.is_none()
    }

    /// The name that the topic has in Kafka.
    pub(crate) fn name(&self) -> Arc<str> {
        let name = self.entry.status.topic_name.as_ref();
        name.unwrap_or(&self.entry.topic_name).as_str().into()
    }

    fn wants(&self, action: &Action) -> bool {
        self.failure.is_none() && self.plan.actions.contains(action)
    }

    /// What was put back, by this turn or by one that was cut off before it could say so.
    fn reverted(&self) -> &[String] {
        let done = self.failure.is_none() && self.concerns_cluster() && !self.entry.deleting;
        let report = self.entry.reverting().filter(|_| done);
        report.map_or(&[], |report| &report.reverted)
    }

    fn make_plan(&mut self) {
        if self.failure.is_some() {
            return;
        }
        match &self.topic {
            Some(topic) => {
                let (owner, live) = (self.turn.owner.as_ref(), self.live.as_ref());
                let remembered = remembered(&self.entry);
                self.plan = plan_topic(topic, owner, self.access, &remembered, live);
            }
            // What it once meant is not known any more: its topic is left, and its resource not held.
            None if self.entry.deleting && self.entry.has_finalizer() => {
                self.plan.actions.push(Action::Release);
            }
            None => {}
        }
    }
}

/// Works on a batch. The outcomes are in the order of the turns.
pub(crate) async fn run(
    context: &Context,
    home: Option<&Home>,
    lane: Lane,
    turns: Vec<Turn>,
) -> Vec<Outcome> {
    let began = Instant::now();
    let what = home.map_or_else(String::new, |home| format!("of {}", home.name()));
    let _pass = context.health.begin(TOPIC, what);
    let writes = match lane {
        Lane::Edits => EDIT_WRITES,
        Lane::Backlog => BACKLOG_WRITES,
    };
    let mut jobs: Vec<Job> = turns.into_iter().map(|turn| Job::new(turn, home)).collect();
    let admin = home.and_then(|home| home.admin(context, lane));
    if let Some(admin) = &admin {
        ask_about(context, admin.as_ref(), &mut jobs, lane).await;
    }
    for job in &mut jobs {
        job.make_plan();
    }
    jobs = each(jobs, writes, Action::Hold, |entry| async move {
        add_finalizer(&context.client, &entry).await
    })
    .await;
    jobs = announce(context, writes, jobs).await;
    if let Some(admin) = &admin {
        change(context, admin.as_ref(), &mut jobs).await;
    }
    jobs = each(jobs, writes, Action::Release, |entry| async move {
        remove_finalizer(&context.client, &entry).await
    })
    .await;
    finish(context, home, writes, jobs, began.elapsed()).await
}

/// Does one kind of write for all jobs that plan it.
async fn each<F>(
    jobs: Vec<Job>,
    at_once: usize,
    action: Action,
    write: impl Fn(Arc<Entry>) -> F,
) -> Vec<Job>
where
    F: Future<Output = Result<(), ReconcileError>>,
{
    let action = &action;
    let write = &write;
    stream::iter(jobs)
        .map(|mut job| async move {
            if job.wants(action)
                && let Err(error) = write(Arc::clone(&job.entry)).await
            {
                job.failure = Some(error);
            }
            job
        })
        .buffered(at_once)
        .collect()
        .await
}

/// Tells what was found changed before any of it is put back: afterwards nobody could find it any more.
async fn announce(context: &Context, at_once: usize, jobs: Vec<Job>) -> Vec<Job> {
    let now = Timestamp::now();
    stream::iter(jobs)
        .map(|mut job| async move {
            if job.failure.is_some() || job.plan.drift.is_empty() {
                return job;
            }
            let status = reverting(&job.entry, &job.plan.drift, now);
            match write_status(&context.client, &job.entry, &status).await {
                Ok(()) => {
                    let entry = Entry::clone(&job.entry);
                    job.entry = Arc::new(Entry { status, ..entry });
                }
                Err(error) => job.failure = Some(error),
            }
            job
        })
        .buffered(at_once)
        .collect()
        .await
}

/// Writes what changed in the statuses, and says which topics need another turn.
async fn finish(
    context: &Context,
    home: Option<&Home>,
    writes: usize,
    jobs: Vec<Job>,
    took: Duration,
) -> Vec<Outcome> {
    let now = Timestamp::now();
    let mut events = 0;
    for job in &jobs {
        let reverted = job.reverted();
        if !reverted.is_empty() && events < EVENTS_LIMIT {
            events += 1;
            let note = reverted.join("; ");
            let about = reference(&job.entry);
            context.tell(&about, true, DRIFT_REVERTED, &note).await;
        }
        let reverted = u64::try_from(reverted.len()).unwrap_or(u64::MAX);
        context
            .metrics
            .drift
            .with_label_values(&[TOPIC])
            .inc_by(reverted);
    }
    stream::iter(jobs)
        .map(|job| async move {
            let verdict = verdict(&job, home, job.access);
            context.metrics.pass(TOPIC, verdict.label(), took);
            tell(context, &job, &verdict).await;
            write(context, job, verdict, now).await
        })
        .buffered(writes)
        .collect()
        .await
}

async fn write(context: &Context, job: Job, verdict: Verdict, now: Timestamp) -> Outcome {
    let (finding, outcome) = match verdict {
        Verdict::Silent(outcome) => return outcome,
        Verdict::Say(finding, outcome) => (finding, outcome),
    };
    let mut after = status(&job.entry, &finding, &job.facts, now);
    if job.failure.is_none() && job.concerns_cluster() {
        after.config_keys = job.plan.configs.iter().cloned().collect();
    }
    if after == job.entry.status {
        return outcome;
    }
    match write_status(&context.client, &job.entry, &after).await {
        Ok(()) => outcome,
        // It changed or went meanwhile; its event brings it back.
        Err(error) if error.overtaken() => outcome,
        Err(error) => {
            tracing::warn!(topic = %job.entry.key, error = error.sentence(), "a status was not written");
            Outcome::Retry
        }
    }
}

/// Events on a change only: the same trouble again is in the status.
async fn tell(context: &Context, job: &Job, verdict: &Verdict) {
    let Some((reason, message)) = verdict.trouble() else {
        return;
    };
    let mut before = job.entry.status.conditions.iter();
    if !before.any(|condition| condition.type_ == "Ready" && condition.reason == reason) {
        context
            .tell(&reference(&job.entry), true, reason, message)
            .await;
    }
}

fn reference(entry: &Entry) -> ObjectRef<KafkaTopic> {
    let mut reference = ObjectRef::new(&entry.key.name).within(&entry.key.namespace);
    reference.extra.uid = Some(entry.uid.clone());
    reference
}

fn access(home: Option<&Home>, entry: &Entry) -> Access {
    match home.map(|home| &home.cluster) {
        None => Access::Gone,
        // It is there, but not understood: nothing is done that could be wrong.
        Some(Err(_)) => Access::Paused,
        Some(Ok(cluster)) if !cluster.admits_topics_of(&entry.key.namespace) => {
            Access::NamespaceNotAllowed
        }
        Some(Ok(cluster)) if cluster.paused => Access::Paused,
        Some(Ok(_)) => Access::Allowed,
    }
}

fn remembered(entry: &Entry) -> Remembered {
    let status = &entry.status;
    let mut conditions = status.conditions.iter();
    let ready =
        conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    Remembered {
        applied: status.observed_generation.filter(|_| ready),
        name: status.topic_name.clone(),
        id: status.topic_id.as_ref().and_then(|id| id.parse().ok()),
        configs: status.config_keys.iter().cloned().collect(),
    }
}
