//! Broker settings: value providers, metrics, and keys that only old files hold.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "config.providers": List = "", Any, ClusterWide, Served,
        "Names of the sources that values like `${name:...}` are read from: env, file, directory.";
    "kafka.metrics.polling.interval.secs": Int = "10", Min(1), ReadOnly, NoEffect,
        "Accepted; metrics are read when they are asked for.";
    "kafka.metrics.reporters": List = "", Any, ReadOnly, NoEffect,
        "Accepted; metrics are offered on millrace.metrics.listener.";
    "metric.reporters": List = "org.apache.kafka.common.metrics.JmxReporter", Any, ClusterWide, NoEffect,
        "Accepted; metrics are offered on millrace.metrics.listener.";
    "auto.include.jmx.reporter": Boolean = "true", Any, ReadOnly, NoEffect,
        "Accepted for old files; metrics are offered on millrace.metrics.listener.";
    "metrics.num.samples": Int = "2", Min(1), ReadOnly, NoEffect,
        "Accepted; rates are left to whoever reads the metrics.";
    "metrics.recording.level": String = "INFO", Any, ReadOnly, NoEffect,
        "Accepted; every metric is always kept.";
    "metrics.sample.window.ms": Long = "30000", Min(1), ReadOnly, NoEffect,
        "Accepted; rates are left to whoever reads the metrics.";
    "telemetry.max.bytes": Int = "1048576", Min(1), ReadOnly, NotYet,
        "Largest block of metrics a client may send.";
    "millrace.metrics.listener": String = "127.0.0.1:9404", Any, ReadOnly, Served,
        "Address of /metrics, /healthz and /readyz; empty opens none. When this is not set and its port is taken, a free one is used and named in the log.";
    "zookeeper.connect": String = none, Any, ReadOnly, NoEffect,
        "Accepted for old files; there is no ZooKeeper.";
    "zookeeper.connection.timeout.ms": Int = none, Any, ReadOnly, NoEffect,
        "Accepted for old files; there is no ZooKeeper.";
    "zookeeper.session.timeout.ms": Int = "18000", Any, ReadOnly, NoEffect,
        "Accepted for old files; there is no ZooKeeper.";
    "zookeeper.set.acl": Boolean = "false", Any, ReadOnly, NoEffect,
        "Accepted for old files; there is no ZooKeeper.";
    "inter.broker.protocol.version": String = none, Any, ReadOnly, NoEffect,
        "Accepted for old files; versions are agreed on connection by connection.";
    "log.message.format.version": String = none, Any, ReadOnly, NoEffect,
        "Accepted for old files; records are stored in format 2.";
    "broker.id.generation.enable": Boolean = "true", Any, ReadOnly, NoEffect,
        "Accepted for old files; node.id names the node.";
    "reserved.broker.max.id": Int = "1000", Any, ReadOnly, NoEffect,
        "Accepted for old files; node.id names the node.";
}
