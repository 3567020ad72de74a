//! Drives the topics: watches feed them, batches run, time passes. The one place of the topics' side
//! that waits; what to do is decided elsewhere.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{SelectAll, Stream, StreamExt};
use kube::api::Api;
use kube::core::DeserializeGuard;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Client, ResourceExt};
use millrace_crds::{KafkaCluster, KafkaTopic};
use millrace_model::ObjectKey as Key;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::context::Context;
use crate::metrics::TOPIC;
use crate::patience::WatchWaits;
use crate::topic::batch;
use crate::topic::desk::{Batch, Outcome};
use crate::topic::entry::Entry;
use crate::topic::home::{Home, forget};
use crate::topic::topics::Topics;

/// How often every topic is compared with its cluster although nothing seems to have changed.
pub(crate) const COMPARE_EVERY: Duration = Duration::from_secs(120);
/// The gauges are no older.
const SHOW_EVERY: Duration = Duration::from_secs(1);
/// Resources of one page of a list, which bounds the memory of a start.
const PAGE: u32 = 500;
/// Far away, for when nothing is due.
const IDLE: Duration = Duration::from_secs(3_600);

/// What a watch reported.
enum Seen {
    Topic(Option<String>, Box<Event<DeserializeGuard<KafkaTopic>>>),
    Cluster(Option<String>, Box<Event<DeserializeGuard<KafkaCluster>>>),
}

/// A list that is being read anew: what it has so far.
type Listing = HashMap<Option<String>, HashSet<Key>>;

pub(crate) struct Engine {
    context: Arc<Context>,
    topics: Topics,
    homes: BTreeMap<Key, Arc<Home>>,
    compare_at: BTreeMap<Key, Duration>,
    listed_topics: Listing,
    listed_homes: Listing,
    /// Lists that are not complete yet: until then nobody can say what is missing.
    incomplete: usize,
    running: JoinSet<(Batch, Vec<Outcome>)>,
    started: Instant,
    /// When the gauges are brought up to date, while they are not.
    show_at: Option<Duration>,
}

impl Engine {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let scopes = context.settings.scopes().len();
        Self {
            context,
            topics: Topics::default(),
            homes: BTreeMap::new(),
            compare_at: BTreeMap::new(),
            listed_topics: Listing::new(),
            listed_homes: Listing::new(),
            incomplete: 2 * scopes,
            running: JoinSet::new(),
            started: Instant::now(),
            show_at: None,
        }
    }

    /// Works until told to stop, and then until the batches under way are done.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut seen = watches(&self.context);
        loop {
            let due = self.next_due();
            tokio::select! {
                // In one order, so that a seed is one run; what never ends comes last.
                biased;
                _ = stop.changed() => break,
                Some(done) = self.running.join_next() => match done {
                    Ok((batch, outcomes)) => self.topics.finish(&batch, &outcomes, self.now()),
                    Err(error) => tracing::error!(%error, "a batch of topics did not come to its end"),
                },
                () = sleep_until(self.started + due) => {
                    self.pass_time();
                    self.start_batches();
                    continue;
                }
                Some(event) = seen.next() => self.take(event),
            }
            self.show_at
                .get_or_insert(self.started.elapsed() + SHOW_EVERY);
            self.start_batches();
        }
        while self.running.join_next().await.is_some() {}
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn next_due(&self) -> Duration {
        let compare = self.compare_at.values().min().copied();
        let due = [self.topics.next_due(), compare, self.show_at];
        due.into_iter().flatten().min().unwrap_or(self.now() + IDLE)
    }

    fn pass_time(&mut self) {
        let now = self.now();
        self.topics.tick(now);
        if self.show_at.is_some_and(|at| at <= now) {
            self.show();
        }
        for (cluster, at) in &mut self.compare_at {
            if *at <= now {
                *at = now + spread(cluster);
                self.topics.want_all_of(cluster);
            }
        }
    }

    fn start_batches(&mut self) {
        if self.incomplete > 0 {
            return;
        }
        while let Some((batch, turns)) = self.topics.next_batch() {
            let home = self.homes.get(&batch.cluster).cloned();
            let context = Arc::clone(&self.context);
            self.running.spawn(async move {
                let outcomes = batch::run(&context, home.as_deref(), batch.lane, turns).await;
                (batch, outcomes)
            });
        }
    }

    /// Counting ten thousand topics at every event would cost more than the events.
    fn show(&mut self) {
        self.show_at = None;
        let (ready, not_ready) = self.topics.counts();
        let metrics = &self.context.metrics;
        let gauge = |label: &str| metrics.resources.with_label_values(&[TOPIC, label]);
        gauge("true").set(ready as f64);
        gauge("false").set(not_ready as f64);
        let depth = self.topics.depth() as f64;
        metrics.queue_depth.with_label_values(&[TOPIC]).set(depth);
    }

    fn take(&mut self, seen: Seen) {
        match seen {
            Seen::Topic(scope, event) => self.take_topic(scope, *event),
            Seen::Cluster(scope, event) => self.take_cluster(scope, *event),
        }
    }

    fn take_topic(&mut self, scope: Option<String>, event: Event<DeserializeGuard<KafkaTopic>>) {
        match event {
            Event::Apply(resource) => self.see_topic(resource),
            Event::InitApply(resource) => {
                let key = key_of(&resource);
                self.listed_topics.entry(scope).or_default().insert(key);
                self.see_topic(resource);
            }
            Event::Delete(resource) => self.topics.gone(&key_of(&resource)),
            Event::Init => {
                self.listed_topics.insert(scope, HashSet::new());
            }
            Event::InitDone => {
                let listed = self.listed_topics.remove(&scope).unwrap_or_default();
                self.topics
                    .keep_only(scope.as_deref(), &|key| listed.contains(key));
                self.incomplete = self.incomplete.saturating_sub(1);
            }
        }
    }

    fn see_topic(&mut self, resource: DeserializeGuard<KafkaTopic>) {
        match resource.0 {
            Ok(topic) => self.topics.seen(Entry::of(topic)),
            // The schema is newer than this operator: left alone, and it stops nobody else.
            Err(error) => {
                tracing::warn!(%error, topic = error.metadata.name, "a KafkaTopic cannot be read");
            }
        }
    }

    fn take_cluster(
        &mut self,
        scope: Option<String>,
        event: Event<DeserializeGuard<KafkaCluster>>,
    ) {
        match event {
            Event::Apply(resource) => self.see_cluster(resource),
            Event::InitApply(resource) => {
                let key = key_of(&resource);
                self.listed_homes.entry(scope).or_default().insert(key);
                self.see_cluster(resource);
            }
            Event::Delete(resource) => self.lose_cluster(&key_of(&resource)),
            Event::Init => {
                self.listed_homes.insert(scope, HashSet::new());
            }
            Event::InitDone => {
                let listed = self.listed_homes.remove(&scope).unwrap_or_default();
                let gone: Vec<Key> = self
                    .homes
                    .keys()
                    .filter(|key| {
                        scope
                            .as_deref()
                            .is_none_or(|scope| *key.namespace == *scope)
                    })
                    .filter(|key| !listed.contains(key))
                    .cloned()
                    .collect();
                for key in gone {
                    self.lose_cluster(&key);
                }
                self.incomplete = self.incomplete.saturating_sub(1);
            }
        }
    }

    fn see_cluster(&mut self, resource: DeserializeGuard<KafkaCluster>) {
        let key = key_of(&resource);
        let home = Arc::new(Home::of(resource, &self.context.settings));
        let before = self.homes.insert(key.clone(), Arc::clone(&home));
        self.compare_at
            .entry(key.clone())
            .or_insert_with(|| self.started.elapsed() + spread(&key));
        if before.is_none_or(|before| before.matters_differently(&home)) {
            self.topics.want_all_of(&key);
        }
    }

    fn lose_cluster(&mut self, key: &Key) {
        self.homes.remove(key);
        self.compare_at.remove(key);
        forget(&self.context, key);
        self.topics.want_all_of(key);
    }
}

fn key_of(resource: &impl ResourceExt) -> Key {
    Key::new(
        resource.namespace().unwrap_or_default(),
        resource.name_any(),
    )
}

/// Clusters are not compared all at the same time.
fn spread(cluster: &Key) -> Duration {
    let share = cluster
        .to_string()
        .bytes()
        .fold(0u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte))
        % 64;
    COMPARE_EVERY * 3 / 4 + COMPARE_EVERY * share / 128
}

fn watches(context: &Context) -> SelectAll<futures::stream::BoxStream<'static, Seen>> {
    let mut all = SelectAll::new();
    for scope in context.settings.scopes() {
        let topics = watch_kind::<KafkaTopic>(&context.client, scope.as_deref());
        let clusters = watch_kind::<KafkaCluster>(&context.client, scope.as_deref());
        let of = scope.clone();
        all.push(
            topics
                .map(move |event| Seen::Topic(of.clone(), Box::new(event)))
                .boxed(),
        );
        all.push(
            clusters
                .map(move |event| Seen::Cluster(scope.clone(), Box::new(event)))
                .boxed(),
        );
    }
    all
}

/// Events of a kind in one namespace or in all. A failed watch is started anew with growing waits.
fn watch_kind<K>(
    client: &Client,
    namespace: Option<&str>,
) -> impl Stream<Item = Event<DeserializeGuard<K>>> + Send + use<K>
where
    K: kube::Resource<DynamicType = ()> + Clone + std::fmt::Debug + Send + 'static,
    K: serde::de::DeserializeOwned,
    DeserializeGuard<K>: kube::Resource<DynamicType = (), Scope = K::Scope>,
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
{
    let api: Api<DeserializeGuard<K>> = match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    };
    watcher(api, watcher::Config::default().page_size(PAGE))
        .backoff(WatchWaits::of(K::kind(&())))
        .filter_map(|event| async move {
            event
                .inspect_err(|error| tracing::warn!(%error, kind = %K::kind(&()), "a watch failed"))
                .ok()
        })
}
