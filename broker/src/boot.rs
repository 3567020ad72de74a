//! Puts the broker together, bottom up, runs it until it is told to stop, and takes it apart again.
//! The one file that knows every part.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use arc_swap::ArcSwap;
use millrace_config::BrokerConfig;
use millrace_coordinator::GroupConfig;
use millrace_log::disk::{Disk, SystemDisk};
use millrace_log::{DataDir, Identity, MetaProperties};
use millrace_metadata::MetadataDelta;
use millrace_quorum::{MetadataQuorum, NoTransport, QuorumOptions};
use millrace_replication::{Flusher, Replicas, ReplicasOptions, Topics};
use millrace_server::groups::{GroupKeeper, Groups, GroupsOptions};
use millrace_server::metadata::{
    Committed, Controller, ImageKeeper, MetadataMachine, Publisher, Registration, ReplicaKeeper,
    Subscriber, register, topic_config,
};
use millrace_server::metrics::Metrics;
use millrace_server::{Context, FetchSessions, ProducerIds};
use millrace_types::{Clock, SystemClock, Uuid};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::http::{self, Readiness};
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
    listening: tokio::task::JoinSet<()>,
    periodic: tokio::task::JoinSet<()>,
    publishing: tokio::task::JoinHandle<()>,
    flusher: Arc<Flusher>,
    groups: Arc<Groups>,
    replicas: Arc<Replicas>,
    quorum: MetadataQuorum,
    epoch: i64,
}

impl Broker {
    async fn start(
        settings: Settings,
        readiness: &watch::Sender<Readiness>,
        ready: watch::Receiver<Readiness>,
    ) -> Result<Self> {
        let Settings { raw, config, .. } = settings;
        let node = config.node.id;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let (dirs, cluster_id) = open_dirs(&disk, &config)?;
        let dir_ids = dirs
            .iter()
            .map(|dir| dir.properties().directory_id)
            .collect();

        readiness.send_replace(Readiness::Waiting("opening the metadata log"));
        let committed = Committed::new(&cluster_id);
        let quorum = open_quorum(&config, &disk, &committed).await?;
        let (image, index) = committed.settle();

        readiness.send_replace(Readiness::Waiting("opening the logs"));
        let flusher = Flusher::new(Arc::clone(&clock));
        flusher.start()?;
        let topics = Arc::new(Topics::default());
        let statics = Arc::clone(&raw);
        let options = ReplicasOptions {
            me: node,
            dirs,
            clock: Arc::clone(&clock),
            topic_configs: Box::new(move |image, topic| topic_config(image, topic, node, &statics)),
            recovery_threads: config.storage.recovery_threads_per_dir,
            producer_id_expiration_ms: config.transactions.producer_expiration_ms,
        };
        let replicas = Arc::new(Replicas::new(
            options,
            Arc::clone(&topics),
            Arc::clone(&flusher),
        ));
        let (opening, opened) = (Arc::clone(&replicas), Arc::clone(&image));
        tokio::task::spawn_blocking(move || opening.start(&opened)).await??;

        let (published, seen) = watch::channel(index);
        let controller = Controller::start(
            node,
            Arc::clone(&raw),
            Arc::clone(&committed),
            quorum.clone(),
            seen,
        );
        let groups = Groups::new(GroupsOptions {
            me: node,
            clock: Arc::clone(&clock),
            topics: Arc::clone(&topics),
            config: group_config(&config),
            load_buffer_bytes: config.offsets.topic.load_buffer_bytes,
            commit_timeout_ms: config.offsets.commit_timeout_ms,
            runtime: tokio::runtime::Handle::current(),
        });
        let group_keeper = Arc::new(GroupKeeper(Arc::clone(&groups)));
        group_keeper.metadata_changed(&MetadataDelta::default(), &image);
        let context = Arc::new(Context {
            node,
            clock,
            groups: Arc::clone(&groups),
            quorum: quorum.clone(),
            statics: raw,
            sessions: FetchSessions::new(config.fetch.session_slots),
            disk,
            log_dirs: config.storage.dirs.clone(),
            topics,
            controller: controller.clone(),
            image: ArcSwap::new(image),
            metrics: Metrics::new(Arc::clone(&flusher), Handle::current()),
            producer_ids: ProducerIds::new(node),
            config: ArcSwap::from_pointee(config.clone()),
        });
        let subscribers: Vec<Arc<dyn Subscriber>> = vec![
            Arc::new(ReplicaKeeper(Arc::clone(&replicas))),
            group_keeper,
            Arc::new(ImageKeeper(Arc::clone(&context))),
        ];
        let publishing = tokio::spawn(Publisher::new(committed, subscribers, published).run());

        readiness.send_replace(Readiness::Waiting("registering with the controller"));
        let (shutdown, stopping) = watch::channel(false);
        let bound = listeners::bind(&config, &context, &stopping)?;
        let registration = Registration {
            node,
            cluster_id: cluster_id.as_str().into(),
            rack: config.node.rack.clone(),
            log_dirs: dir_ids,
            listeners: bound.advertised,
            epoch: i64::try_from(index)?.saturating_add(1),
        };
        let epoch = register(&controller, registration).await?;
        let mut listening = tokio::task::JoinSet::new();
        for listener in bound.listeners {
            listening.spawn(listener.run());
        }
        serve_http(&config, ready, &context).await?;
        tracing::info!(%node, cluster = %cluster_id, epoch, "the broker serves");
        let periodic = tasks::start(&replicas, &config, &stopping);
        Ok(Self {
            shutdown,
            listening,
            periodic,
            publishing,
            flusher,
            groups,
            replicas,
            quorum,
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

async fn serve_http(
    config: &BrokerConfig,
    ready: watch::Receiver<Readiness>,
    context: &Arc<Context>,
) -> Result<()> {
    let Some((host, port)) = &config.metrics.listener else {
        return Ok(());
    };
    let address = tokio::net::lookup_host((&**host, *port))
        .await?
        .next()
        .ok_or_else(|| anyhow!("millrace.metrics.listener: {host} has no address"))?;
    let context = Arc::clone(context);
    let bound = http::serve(address, ready, Arc::new(move || context.scrape()))
        .await
        .with_context(|| format!("cannot listen on {address} (millrace.metrics.listener)"))?;
    tracing::info!(%bound, "metrics and health");
    Ok(())
}
