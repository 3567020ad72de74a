//! A broker without sockets: the real parts on a disk in memory and a clock that is moved by hand.

use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use millrace_config::{BrokerConfig, RawConfig};
use millrace_coordinator::GroupConfig;
use millrace_log::disk::{Disk, HostileDisk, MemDisk};
use millrace_log::{DataDir, Identity};
use millrace_quorum::{MetadataQuorum, NoTransport, QuorumOptions};
use millrace_replication::{Flusher, Replicas, ReplicasOptions, Topics};
use millrace_server::groups::{GroupKeeper, Groups, GroupsOptions};
use millrace_server::metadata::{
    Committed, Controller, ImageKeeper, MetadataMachine, Publisher, Registration, ReplicaKeeper,
    Subscriber, register, topic_config,
};
use millrace_server::metrics::Metrics;
use millrace_server::{
    Context, Dispatcher, FetchSessions, Finished, Outcome, Peer, Piece, ProducerIds, Reply, Service,
};
use millrace_types::{Clock, ManualClock, NodeId, Uuid};
use millrace_wire::messages::broker_registration_request::Listener;
use tokio::runtime::Handle;
use tokio::sync::watch;

pub(crate) const NODE: NodeId = NodeId(1);
pub(crate) const NOW: i64 = 1_700_000_000_000;
const CLUSTER: &str = "TWlsbHJhY2VUZXN0MDAwMA";
const DIR: &str = "/data";
const DIR_ID: Uuid = Uuid(*b"directory-number");
const LISTENER: &str = "PLAINTEXT";

/// Far longer than any of these answers takes.
const PATIENCE: Duration = Duration::from_secs(60);

const PROPERTIES: &str = "\
node.id=1
process.roles=broker,controller
listeners=PLAINTEXT://broker.test:9092,CONTROLLER://broker.test:9093
controller.listener.names=CONTROLLER
log.dirs=/data
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
";

/// What became of a request.
pub(crate) enum Answer {
    /// The frame without its length.
    Frame(Bytes),
    Silence,
    Closed(String),
}

pub(crate) struct World {
    pub(crate) context: Arc<Context>,
    pub(crate) clock: Arc<ManualClock>,
    /// Where the logs are. The metadata log has one that never fails.
    pub(crate) disk: HostileDisk,
    connection: Dispatcher,
}

/// A request that has no answer yet.
pub(crate) struct Pending(Pin<Box<dyn Future<Output = Finished> + Send>>);

impl Pending {
    /// Whether there is still none, now that all it could do was done.
    pub(crate) async fn waits(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.0.as_mut().poll(context).is_pending())).await
    }

    pub(crate) async fn answer(self) -> Answer {
        let answered = tokio::time::timeout(PATIENCE, self.0).await;
        Answer::of(answered.expect("every request is answered"))
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// With settings beside the usual ones.
    pub(crate) async fn start_with(settings: &str) -> Self {
        let mut raw = RawConfig::default();
        let properties = format!("{PROPERTIES}{settings}");
        raw.add_file("server.properties", &properties).unwrap();
        let (config, _) = BrokerConfig::from_raw(&raw).unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let memory: Arc<dyn Disk> = Arc::new(MemDisk::new());
        let disk = HostileDisk::new(Arc::clone(&memory));
        let committed = Committed::new(CLUSTER, clock.clone());
        let quorum = MetadataQuorum::open(
            QuorumOptions::new(NODE, vec![NODE], Path::new(DIR).join("metadata")),
            memory,
            Box::new(MetadataMachine::new(Arc::clone(&committed))),
            Arc::new(NoTransport),
        );
        let parts = Parts {
            raw: Arc::new(raw),
            config,
            clock: clock.clone(),
            disk: Arc::new(disk.clone()),
            quorum: quorum.await.unwrap(),
            committed,
        };
        let context = parts.assemble().await;
        Self {
            connection: connect(&context),
            context,
            clock,
            disk,
        }
    }

    /// Hands over a frame, without its length, as a connection does.
    pub(crate) async fn send(&mut self, frame: Bytes) -> Answer {
        self.connection.received();
        match self.connection.call(frame) {
            Outcome::Now(finished) => Answer::of(finished),
            Outcome::Pipelined(waiting) | Outcome::Exclusive(waiting) => {
                Pending(waiting).answer().await
            }
        }
    }

    /// Hands over a frame on a connection of its own, and leaves the answer for later.
    pub(crate) async fn begin(&self, frame: Bytes) -> Pending {
        match connect(&self.context).call(frame) {
            Outcome::Now(_) => panic!("it was answered at once"),
            Outcome::Pipelined(waiting) | Outcome::Exclusive(waiting) => {
                let mut pending = Pending(waiting);
                assert!(pending.waits().await, "it was answered at once");
                pending
            }
        }
    }

    pub(crate) fn topic_id(&self, name: &str) -> Uuid {
        self.context.image().topics.get(name).expect("a topic").id
    }
}

impl Answer {
    fn of(finished: Finished) -> Self {
        match finished {
            Finished::Reply(reply) => Self::Frame(joined(reply)),
            Finished::Silent => Self::Silence,
            Finished::Close(reason) => Self::Closed(reason.to_string()),
        }
    }

    /// The frame of an answer that must be one.
    pub(crate) fn frame(self) -> Bytes {
        match self {
            Self::Frame(frame) => frame,
            Self::Silence => panic!("silence"),
            Self::Closed(reason) => panic!("closed: {reason}"),
        }
    }
}

fn connect(context: &Arc<Context>) -> Dispatcher {
    let peer = Peer {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)),
        listener: LISTENER.into(),
    };
    Dispatcher::new(Arc::clone(context), peer)
}

fn joined(reply: Reply) -> Bytes {
    let mut bytes = Vec::new();
    for piece in reply.into_pieces() {
        match piece {
            Piece::Memory(memory) => bytes.extend_from_slice(&memory),
            Piece::File(slice) => {
                let mut part = vec![0; slice.len as usize];
                slice.file.read_exact_at(&mut part, slice.position).unwrap();
                bytes.extend(part);
            }
        }
    }
    let length = u32::from_be_bytes(*bytes.first_chunk().expect("a length"));
    assert_eq!(bytes.len(), 4 + length as usize, "the frame's length");
    Bytes::from(bytes).slice(4..)
}

struct Parts {
    raw: Arc<RawConfig>,
    config: BrokerConfig,
    clock: Arc<dyn Clock>,
    disk: Arc<dyn Disk>,
    committed: Arc<Committed>,
    quorum: MetadataQuorum,
}

impl Parts {
    async fn assemble(self) -> Arc<Context> {
        let (image, index) = self.committed.settle();
        let flusher = Flusher::new(Arc::clone(&self.clock));
        flusher.start().unwrap();
        let topics = Arc::new(Topics::default());
        let replicas = Arc::new(self.replicas(&topics, &flusher));
        replicas.start(&image).unwrap();
        let groups = self.groups(&topics);
        groups.follow(&image);
        let (published, seen) = watch::channel(index);
        let controller = Controller::start(
            NODE,
            Arc::clone(&self.raw),
            Arc::clone(&self.committed),
            self.quorum.clone(),
            seen,
        );
        let context = Arc::new(Context {
            node: NODE,
            clock: Arc::clone(&self.clock),
            groups: Arc::clone(&groups),
            quorum: self.quorum.clone(),
            statics: Arc::clone(&self.raw),
            sessions: FetchSessions::new(10, 1),
            disk: Arc::clone(&self.disk),
            log_dirs: vec![DIR.into()],
            topics,
            controller: controller.clone(),
            image: ArcSwap::new(image),
            metrics: Metrics::new(flusher, Arc::clone(&self.committed), Handle::current()),
            producer_ids: ProducerIds::new(NODE),
            config: ArcSwap::from_pointee(self.config.clone()),
        });
        let subscribers: Vec<Arc<dyn Subscriber>> = vec![
            Arc::new(ReplicaKeeper(replicas)),
            Arc::new(GroupKeeper(groups)),
            Arc::new(ImageKeeper(Arc::clone(&context))),
        ];
        let publisher = Publisher::new(self.committed, subscribers, published);
        tokio::spawn(publisher.run());
        register(&controller, registration()).await.unwrap();
        context
    }

    fn replicas(&self, topics: &Arc<Topics>, flusher: &Arc<Flusher>) -> Replicas {
        let identity = Identity {
            cluster_id: CLUSTER.to_owned(),
            node_id: NODE,
        };
        let dir = DataDir::open(Arc::clone(&self.disk), Path::new(DIR), &identity, DIR_ID);
        let statics = Arc::clone(&self.raw);
        let options = ReplicasOptions {
            me: NODE,
            dirs: vec![dir.unwrap()],
            clock: Arc::clone(&self.clock),
            topic_configs: Box::new(move |image, topic| topic_config(image, topic, NODE, &statics)),
            recovery_threads: 1,
            producer_id_expiration_ms: self.config.transactions.producer_expiration_ms,
        };
        Replicas::new(options, Arc::clone(topics), Arc::clone(flusher))
    }

    fn groups(&self, topics: &Arc<Topics>) -> Arc<Groups> {
        Groups::new(GroupsOptions {
            me: NODE,
            clock: Arc::clone(&self.clock),
            topics: Arc::clone(topics),
            config: GroupConfig {
                initial_rebalance_delay_ms: 0,
                ..GroupConfig::default()
            },
            load_buffer_bytes: self.config.offsets.topic.load_buffer_bytes,
            commit_timeout_ms: self.config.offsets.commit_timeout_ms,
            runtime: Handle::current(),
        })
    }
}

fn registration() -> Registration {
    Registration {
        node: NODE,
        cluster_id: CLUSTER.into(),
        rack: None,
        log_dirs: vec![DIR_ID],
        listeners: vec![Listener {
            name: LISTENER.into(),
            host: "broker.test".into(),
            port: 9092,
            security_protocol: 0,
        }],
        epoch: 1,
    }
}
