//! Connections, requests, fetches and replication.

use std::sync::Arc;

use crate::address;
use crate::broker::listeners::{ListenerConfig, Listeners};
use crate::findings::Findings;
use crate::keys::Resource;
use crate::settings::BrokerLayers;
use crate::value::Value;
use crate::values::Values;

/// A limit for connections from one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimit {
    pub host: Arc<str>,
    pub connections: usize,
}

/// What a listener has for itself, beside the limits of the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerLimit {
    pub listener: Arc<str>,
    /// `None` is no limit.
    pub connections: Option<usize>,
    /// New connections per second.
    pub connection_rate: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// `None` leaves the size to the system.
    pub send_buffer_bytes: Option<u64>,
    pub receive_buffer_bytes: Option<u64>,
    pub request_max_bytes: usize,
    pub listen_backlog: i32,
    pub max_connections: usize,
    pub max_connections_per_ip: usize,
    pub max_connections_per_ip_overrides: Vec<ConnectionLimit>,
    /// New connections per second.
    pub max_connection_rate: usize,
    pub of_listeners: Vec<ListenerLimit>,
    /// Bytes of requests that are not answered yet, over all connections; `None` leaves the limit
    /// to the broker.
    pub queued_bytes: Option<u64>,
    pub idle_ms: i64,
    /// Partitions in one page of an answer that is given in pages.
    pub max_partitions_per_page: usize,
    /// For connections that this broker opens itself.
    pub request_timeout_ms: i64,
    pub connect_timeout_ms: i64,
    pub connect_timeout_max_ms: i64,
}

impl NetworkConfig {
    pub(crate) fn read(values: &Values, layers: &BrokerLayers<'_>, listeners: &Listeners) -> Self {
        let of_listener = |listener: &ListenerConfig| ListenerLimit {
            listener: Arc::clone(&listener.name),
            connections: count(layers, listener, "max.connections"),
            connection_rate: count(layers, listener, "max.connection.creation.rate"),
        };
        Self {
            send_buffer_bytes: values.limit("socket.send.buffer.bytes"),
            receive_buffer_bytes: values.limit("socket.receive.buffer.bytes"),
            request_max_bytes: values.size("socket.request.max.bytes"),
            listen_backlog: values.int("socket.listen.backlog.size"),
            max_connections: values.size("max.connections"),
            max_connections_per_ip: values.size("max.connections.per.ip"),
            max_connections_per_ip_overrides: overrides(values),
            max_connection_rate: values.size("max.connection.creation.rate"),
            of_listeners: listeners.bound.iter().map(of_listener).collect(),
            queued_bytes: values.limit("queued.max.request.bytes"),
            idle_ms: values.number("connections.max.idle.ms"),
            max_partitions_per_page: values.size("max.request.partition.size.limit"),
            request_timeout_ms: values.number("request.timeout.ms"),
            connect_timeout_ms: values.number("socket.connection.setup.timeout.ms"),
            connect_timeout_max_ms: values.number("socket.connection.setup.timeout.max.ms"),
        }
    }
}

fn count(layers: &BrokerLayers<'_>, listener: &ListenerConfig, name: &str) -> Option<usize> {
    let key = Resource::Broker.key(name)?;
    match layers.of_listener(&listener.name, key)? {
        Value::Int(count) => usize::try_from(count).ok(),
        _ => None,
    }
}

fn overrides(values: &Values) -> Vec<ConnectionLimit> {
    let text = values.text("max.connections.per.ip.overrides");
    // The table's check lets no other form in.
    let counts = address::counts(text.unwrap_or_default()).unwrap_or_default();
    let limit = |(host, connections): (&str, usize)| ConnectionLimit {
        host: host.into(),
        connections,
    };
    counts.into_iter().map(limit).collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchConfig {
    pub max_bytes: usize,
    pub session_slots: usize,
}

impl FetchConfig {
    pub(crate) fn read(values: &Values) -> Self {
        Self {
            max_bytes: values.size("fetch.max.bytes"),
            session_slots: values.size("max.incremental.fetch.session.cache.slots"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationConfig {
    pub fetchers: usize,
    pub fetch_backoff_ms: i64,
    pub fetch_max_bytes: usize,
    pub fetch_min_bytes: usize,
    pub fetch_response_max_bytes: usize,
    pub fetch_wait_max_ms: i64,
    pub lag_time_max_ms: i64,
    pub socket_receive_buffer_bytes: Option<u64>,
    pub socket_timeout_ms: i64,
    /// Consumers are sent to a replica in their own rack.
    pub read_from_own_rack: bool,
    pub auto_rebalance_leaders: bool,
    pub rebalance_check_ms: i64,
}

impl ReplicationConfig {
    pub(crate) fn read(values: &Values) -> Self {
        let selector = values.text("replica.selector.class").unwrap_or_default();
        let check_seconds = values.number("leader.imbalance.check.interval.seconds");
        Self {
            fetchers: values.size("num.replica.fetchers"),
            fetch_backoff_ms: values.number("replica.fetch.backoff.ms"),
            fetch_max_bytes: values.size("replica.fetch.max.bytes"),
            fetch_min_bytes: values.size("replica.fetch.min.bytes"),
            fetch_response_max_bytes: values.size("replica.fetch.response.max.bytes"),
            fetch_wait_max_ms: values.number("replica.fetch.wait.max.ms"),
            lag_time_max_ms: values.number("replica.lag.time.max.ms"),
            socket_receive_buffer_bytes: values.limit("replica.socket.receive.buffer.bytes"),
            socket_timeout_ms: values.number("replica.socket.timeout.ms"),
            read_from_own_rack: selector.ends_with("RackAwareReplicaSelector"),
            auto_rebalance_leaders: values.flag("auto.leader.rebalance.enable"),
            rebalance_check_ms: check_seconds.saturating_mul(1000),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsConfig {
    /// Host and port of /metrics, /healthz and /readyz; `None` opens nothing.
    pub listener: Option<(Arc<str>, u16)>,
    /// Somebody asked for this address; otherwise another port does as well.
    pub listener_was_said: bool,
    pub telemetry_max_bytes: usize,
}

impl MetricsConfig {
    pub(crate) fn read(values: &Values, findings: &mut Findings<'_>) -> Self {
        const KEY: &str = "millrace.metrics.listener";
        let said = values.text(KEY);
        let listener = said.and_then(address::split);
        if let (Some(text), None) = (said, listener) {
            findings.refuse(KEY, format!("{text:?} is not of the form host:port"));
        }
        Self {
            listener: listener.map(|(host, port)| (host.into(), port)),
            listener_was_said: findings.was_said(KEY),
            telemetry_max_bytes: values.size("telemetry.max.bytes"),
        }
    }
}
