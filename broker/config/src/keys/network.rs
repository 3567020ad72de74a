//! Broker settings: listeners, connections and requests.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "advertised.listeners": List = none, Any, ReadOnly, Served,
        "Addresses clients are told to use; the listeners themselves when not set.";
    "early.start.listeners": List = none, Any, ReadOnly, NoEffect,
        "Accepted; every listener opens as soon as it can answer.";
    "inter.broker.listener.name": String = none, Any, ReadOnly, Served,
        "Listener on which brokers talk to each other.";
    "listener.security.protocol.map": String = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", Any, ReadOnly, Served,
        "Security protocol of each listener name.";
    "listeners": List = "PLAINTEXT://:9092", Any, ReadOnly, Served,
        "Addresses to listen on, as `NAME://host:port`; an empty host is every interface.";
    "security.inter.broker.protocol": String = "PLAINTEXT", OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]), ReadOnly, Served,
        "Security protocol between brokers when no inter-broker listener is named.";
    "connections.max.idle.ms": Long = "600000", Any, ReadOnly, Served,
        "Idle time after which a connection is closed.";
    "connections.max.reauth.ms": Long = "0", Any, ReadOnly, NotYet,
        "Longest time a SASL session lives before the client must log in again; 0 is no limit.";
    "connection.failed.authentication.delay.ms": Int = "100", Min(0), ReadOnly, NotYet,
        "Wait before a connection that failed to log in is closed.";
    "max.connection.creation.rate": Int = "2147483647", Min(0), ClusterWide, Served,
        "New connections accepted in a second; others wait. Also as `listener.name.NAME.max.connection.creation.rate`.";
    "max.connections": Int = "2147483647", Min(0), ClusterWide, Served,
        "Connections open on the broker at once; others wait, except for those of brokers, for which the client that was silent for longest leaves. Also as `listener.name.NAME.max.connections`.";
    "max.connections.per.ip": Int = "2147483647", Min(0), ClusterWide, Served,
        "Connections open from one address at once; others are closed.";
    "max.connections.per.ip.overrides": String = "", HostCounts, ClusterWide, Served,
        "Connections open from particular addresses at once, in place of max.connections.per.ip.";
    "max.request.partition.size.limit": Int = "2000", Min(1), ReadOnly, Served,
        "Most partitions in one answer that is given in pages.";
    "num.io.threads": Int = "8", Min(1), ClusterWide, NoEffect,
        "Accepted; requests run on the async runtime, which needs no pool of its own.";
    "num.network.threads": Int = "3", Min(1), ClusterWide, NoEffect,
        "Accepted; connections run on the async runtime, which needs no pool of its own.";
    "queued.max.request.bytes": Long = "-1", Any, ReadOnly, Served,
        "Bytes of requests being received or handled before reading stops; -1 is an eighth of the memory that the process may use.";
    "queued.max.requests": Int = "500", Min(1), ReadOnly, NoEffect,
        "Accepted; a request is handled as soon as it is received, and waits in no queue.";
    "request.timeout.ms": Int = "30000", Any, ReadOnly, NotYet,
        "How long a client of this broker waits for an answer.";
    "socket.connection.setup.timeout.max.ms": Long = "30000", Any, ReadOnly, NotYet,
        "Longest wait for a connection to another broker after repeated failures.";
    "socket.connection.setup.timeout.ms": Long = "10000", Any, ReadOnly, NotYet,
        "Wait for a connection to another broker.";
    "socket.listen.backlog.size": Int = "50", Min(1), ReadOnly, Served,
        "Connections the system holds until they are accepted.";
    "socket.receive.buffer.bytes": Int = "102400", Any, ReadOnly, Served,
        "The socket's receive buffer; -1 leaves it to the system.";
    "socket.request.max.bytes": Int = "104857600", Min(1), ReadOnly, Served,
        "Largest request that is read.";
    "socket.send.buffer.bytes": Int = "102400", Any, ReadOnly, Served,
        "The socket's send buffer; -1 leaves it to the system.";
    "background.threads": Int = "10", Min(1), ClusterWide, NoEffect,
        "Accepted; background work runs on the async runtime.";
}
