//! The broker's listeners: what they are bound to, and under which addresses clients hear of them.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use millrace_config::{BrokerConfig, ListenerConfig, NetworkConfig};
use millrace_server::{
    ConnectionLimits, Context, Dispatcher, Listener, ListenerLimits, Peer, ServiceFactory,
};
use millrace_wire::messages::broker_registration_request::Listener as Advertised;
use tokio::sync::watch;

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
    let limits = limits(&config.network);
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

fn limits(network: &NetworkConfig) -> ListenerLimits {
    let buffer = |bytes: Option<u64>| bytes.and_then(|bytes| u32::try_from(bytes).ok());
    ListenerLimits {
        backlog: u32::try_from(network.listen_backlog).unwrap_or(0),
        connections_max: network.max_connections,
        connections_per_ip_max: network.max_connections_per_ip,
        send_buffer_bytes: buffer(network.send_buffer_bytes),
        receive_buffer_bytes: buffer(network.receive_buffer_bytes),
        connection: ConnectionLimits {
            frame_bytes_max: network.request_max_bytes,
            idle: Duration::from_millis(u64::try_from(network.idle_ms).unwrap_or(u64::MAX)),
        },
    }
}
