//! The broker's listeners: what they are bound to, and under which addresses clients hear of them.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use millrace_config::{BrokerConfig, ConnectionLimit, ListenerConfig, NetworkConfig};
use millrace_metadata::image::configs::ResourceKind;
use millrace_metadata::{MetadataDelta, MetadataImage};
use millrace_server::metadata::Subscriber;
use millrace_server::{
    AdmissionLimits, ConnectionLimits, Context, Dispatcher, Listener, ListenerLimits,
    ListenerShare, Peer, RequestMemory, ServiceFactory,
};
use millrace_wire::messages::broker_registration_request::Listener as Advertised;
use tokio::sync::watch;

use crate::limits;

/// `PLAINTEXT` as the protocol numbers it; the configuration refuses the others so far.
const PLAINTEXT: i16 = 0;

/// Makes a dispatcher for each connection of one listener.
pub(crate) struct Dispatchers {
    context: Arc<Context>,
    listener: Arc<str>,
}

impl ServiceFactory for Dispatchers {
    type Service = Dispatcher;

    fn connect(self: &Arc<Self>, peer: SocketAddr) -> Dispatcher {
        let peer = Peer {
            address: peer,
            listener: Arc::clone(&self.listener),
        };
        Dispatcher::new(Arc::clone(&self.context), peer)
    }
}

/// Every listener, bound but not accepting yet.
pub(crate) struct Bound {
    pub(crate) listeners: Vec<Listener<Dispatchers>>,
    pub(crate) advertised: Vec<Advertised>,
}

/// Binds what clients connect to. Controllers of a fleet of one need no listener.
pub(crate) fn bind(
    config: &BrokerConfig,
    context: &Arc<Context>,
    shutdown: &watch::Receiver<bool>,
) -> Result<Bound> {
    let limits = listener_limits(&config.network);
    context
        .metrics
        .connections
        .set_limits(admission_limits(config));
    let mut bound = Bound {
        listeners: Vec::new(),
        advertised: Vec::new(),
    };
    for listener in &config.listeners.bound {
        if config.listeners.controllers.contains(&listener.name) {
            continue;
        }
        let address = resolve(listener)?;
        let factory = Arc::new(Dispatchers {
            context: Arc::clone(context),
            listener: Arc::clone(&listener.name),
        });
        let socket = Listener::bind(
            Arc::clone(&listener.name),
            address,
            factory,
            limits.clone(),
            Arc::clone(&context.metrics.connections),
            shutdown.clone(),
        )
        .with_context(|| format!("cannot listen on {} ({address})", listener.name))?;
        let port = socket.local_addr()?.port();
        tracing::info!(listener = %listener.name, %address, port, "listening");
        bound.advertised.push(advertise(config, listener, port));
        bound.listeners.push(socket);
    }
    Ok(bound)
}

fn resolve(listener: &ListenerConfig) -> Result<SocketAddr> {
    let host = if listener.host.is_empty() {
        "0.0.0.0"
    } else {
        &*listener.host
    };
    (host, listener.port)
        .to_socket_addrs()
        .with_context(|| format!("listener {}: cannot resolve {host}", listener.name))?
        .next()
        .with_context(|| format!("listener {}: {host} has no address", listener.name))
}

fn advertise(config: &BrokerConfig, listener: &ListenerConfig, bound_port: u16) -> Advertised {
    let configured = config
        .listeners
        .advertised
        .iter()
        .find(|advertised| advertised.name == listener.name);
    let advertised = configured.unwrap_or(listener);
    Advertised {
        name: Arc::clone(&listener.name),
        host: match &*advertised.host {
            "" => own_name(),
            _ => Arc::clone(&advertised.host),
        },
        // Port 0 is "any": clients need to know which.
        port: if advertised.port == 0 {
            bound_port
        } else {
            advertised.port
        },
        security_protocol: PLAINTEXT,
    }
}

/// What this machine is called, for a listener on all of its addresses.
fn own_name() -> Arc<str> {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into()
}

fn listener_limits(network: &NetworkConfig) -> ListenerLimits {
    let buffer = |bytes: Option<u64>| bytes.and_then(|bytes| u32::try_from(bytes).ok());
    let request_bytes = network.queued_bytes.unwrap_or_else(limits::request_bytes);
    ListenerLimits {
        backlog: u32::try_from(network.listen_backlog).unwrap_or(0),
        descriptors: limits::descriptors_for_connections(),
        send_buffer_bytes: buffer(network.send_buffer_bytes),
        receive_buffer_bytes: buffer(network.receive_buffer_bytes),
        connection: ConnectionLimits {
            frame_bytes_max: network.request_max_bytes,
            idle: Duration::from_millis(u64::try_from(network.idle_ms).unwrap_or(u64::MAX)),
            memory: RequestMemory::new(request_bytes),
        },
    }
}

/// Keeps the limits on connections at what the settings say now.
pub(crate) struct ConnectionLimiter(pub(crate) Arc<Context>);

impl Subscriber for ConnectionLimiter {
    fn metadata_changed(&self, delta: &MetadataDelta, _: &Arc<MetadataImage>) {
        let mut changed = delta.configs.iter();
        if changed.any(|resource| resource.kind == ResourceKind::Broker) {
            let limits = admission_limits(&self.0.config.load());
            self.0.metrics.connections.set_limits(limits);
        }
    }
}

fn admission_limits(config: &BrokerConfig) -> AdmissionLimits {
    let network = &config.network;
    let listeners = network.of_listeners.iter().map(|own| {
        let share = ListenerShare {
            connections: own.connections.unwrap_or(usize::MAX),
            per_second: own.connection_rate.unwrap_or(usize::MAX),
        };
        (Arc::clone(&own.listener), share)
    });
    // With one listener there is nobody to protect it from.
    let protected = config.listeners.inter_broker.clone();
    AdmissionLimits {
        connections: network.max_connections,
        per_address: network.max_connections_per_ip,
        of_address: network
            .max_connections_per_ip_overrides
            .iter()
            .flat_map(of_host)
            .collect(),
        per_second: network.max_connection_rate,
        of_listener: listeners.collect(),
        protected: protected.filter(|_| config.listeners.advertised.len() > 1),
    }
}

/// The limit for every address that a host has.
fn of_host(limit: &ConnectionLimit) -> Vec<(IpAddr, usize)> {
    let (host, connections) = (&*limit.host, limit.connections);
    match (host, 0).to_socket_addrs() {
        Ok(addresses) => addresses
            .map(|address| (address.ip().to_canonical(), connections))
            .collect(),
        Err(error) => {
            tracing::warn!(host, %error, "max.connections.per.ip.overrides names an unknown host");
            Vec::new()
        }
    }
}
