//! The client: connections by address, and the cluster's layout as it was last seen. Which broker
//! a call belongs to is decided in `routing`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_types::NodeId;
use millrace_wire::Request;
use millrace_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use parking_lot::{Mutex, RwLock};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::error::ClientError;
use crate::metadata::{ClusterView, TopicView};
use crate::options::ClientOptions;

type Result<T> = std::result::Result<T, ClientError>;

/// A cheap handle; clones share connections and what is known of the cluster.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    connections: Arc<Connections>,
}

struct Shared {
    options: ClientOptions,
    view: RwLock<Seen>,
}

/// One cell per address, so that callers who want the same broker wait for one connection.
type Connections = Mutex<HashMap<Arc<str>, Arc<OnceCell<Connection>>>>;

#[derive(Default)]
struct Seen {
    view: Arc<ClusterView>,
    at: Option<Instant>,
}

/// Which topics a look at the cluster is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Topics<'a> {
    None,
    All,
    Named(&'a [Arc<str>]),
}

impl Client {
    /// Connects to nothing yet.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                options,
                view: RwLock::default(),
            }),
            connections: Arc::default(),
        }
    }

    /// The same client with connections of its own. A broker answers a connection's requests one
    /// after the other, so a call that it parks holds up everything behind: whoever waits on
    /// purpose does so on its own.
    #[must_use]
    pub fn separate(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            connections: Arc::default(),
        }
    }

    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.shared.options
    }

    /// The cluster as it was last seen, without asking.
    #[must_use]
    pub fn last_view(&self) -> Arc<ClusterView> {
        Arc::clone(&self.shared.view.read().view)
    }

    /// Brokers and every topic, asked for now.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn view_all(&self) -> Result<Arc<ClusterView>> {
        self.look(Topics::All, false).await
    }

    /// One topic, from what is known when that is fresh.
    ///
    /// # Errors
    /// What the broker says about a topic that cannot be used.
    pub async fn topic(&self, name: &Arc<str>) -> Result<TopicView> {
        if let Some(topic) = self.fresh_view().and_then(|v| v.topics.get(name).cloned()) {
            return Ok(topic);
        }
        self.topic_now(name, false).await
    }

    /// One topic, asked for now; `create` lets the broker make it where it may.
    ///
    /// # Errors
    /// What the broker says about a topic that cannot be used.
    pub async fn topic_now(&self, name: &Arc<str>, create: bool) -> Result<TopicView> {
        let names = std::slice::from_ref(name);
        let view = self.look(Topics::Named(names), create).await?;
        match (view.topics.get(name), view.errors.get(name)) {
            (Some(topic), _) => Ok(topic.clone()),
            (None, Some(&code)) => {
                let message = Some(format!("topic {name}").into());
                Err(ClientError::Server { code, message })
            }
            (None, None) => Err(ClientError::Incomplete {
                api: MetadataRequest::KEY,
                what: format!("topic {name}"),
            }),
        }
    }

    /// What is known of the cluster, if it is not too old.
    pub(crate) fn fresh_view(&self) -> Option<Arc<ClusterView>> {
        let seen = self.shared.view.read();
        let fresh = seen.at?.elapsed() < self.options().metadata_max_age;
        fresh.then(|| Arc::clone(&seen.view))
    }

    /// Asks any broker, one after the other until one answers.
    pub(crate) async fn look(&self, topics: Topics<'_>, create: bool) -> Result<Arc<ClusterView>> {
        let named = |name: &Arc<str>| MetadataRequestTopic {
            name: Some(Arc::clone(name)),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: match topics {
                Topics::None => Some(Vec::new()),
                Topics::All => None,
                Topics::Named(names) => Some(names.iter().map(named).collect()),
            },
            allow_auto_topic_creation: create,
            ..MetadataRequest::default()
        };
        let answer = self.call_any(&request).await?;
        let max_age = self.options().metadata_max_age;
        let mut seen = self.shared.view.write();
        // What is too old is forgotten as a whole, and looked for again where it is needed.
        let kept = match topics {
            Topics::All => None,
            Topics::None | Topics::Named(_) => seen.at.filter(|at| at.elapsed() < max_age),
        };
        let view = match kept {
            Some(_) => seen.view.merged(&answer),
            None => ClusterView::default().merged(&answer),
        };
        let view = Arc::new(view);
        *seen = Seen {
            view: Arc::clone(&view),
            at: Some(kept.unwrap_or_else(Instant::now)),
        };
        Ok(view)
    }

    /// Sends a call that any broker can answer to one that can be reached.
    ///
    /// # Errors
    /// The last one's error when none can.
    pub async fn call_any<R: Request>(&self, request: &R) -> Result<R::Response> {
        let mut last = None;
        for address in self.addresses() {
            match self.call_address(&address, request, Duration::ZERO).await {
                Err(error) if error.retryable() => last = Some(Arc::new(error)),
                outcome => return outcome,
            }
        }
        Err(ClientError::NoBootstrapServer {
            servers: self.options().bootstrap.clone(),
            source: last,
        })
    }

    /// Sends a call to one broker. `patience` is how long the broker may take on purpose, on top
    /// of the usual time.
    ///
    /// # Errors
    /// When the node is not known, cannot be reached or does not answer.
    pub async fn call_node<R: Request>(
        &self,
        node: NodeId,
        request: &R,
        patience: Duration,
    ) -> Result<R::Response> {
        let address = self.address(node)?;
        self.call_address(&address, request, patience).await
    }

    /// Sends a call that has no answer to one broker.
    ///
    /// # Errors
    /// When the node is not known or cannot be reached.
    pub async fn send_node<R: Request>(&self, node: NodeId, request: &R) -> Result<()> {
        let connection = self.connection(&self.address(node)?).await?;
        connection.send(request).await
    }

    async fn call_address<R: Request>(
        &self,
        address: &Arc<str>,
        request: &R,
        patience: Duration,
    ) -> Result<R::Response> {
        let connection = self.connection(address).await?;
        let timeout = self.options().request_timeout + patience;
        connection.call(request, timeout).await
    }

    fn address(&self, node: NodeId) -> Result<Arc<str>> {
        let view = self.last_view();
        let broker = view.brokers.get(&node);
        let broker = broker.ok_or(ClientError::UnknownNode { node: node.0 })?;
        Ok(address_of(&broker.host, broker.port))
    }

    /// Brokers that are known, the ones connected to first, then where it all began.
    fn addresses(&self) -> Vec<Arc<str>> {
        let view = self.last_view();
        let brokers = view.brokers.values();
        let mut known: Vec<_> = brokers.map(|b| address_of(&b.host, b.port)).collect();
        {
            let connections = self.connections.lock();
            let open = |address: &Arc<str>| {
                let cell = connections.get(address).and_then(|cell| cell.get());
                cell.is_some_and(|connection| !connection.is_closed())
            };
            known.sort_by_key(|address| !open(address));
        }
        let bootstrap = self.options().bootstrap.iter();
        known.extend(bootstrap.map(|address| Arc::from(address.as_str())));
        known
    }

    async fn connection(&self, address: &Arc<str>) -> Result<Connection> {
        let cell = {
            let mut connections = self.connections.lock();
            let cell = connections.entry(Arc::clone(address)).or_default();
            if cell.get().is_some_and(Connection::is_closed) {
                *cell = Arc::default();
            }
            Arc::clone(cell)
        };
        let open = || async {
            let (host, port) = split_address(address).ok_or_else(|| ClientError::Unreachable {
                address: Arc::clone(address),
                source: Arc::new(std::io::ErrorKind::InvalidInput.into()),
            })?;
            Connection::open(host, port, self.options()).await
        };
        cell.get_or_try_init(open).await.cloned()
    }
}

fn address_of(host: &str, port: u16) -> Arc<str> {
    if host.contains(':') {
        format!("[{host}]:{port}").into()
    } else {
        format!("{host}:{port}").into()
    }
}

fn split_address(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    Some((host, port.parse().ok()?))
}
