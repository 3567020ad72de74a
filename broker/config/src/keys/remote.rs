//! Broker settings: remote storage.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "remote.fetch.max.wait.ms": Int = "500", Min(1), ClusterWide, NotYet,
        "How long a fetch waits for remote storage.";
    "remote.list.offsets.request.timeout.ms": Long = "30000", Min(1), ClusterWide, NotYet,
        "How long a search by time waits for remote storage.";
    "remote.log.index.file.cache.total.size.bytes": Long = "1073741824", Min(1), ClusterWide, NotYet,
        "Disk space for cached indexes of remote segments.";
    "remote.log.manager.copier.thread.pool.size": Int = "10", Min(1), ClusterWide, NotYet,
        "Copies to remote storage at once.";
    "remote.log.manager.copy.max.bytes.per.second": Long = "9223372036854775807", Min(1), ClusterWide, NotYet,
        "Bytes per second copied to remote storage.";
    "remote.log.manager.copy.quota.window.num": Int = "11", Min(1), ReadOnly, NotYet,
        "Windows remembered for the quota on copies.";
    "remote.log.manager.copy.quota.window.size.seconds": Int = "1", Min(1), ReadOnly, NotYet,
        "Length of a window of the quota on copies.";
    "remote.log.manager.expiration.thread.pool.size": Int = "10", Min(1), ClusterWide, NotYet,
        "Deletions in remote storage at once.";
    "remote.log.manager.fetch.max.bytes.per.second": Long = "9223372036854775807", Min(1), ClusterWide, NotYet,
        "Bytes per second fetched from remote storage.";
    "remote.log.manager.fetch.quota.window.num": Int = "11", Min(1), ReadOnly, NotYet,
        "Windows remembered for the quota on remote fetches.";
    "remote.log.manager.fetch.quota.window.size.seconds": Int = "1", Min(1), ReadOnly, NotYet,
        "Length of a window of the quota on remote fetches.";
    "remote.log.manager.follower.thread.pool.size": Int = "2", Min(1), ClusterWide, NotYet,
        "Followers rebuilt from remote storage at once.";
    "remote.log.manager.task.interval.ms": Long = "30000", Min(1), ReadOnly, NotYet,
        "Time between two rounds of copying and expiring.";
    "remote.log.manager.thread.pool.size": Int = "2", Min(1), ReadOnly, NotYet,
        "Remote storage tasks at once.";
    "remote.log.metadata.custom.metadata.max.bytes": Int = "128", Min(0), ReadOnly, NotYet,
        "Largest custom metadata of one remote segment.";
    "remote.log.metadata.manager.class.name": String = "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager", NotEmpty, ReadOnly, NoEffect,
        "Accepted; remote storage code written in Java cannot be loaded.";
    "remote.log.metadata.manager.class.path": String = none, Any, ReadOnly, NoEffect,
        "Accepted; remote storage code written in Java cannot be loaded.";
    "remote.log.metadata.manager.impl.prefix": String = "rlmm.config.", NotEmpty, ReadOnly, NoEffect,
        "Accepted; remote storage code written in Java cannot be loaded.";
    "remote.log.metadata.manager.listener.name": String = none, NotEmpty, ReadOnly, NotYet,
        "Listener that remote storage metadata uses.";
    "remote.log.reader.max.pending.tasks": Int = "100", Min(1), ReadOnly, NotYet,
        "Remote reads waiting to run.";
    "remote.log.reader.threads": Int = "10", Min(1), ClusterWide, NotYet,
        "Remote reads at once.";
    "remote.log.storage.manager.class.name": String = none, NotEmpty, ReadOnly, NoEffect,
        "Accepted; remote storage code written in Java cannot be loaded.";
    "remote.log.storage.manager.class.path": String = none, Any, ReadOnly, NoEffect,
        "Accepted; remote storage code written in Java cannot be loaded.";
    "remote.log.storage.manager.impl.prefix": String = "rsm.config.", NotEmpty, ReadOnly, NoEffect,
        "Accepted; remote storage code written in Java cannot be loaded.";
    "remote.log.storage.system.enable": Boolean = "false", Any, ReadOnly, NotYet,
        "Whether remote storage is available on this broker.";
}
