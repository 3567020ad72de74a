//! Settings of a topic, with the broker settings they default to.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "cleanup.policy": List = "delete", EachOf(&["compact", "delete"]), ClusterWide, Served,
        "What happens to old data: `delete` drops old segments, `compact` keeps the last \
         record of each key, both may be given.",
        from ["log.cleanup.policy" * 1];
    "compression.gzip.level": Int = "-1", MinusOneOr(1, 9), ClusterWide, Served,
        "Level used when the topic's own compression type is gzip; -1 is gzip's own default.",
        from ["compression.gzip.level" * 1];
    "compression.lz4.level": Int = "9", Between(1, 17), ClusterWide, NotYet,
        "Accepted; batches that the broker compresses itself, because compression.type names lz4 and \
         they came otherwise, are compressed with lz4's fast method, the only one that the \
         compressor here has. What producers compressed keeps the level they chose.",
        from ["compression.lz4.level" * 1];
    "compression.type": String = "producer", OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), ClusterWide, Served,
        "How records are stored: `producer` keeps what the producer sent, a codec \
         recompresses, `uncompressed` stores plainly.",
        from ["compression.type" * 1];
    "compression.zstd.level": Int = "3", Between(-131_072, 22), ClusterWide, Served,
        "Level used when the topic's own compression type is zstd.",
        from ["compression.zstd.level" * 1];
    "delete.retention.ms": Long = "86400000", Min(0), ClusterWide, Served,
        "How long a compacted topic keeps tombstones so that a consumer reading from the start \
         sees them.",
        from ["log.cleaner.delete.retention.ms" * 1];
    "file.delete.delay.ms": Long = "60000", Min(0), ClusterWide, Served,
        "How long a deleted segment stays on disk, for readers that still hold it.",
        from ["log.segment.delete.delay.ms" * 1];
    "flush.messages": Long = "9223372036854775807", Min(1), ClusterWide, Served,
        "Records written between two forced flushes to disk; 1 makes every acknowledgement \
         durable on its own.",
        from ["log.flush.interval.messages" * 1];
    "flush.ms": Long = "9223372036854775807", Min(0), ClusterWide, Served,
        "Longest time that written data may wait for a forced flush to disk.",
        from ["log.flush.interval.ms" * 1, "log.flush.scheduler.interval.ms" * 1];
    "follower.replication.throttled.replicas": List = "", ThrottledReplicas, ClusterWide, NotYet,
        "Replicas whose inbound replication is throttled: `partition:broker` pairs, or `*` for \
         all.";
    "index.interval.bytes": Int = "4096", Min(0), ClusterWide, Served,
        "Bytes of log between two entries of the offset index.",
        from ["log.index.interval.bytes" * 1];
    "internal.segment.bytes": Int = none, Any, ClusterWide, Served,
        "Overrides segment.bytes without its lower bound; meant for tests.";
    "leader.replication.throttled.replicas": List = "", ThrottledReplicas, ClusterWide, NotYet,
        "Replicas whose outbound replication is throttled: `partition:broker` pairs, or `*` \
         for all.";
    "local.retention.bytes": Long = "-2", Min(-2), ClusterWide, NotYet,
        "Bytes of a tiered partition to keep on local disk; -2 follows retention.bytes.",
        from ["log.local.retention.bytes" * 1];
    "local.retention.ms": Long = "-2", Min(-2), ClusterWide, NotYet,
        "How long a tiered partition keeps segments on local disk; -2 follows retention.ms.",
        from ["log.local.retention.ms" * 1];
    "max.compaction.lag.ms": Long = "9223372036854775807", Min(1), ClusterWide, Served,
        "Longest time a record of a compacted topic may stay uncompacted.",
        from ["log.cleaner.max.compaction.lag.ms" * 1];
    "max.message.bytes": Int = "1048588", Min(0), ClusterWide, Served,
        "Largest record batch the topic accepts, measured after compression.",
        from ["message.max.bytes" * 1];
    "message.downconversion.enable": Boolean = "true", Any, ClusterWide, NoEffect,
        "Accepted for old tools; records are never converted to older formats.";
    "message.timestamp.after.max.ms": Long = "3600000", Min(0), ClusterWide, Served,
        "How far in the broker's future a record's timestamp may lie.",
        from ["log.message.timestamp.after.max.ms" * 1];
    "message.timestamp.before.max.ms": Long = "9223372036854775807", Min(0), ClusterWide, Served,
        "How far in the broker's past a record's timestamp may lie.",
        from ["log.message.timestamp.before.max.ms" * 1];
    "message.timestamp.type": String = "CreateTime", OneOf(&["CreateTime", "LogAppendTime"]), ClusterWide, Served,
        "Whose clock stamps the records: the producer's (`CreateTime`) or the broker's \
         (`LogAppendTime`).",
        from ["log.message.timestamp.type" * 1];
    "min.cleanable.dirty.ratio": Double = "0.5", Fraction(0.0, 1.0), ClusterWide, Served,
        "Share of the log that must be uncompacted before compaction starts.",
        from ["log.cleaner.min.cleanable.ratio" * 1];
    "min.compaction.lag.ms": Long = "0", Min(0), ClusterWide, Served,
        "Shortest time a record stays uncompacted.",
        from ["log.cleaner.min.compaction.lag.ms" * 1];
    "min.insync.replicas": Int = "1", Min(1), ClusterWide, Served,
        "Replicas that must hold a record before a write with acks=all is acknowledged.",
        from ["min.insync.replicas" * 1];
    "preallocate": Boolean = "false", Any, ClusterWide, NotYet,
        "Whether a new segment takes its full size on disk at once; segments here grow as they are \
         written.",
        from ["log.preallocate" * 1];
    "remote.log.copy.disable": Boolean = "false", Any, ClusterWide, NotYet,
        "Stops copying segments to remote storage while keeping what is there readable.";
    "remote.log.delete.on.disable": Boolean = "false", Any, ClusterWide, NotYet,
        "Deletes remote segments when remote storage is switched off for the topic.";
    "remote.storage.enable": Boolean = "false", Any, ClusterWide, NotYet,
        "Whether the topic's closed segments are copied to remote storage.";
    "retention.bytes": Long = "-1", Any, ClusterWide, Served,
        "Size a partition may reach before its oldest segments go; -1 is no limit.",
        from ["log.retention.bytes" * 1];
    "retention.ms": Long = "604800000", Min(-1), ClusterWide, Served,
        "Age at which a segment goes; -1 keeps data for ever.",
        from ["log.retention.ms" * 1, "log.retention.minutes" * 60_000, "log.retention.hours" * 3_600_000];
    "segment.bytes": Int = "1073741824", Min(1_048_576), ClusterWide, Served,
        "Size at which a segment is closed and a new one begins.",
        from ["log.segment.bytes" * 1];
    "segment.index.bytes": Int = "10485760", Min(4), ClusterWide, Served,
        "Largest size of a segment's offset and time index.",
        from ["log.index.size.max.bytes" * 1];
    "segment.jitter.ms": Long = "0", Min(0), ClusterWide, Served,
        "Largest random time taken off segment.ms, so that segments do not all roll at once.",
        from ["log.roll.jitter.ms" * 1, "log.roll.jitter.hours" * 3_600_000];
    "segment.ms": Long = "604800000", Min(1), ClusterWide, Served,
        "Age at which a segment is closed even when it is not full.",
        from ["log.roll.ms" * 1, "log.roll.hours" * 3_600_000];
    "unclean.leader.election.enable": Boolean = "false", Any, ClusterWide, Served,
        "Whether a replica outside the in-sync set may lead when nobody else can; acknowledged \
         records may be lost.",
        from ["unclean.leader.election.enable" * 1];
}
