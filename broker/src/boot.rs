//! Puts the broker together, bottom up, runs it until it is told to stop, and takes it apart again.
//! The one file that knows every part.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use arc_swap::ArcSwap;
use millrace_config::{BrokerConfig, RawConfig};
use millrace_coordinator::GroupConfig;
use millrace_log::disk::{Disk, SystemDisk};
use millrace_log::{DataDir, Identity, MetaProperties};
use millrace_metadata::MetadataImage;
use millrace_quorum::{MetadataQuorum, NoTransport, QuorumOptions};
use millrace_replication::{Flusher, Replicas, ReplicasOptions, Topics};
use millrace_server::groups::{GroupKeeper, Groups, GroupsOptions};
use millrace_server::metadata::{
    Committed, Controller, ImageKeeper, MetadataMachine, Publisher, Registration, ReplicaKeeper,
    Subscriber, current_config, register, topic_config,
};
use millrace_server::metrics::Metrics;
use millrace_server::{Context, FetchSessions, ProducerIds};
use millrace_types::{Clock, SystemClock, Uuid};
use millrace_wire::messages::broker_registration_request::Listener as Advertised;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::http::{self, Readiness};
use crate::listeners::ConnectionLimiter;
use crate::settings::Settings;
use crate::{limits, listeners, tasks};

/// Where in the metadata directory the quorum keeps its log.
const METADATA_LOG: &str = "__cluster_metadata";
const META_PROPERTIES: &str = "meta.properties";

/// Runs the broker until SIGTERM or SIGINT.
pub(crate) fn run(settings: Settings) -> Result<()> {
    limits::raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(settings))
}

async fn serve(settings: Settings) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (readiness, ready) = watch::channel(Readiness::Waiting("opening the data directories"));
    let broker = Broker::start(settings, &readiness, ready).await?;
    readiness.send_replace(Readiness::Ready);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    readiness.send_replace(Readiness::Waiting("stopping"));
    broker.stop().await
}

/// A running broker, as far as it has to be taken apart.
struct Broker {
    shutdown: watch::Sender<bool>,
    listening: JoinSet<()>,
    periodic: JoinSet<()>,
    publishing: JoinHandle<()>,
    flusher: Arc<Flusher>,
    groups: Arc<Groups>,
    replicas: Arc<Replicas>,
    quorum: MetadataQuorum,
    epoch: i64,
}

/// What everything else stands on: the settings, the disk, and the metadata as it was left.
struct Foundations {
    raw: Arc<RawConfig>,
    config: BrokerConfig,
    clock: Arc<dyn Clock>,
    disk: Arc<dyn Disk>,
    cluster_id: String,
    dir_ids: Vec<Uuid>,
    committed: Arc<Committed>,
    quorum: MetadataQuorum,
    image: Arc<MetadataImage>,
    /// The last step of the metadata log that `image` has.
    index: u64,
}

/// The logs of this broker, and what works on them.
struct Logs {
    topics: Arc<Topics>,
    flusher: Arc<Flusher>,
    replicas: Arc<Replicas>,
}

impl Foundations {
    async fn open(
        settings: Settings,
        readiness: &watch::Sender<Readiness>,
    ) -> Result<(Self, Vec<DataDir>)> {
        let Settings { raw, config, .. } = settings;
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let (dirs, cluster_id) = open_dirs(&disk, &config)?;
        readiness.send_replace(Readiness::Waiting("opening the metadata log"));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let committed = Committed::new(&cluster_id, Arc::clone(&clock));
        let quorum = open_quorum(&config, &disk, &committed).await?;
        let (image, index) = committed.settle();
        // What was changed while the broker ran before holds from the start.
        let config = current_config(&image, &config, &raw);
        let opened = Self {
            raw,
            config,
            clock,
            disk,
            cluster_id,
            dir_ids: dirs
                .iter()
                .map(|dir| dir.properties().directory_id)
                .collect(),
            committed,
            quorum,
            image,
            index,
        };
        Ok((opened, dirs))
    }

    async fn open_logs(&self, dirs: Vec<DataDir>) -> Result<Logs> {
        let node = self.config.node.id;
        let flusher = Flusher::new(Arc::clone(&self.clock));
        flusher.start()?;
        let topics = Arc::new(Topics::default());
        let statics = Arc::clone(&self.raw);
        let options = ReplicasOptions {
            me: node,
            dirs,
            clock: Arc::clone(&self.clock),
            topic_configs: Box::new(move |image, topic| topic_config(image, topic, node, &statics)),
            recovery_threads: self.config.storage.recovery_threads_per_dir,
            producer_id_expiration_ms: self.config.transactions.producer_expiration_ms,
        };
        let replicas = Replicas::new(options, Arc::clone(&topics), Arc::clone(&flusher));
        let replicas = Arc::new(replicas);
        let (opening, image) = (Arc::clone(&replicas), Arc::clone(&self.image));
        tokio::task::spawn_blocking(move || opening.start(&image)).await??;
        Ok(Logs {
            topics,
            flusher,
            replicas,
        })
    }

    fn open_groups(&self, logs: &Logs) -> Arc<Groups> {
        let groups = Groups::new(GroupsOptions {
            me: self.config.node.id,
            clock: Arc::clone(&self.clock),
            topics: Arc::clone(&logs.topics),
            config: group_config(&self.config),
            load_buffer_bytes: self.config.offsets.topic.load_buffer_bytes,
            commit_timeout_ms: self.config.offsets.commit_timeout_ms,
            runtime: Handle::current(),
        });
        groups.follow(&self.image);
        groups
    }

    fn context(&self, logs: &Logs, groups: &Arc<Groups>, controller: &Controller) -> Arc<Context> {
        let node = self.config.node.id;
        Arc::new(Context {
            node,
            clock: Arc::clone(&self.clock),
            groups: Arc::clone(groups),
            quorum: self.quorum.clone(),
            statics: Arc::clone(&self.raw),
            sessions: FetchSessions::new(self.config.fetch.session_slots, random_number()),
            disk: Arc::clone(&self.disk),
            log_dirs: self.config.storage.dirs.clone(),
            topics: Arc::clone(&logs.topics),
            controller: controller.clone(),
            image: ArcSwap::new(Arc::clone(&self.image)),
            metrics: Metrics::new(
                Arc::clone(&logs.flusher),
                Arc::clone(&self.committed),
                Handle::current(),
            ),
            producer_ids: ProducerIds::new(node),
            config: ArcSwap::from_pointee(self.config.clone()),
        })
    }

    fn registration(&self, listeners: Vec<Advertised>) -> Result<Registration> {
        Ok(Registration {
            node: self.config.node.id,
            cluster_id: self.cluster_id.as_str().into(),
            rack: self.config.node.rack.clone(),
            log_dirs: self.dir_ids.clone(),
            listeners,
            epoch: i64::try_from(self.index)?.saturating_add(1),
        })
    }
}

impl Broker {
    async fn start(
        settings: Settings,
        readiness: &watch::Sender<Readiness>,
        ready: watch::Receiver<Readiness>,
    ) -> Result<Self> {
        let (base, dirs) = Foundations::open(settings, readiness).await?;
        readiness.send_replace(Readiness::Waiting("opening the logs"));
        let logs = base.open_logs(dirs).await?;
        let groups = base.open_groups(&logs);

        let (published, seen) = watch::channel(base.index);
        let controller = Controller::start(
            base.config.node.id,
            Arc::clone(&base.raw),
            Arc::clone(&base.committed),
            base.quorum.clone(),
            seen,
        );
        let context = base.context(&logs, &groups, &controller);
        let subscribers: Vec<Arc<dyn Subscriber>> = vec![
            Arc::new(ReplicaKeeper(Arc::clone(&logs.replicas))),
            Arc::new(GroupKeeper(Arc::clone(&groups))),
            Arc::new(ImageKeeper(Arc::clone(&context))),
            Arc::new(ConnectionLimiter(Arc::clone(&context))),
        ];
        let publisher = Publisher::new(Arc::clone(&base.committed), subscribers, published);
        let publishing = tokio::spawn(publisher.run());

        readiness.send_replace(Readiness::Waiting("registering with the controller"));
        let (shutdown, stopping) = watch::channel(false);
        let bound = listeners::bind(&base.config, &context, &stopping)?;
        let registration = base.registration(bound.advertised)?;
        let epoch = register(&controller, registration).await?;
        let mut listening = JoinSet::new();
        for listener in bound.listeners {
            listening.spawn(listener.run());
        }
        let scraped = Arc::clone(&context);
        let metrics = Arc::new(move || scraped.scrape());
        http::start(&base.config, ready, metrics).await?;
        tracing::info!(node = %context.node, cluster = %base.cluster_id, epoch, "the broker serves");
        Ok(Self {
            shutdown,
            listening,
            periodic: tasks::start(&logs.replicas, &base.config, &stopping),
            publishing,
            flusher: logs.flusher,
            groups,
            replicas: logs.replicas,
            quorum: base.quorum,
            epoch,
        })
    }

    /// Answers what was promised, makes everything durable, and lets go.
    async fn stop(mut self) -> Result<()> {
        self.shutdown.send_replace(true);
        while self.listening.join_next().await.is_some() {}
        self.groups.stop();
        self.replicas.stop_cleaning();
        while self.periodic.join_next().await.is_some() {}
        self.publishing.abort();
        // Only its cancellation can be the outcome.
        let _cancelled = self.publishing.await;
        let replicas = Arc::into_inner(self.replicas)
            .ok_or_else(|| anyhow!("somebody still works with the logs"))?;
        let epoch = self.epoch;
        let closed = tokio::task::spawn_blocking(move || replicas.close(epoch)).await?;
        self.flusher.close();
        self.quorum.shutdown().await;
        tracing::info!(clean = closed, "stopped");
        Ok(())
    }
}

fn random_number() -> i32 {
    let bytes = Uuid::random().0;
    i32::from_ne_bytes(*bytes.last_chunk().expect("an id has 16 bytes"))
}

/// Takes the data directories into use. A first start makes up the cluster's id.
fn open_dirs(disk: &Arc<dyn Disk>, config: &BrokerConfig) -> Result<(Vec<DataDir>, String)> {
    let paths = &config.storage.dirs;
    let mut known = None;
    for path in paths {
        known = known.or(MetaProperties::read(&**disk, &path.join(META_PROPERTIES))?);
    }
    let cluster_id = known.map_or_else(|| Uuid::random().to_string(), |known| known.cluster_id);
    let identity = Identity {
        cluster_id: cluster_id.clone(),
        node_id: config.node.id,
    };
    let open = |path: &PathBuf| {
        DataDir::open(Arc::clone(disk), path, &identity, Uuid::random())
            .with_context(|| format!("cannot use the data directory {}", path.display()))
    };
    let dirs: Result<Vec<_>> = paths.iter().map(open).collect();
    Ok((dirs?, cluster_id))
}

fn group_config(config: &BrokerConfig) -> GroupConfig {
    let classic = &config.groups.classic;
    let millis = |millis: i64| i32::try_from(millis).unwrap_or(i32::MAX);
    GroupConfig {
        min_session_timeout_ms: millis(classic.min_session_timeout_ms),
        max_session_timeout_ms: millis(classic.max_session_timeout_ms),
        initial_rebalance_delay_ms: millis(classic.initial_rebalance_delay_ms),
        max_size: classic.max_size,
        offset_metadata_max_bytes: config.offsets.max_metadata_bytes,
        offsets_retention_ms: config.offsets.retention_ms,
        offsets_retention_check_interval_ms: config.offsets.retention_check_ms,
    }
}

async fn open_quorum(
    config: &BrokerConfig,
    disk: &Arc<dyn Disk>,
    committed: &Arc<Committed>,
) -> Result<MetadataQuorum> {
    let node = config.node.id;
    let dir: &Path = &config.metadata_log.dir;
    let options = QuorumOptions::new(node, vec![node], dir.join(METADATA_LOG));
    let machine = Box::new(MetadataMachine::new(Arc::clone(committed)));
    MetadataQuorum::open(options, Arc::clone(disk), machine, Arc::new(NoTransport))
        .await
        .context("cannot open the metadata log")
}
