//! Broker settings: replication, fetching and quotas.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "auto.leader.rebalance.enable": Boolean = "true", Any, ReadOnly, NotYet,
        "Whether leadership returns to preferred replicas by itself.";
    "leader.imbalance.check.interval.seconds": Long = "300", Min(1), ReadOnly, NotYet,
        "Time between two looks for leaders that are not the preferred ones.";
    "leader.imbalance.per.broker.percentage": Int = "10", Any, ReadOnly, NoEffect,
        "Accepted for old files; every imbalance is mended.";
    "num.replica.fetchers": Int = "1", Min(1), ClusterWide, NotYet,
        "Connections that fetch from each leading broker.";
    "replica.fetch.backoff.ms": Int = "1000", Min(0), ReadOnly, NotYet,
        "Wait of a fetcher after an error.";
    "replica.fetch.max.bytes": Int = "1048576", Min(0), ReadOnly, NotYet,
        "Bytes fetched per partition; a larger first batch is still returned whole.";
    "replica.fetch.min.bytes": Int = "1", Any, ReadOnly, NotYet,
        "Bytes a replication fetch waits for.";
    "replica.fetch.response.max.bytes": Int = "10485760", Min(0), ReadOnly, NotYet,
        "Bytes of one whole replication fetch.";
    "replica.fetch.wait.max.ms": Int = "500", Any, ReadOnly, NotYet,
        "How long a replication fetch waits for replica.fetch.min.bytes.";
    "replica.high.watermark.checkpoint.interval.ms": Long = "5000", Any, ReadOnly, NoEffect,
        "Accepted; high watermarks are written down with the recovery points, at \
         log.flush.offset.checkpoint.interval.ms.";
    "replica.lag.time.max.ms": Long = "30000", Any, ReadOnly, NotYet,
        "How long a follower may lag before it leaves the in-sync set.";
    "replica.selector.class": String = none, Any, ReadOnly, NotYet,
        "Which replica a consumer reads: the leader, or one in its own rack.";
    "replica.socket.receive.buffer.bytes": Int = "65536", Any, ReadOnly, NotYet,
        "Receive buffer of replication connections.";
    "replica.socket.timeout.ms": Int = "30000", Any, ReadOnly, NotYet,
        "How long a replication request may take.";
    "fetch.max.bytes": Int = "57671680", Min(1024), ReadOnly, Served,
        "Bytes one fetch may return.";
    "max.incremental.fetch.session.cache.slots": Int = "1000", Min(0), ReadOnly, Served,
        "Fetch sessions remembered at once.";
    "delete.records.purgatory.purge.interval.requests": Int = "1", Any, ReadOnly, NoEffect,
        "Accepted; parked requests leave memory when they finish.";
    "fetch.purgatory.purge.interval.requests": Int = "1000", Any, ReadOnly, NoEffect,
        "Accepted; parked requests leave memory when they finish.";
    "producer.purgatory.purge.interval.requests": Int = "1000", Any, ReadOnly, NoEffect,
        "Accepted; parked requests leave memory when they finish.";
    "share.fetch.purgatory.purge.interval.requests": Int = "1000", Any, ReadOnly, NoEffect,
        "Accepted; parked requests leave memory when they finish.";
    "alter.log.dirs.replication.quota.window.num": Int = "11", Min(1), ReadOnly, NotYet,
        "Windows remembered for the quota on moves between directories.";
    "alter.log.dirs.replication.quota.window.size.seconds": Int = "1", Min(1), ReadOnly, NotYet,
        "Length of a window of the quota on moves between directories.";
    "controller.quota.window.num": Int = "11", Min(1), ReadOnly, NotYet,
        "Windows remembered for the quota on topic changes.";
    "controller.quota.window.size.seconds": Int = "1", Min(1), ReadOnly, NotYet,
        "Length of a window of the quota on topic changes.";
    "quota.window.num": Int = "11", Min(1), ReadOnly, NotYet,
        "Windows remembered for client quotas.";
    "quota.window.size.seconds": Int = "1", Min(1), ReadOnly, NotYet,
        "Length of a window of client quotas.";
    "replication.quota.window.num": Int = "11", Min(1), ReadOnly, NotYet,
        "Windows remembered for replication throttles.";
    "replication.quota.window.size.seconds": Int = "1", Min(1), ReadOnly, NotYet,
        "Length of a window of replication throttles.";
    "leader.replication.throttled.rate": Long = "9223372036854775807", Min(0), ClusterWide, NotYet,
        "Bytes per second that throttled leaders send to followers.";
    "follower.replication.throttled.rate": Long = "9223372036854775807", Min(0), ClusterWide, NotYet,
        "Bytes per second that throttled followers fetch.";
    "replica.alter.log.dirs.io.max.bytes.per.second": Long = "9223372036854775807", Min(0), ClusterWide, NotYet,
        "Bytes per second of moves between directories.";
    "client.quota.callback.class": Class = none, Any, ReadOnly, NoEffect,
        "Accepted; quota code written in Java cannot be loaded.";
}
