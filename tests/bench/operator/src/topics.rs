//! Topics as the benchmark makes, changes and watches them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::stream::{self, StreamExt, TryStreamExt};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Client, ResourceExt};
use millrace_crds::KafkaTopic;
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// A phase that takes longer has failed.
const PHASE_LIMIT: Duration = Duration::from_secs(900);

/// What a watch saw of a topic last.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    generation: i64,
    /// The generation that is in force.
    in_force: i64,
}

/// Every topic of a namespace, kept up to date by a watch.
pub(crate) struct Topics {
    api: Api<KafkaTopic>,
    cluster: String,
    seen: Arc<Mutex<HashMap<String, Seen>>>,
    changed: watch::Receiver<()>,
    task: JoinHandle<()>,
}

impl Topics {
    pub(crate) fn watch(client: Client, namespace: &str, cluster: &str) -> Self {
        let api: Api<KafkaTopic> = Api::namespaced(client, namespace);
        let seen: Arc<Mutex<HashMap<String, Seen>>> = Arc::default();
        let (changes, changed) = watch::channel(());
        let events = watcher(api.clone(), watcher::Config::default()).default_backoff();
        let known = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut events = std::pin::pin!(events);
            while let Some(event) = events.next().await {
                match event {
                    Ok(Event::Apply(topic) | Event::InitApply(topic)) => {
                        known.lock().insert(topic.name_any(), of(&topic));
                    }
                    Ok(Event::Delete(topic)) => drop(known.lock().remove(&topic.name_any())),
                    Ok(Event::Init | Event::InitDone) | Err(_) => {}
                }
                changes.send_replace(());
            }
        });
        Self {
            api,
            cluster: cluster.to_owned(),
            seen,
            changed,
            task,
        }
    }

    pub(crate) async fn create(&self, name: &str) -> Result<()> {
        let topic: KafkaTopic = serde_json::from_value(json!({
            "apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic",
            "metadata": {"name": name},
            "spec": {"clusterRef": {"name": self.cluster}, "partitions": 1, "retention": {"time": "7d"}},
        }))?;
        self.api
            .create(&PostParams::default(), &topic)
            .await
            .with_context(|| format!("creating {name}"))?;
        Ok(())
    }

    /// Creates topics, some at once, and returns when every one is ready.
    pub(crate) async fn create_all(&self, names: &[String], at_once: usize) -> Result<Duration> {
        let began = Instant::now();
        stream::iter(names)
            .map(|name| self.create(name))
            .buffer_unordered(at_once)
            .try_collect::<()>()
            .await?;
        self.until_each(names, |seen| seen.is_some_and(Seen::is_in_force))
            .await
            .context("waiting for every topic to be ready")?;
        Ok(began.elapsed())
    }

    /// Deletes topics, some at once, and returns when every one is gone.
    pub(crate) async fn delete_all(&self, names: &[String], at_once: usize) -> Result<Duration> {
        let began = Instant::now();
        let params = DeleteParams::default();
        stream::iter(names)
            .map(|name| async { self.api.delete(name, &params).await.map(drop) })
            .buffer_unordered(at_once)
            .try_collect::<()>()
            .await?;
        self.until_each(names, |seen| seen.is_none())
            .await
            .context("waiting for every topic to be gone")?;
        Ok(began.elapsed())
    }

    /// Changes one topic, and returns when the change is in force and in its status.
    pub(crate) async fn change(&self, name: &str, days: usize) -> Result<Duration> {
        let began = Instant::now();
        let patch = json!({"spec": {"retention": {"time": format!("{days}d")}}});
        let patched = self
            .api
            .patch(name, &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .with_context(|| format!("changing {name}"))?;
        let generation = patched.metadata.generation.unwrap_or_default();
        self.until(|seen| {
            seen.get(name)
                .is_some_and(|seen| seen.in_force >= generation)
        })
        .await
        .with_context(|| format!("waiting for the change of {name}"))?;
        Ok(began.elapsed())
    }

    /// Until each has been seen as it should be, which none of them ceases to be.
    async fn until_each(&self, names: &[String], is_so: fn(Option<&Seen>) -> bool) -> Result<()> {
        // Looking at all of thousands after every event would cost more than what is measured.
        let mut left = names.iter().peekable();
        self.until(|seen| {
            while left.next_if(|name| is_so(seen.get(*name))).is_some() {}
            left.peek().is_none()
        })
        .await
    }

    async fn until(&self, mut holds: impl FnMut(&HashMap<String, Seen>) -> bool) -> Result<()> {
        let mut changed = self.changed.clone();
        let waiting = async {
            loop {
                changed.mark_unchanged();
                if holds(&self.seen.lock()) {
                    return Ok(());
                }
                changed.changed().await.context("the watch has ended")?;
            }
        };
        timeout(PHASE_LIMIT, waiting)
            .await
            .context("it takes too long")?
    }
}

impl Drop for Topics {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    fn is_in_force(&self) -> bool {
        self.in_force == self.generation
    }
}

fn of(topic: &KafkaTopic) -> Seen {
    let generation = topic.metadata.generation.unwrap_or_default();
    let in_force = topic.status.as_ref().map_or(-1, |status| {
        let mut conditions = status.conditions.iter();
        let ready =
            conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
        if ready {
            status.observed_generation.unwrap_or(-1)
        } else {
            -1
        }
    });
    Seen {
        generation,
        in_force,
    }
}
