//! Broker settings: topics, the log and its compaction.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "auto.create.topics.enable": Boolean = "true", Any, ReadOnly, Served,
        "Whether asking for an unknown topic creates it.";
    "compression.gzip.level": Int = "-1", MinusOneOr(1, 9), ClusterWide, Served,
        "Default of the topic setting compression.gzip.level.";
    "compression.lz4.level": Int = "9", Between(1, 17), ClusterWide, NotYet,
        "Default of the topic setting compression.lz4.level.";
    "compression.type": String = "producer", OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), ClusterWide, Served,
        "Default of the topic setting compression.type.";
    "compression.zstd.level": Int = "3", Between(-131_072, 22), ClusterWide, Served,
        "Default of the topic setting compression.zstd.level.";
    "create.topic.policy.class.name": Class = none, Any, ReadOnly, NoEffect,
        "Accepted; policies written in Java cannot be loaded.";
    "alter.config.policy.class.name": Class = none, Any, ReadOnly, NoEffect,
        "Accepted; policies written in Java cannot be loaded.";
    "default.replication.factor": Int = "1", Any, ReadOnly, Served,
        "Replicas of a topic created without a number.";
    "delete.topic.enable": Boolean = "true", Any, ReadOnly, Served,
        "Whether topics may be deleted.";
    "log.cleanup.policy": List = "delete", EachOf(&["compact", "delete"]), ClusterWide, Served,
        "Default of the topic setting cleanup.policy.";
    "log.dir": List = "data", Any, ReadOnly, Served,
        "Where partitions are stored; read only when log.dirs is not set.";
    "log.dir.failure.timeout.ms": Long = "30000", Min(1), ReadOnly, NotYet,
        "How long a broker with a failed directory may fail to tell the controller before it \
         stops.";
    "log.dirs": List = none, Any, ReadOnly, Served,
        "Directories where partitions are stored.";
    "log.flush.interval.messages": Long = "9223372036854775807", Min(1), ClusterWide, Served,
        "Default of the topic setting flush.messages.";
    "log.flush.interval.ms": Long = none, Any, ClusterWide, Served,
        "Default of the topic setting flush.ms; log.flush.scheduler.interval.ms when not set.";
    "log.flush.offset.checkpoint.interval.ms": Int = "60000", Min(0), ReadOnly, Served,
        "Time between two writes of the recovery points.";
    "log.flush.scheduler.interval.ms": Long = "9223372036854775807", Any, ReadOnly, Served,
        "Time between two looks for logs to flush.";
    "log.flush.start.offset.checkpoint.interval.ms": Int = "60000", Min(0), ReadOnly, NoEffect,
        "Accepted; log start offsets are written down with the recovery points, at \
         log.flush.offset.checkpoint.interval.ms.";
    "log.index.interval.bytes": Int = "4096", Min(0), ClusterWide, Served,
        "Default of the topic setting index.interval.bytes.";
    "log.index.size.max.bytes": Int = "10485760", Min(4), ClusterWide, Served,
        "Default of the topic setting segment.index.bytes.";
    "log.initial.task.delay.ms": Long = "30000", Min(0), ReadOnly, Served,
        "Wait after the start before retention and flushing begin.";
    "log.local.retention.bytes": Long = "-2", Min(-2), ClusterWide, NotYet,
        "Default of the topic setting local.retention.bytes.";
    "log.local.retention.ms": Long = "-2", Min(-2), ClusterWide, NotYet,
        "Default of the topic setting local.retention.ms.";
    "log.message.downconversion.enable": Boolean = "true", Any, ReadOnly, NoEffect,
        "Accepted for old files; records are never converted to older formats.";
    "log.message.timestamp.after.max.ms": Long = "3600000", Min(0), ClusterWide, Served,
        "Default of the topic setting message.timestamp.after.max.ms.";
    "log.message.timestamp.before.max.ms": Long = "9223372036854775807", Min(0), ClusterWide, Served,
        "Default of the topic setting message.timestamp.before.max.ms.";
    "log.message.timestamp.type": String = "CreateTime", OneOf(&["CreateTime", "LogAppendTime"]), ClusterWide, Served,
        "Default of the topic setting message.timestamp.type.";
    "log.preallocate": Boolean = "false", Any, ClusterWide, NotYet,
        "Default of the topic setting preallocate.";
    "log.retention.bytes": Long = "-1", Any, ClusterWide, Served,
        "Default of the topic setting retention.bytes.";
    "log.retention.check.interval.ms": Long = "300000", Min(1), ReadOnly, Served,
        "Time between two looks for segments to delete.";
    "log.retention.hours": Int = "168", Any, ReadOnly, Served,
        "Default of the topic setting retention.ms, in hours; the weakest of the three.";
    "log.retention.minutes": Int = none, Any, ReadOnly, Served,
        "Default of the topic setting retention.ms, in minutes; stronger than hours.";
    "log.retention.ms": Long = none, Any, ClusterWide, Served,
        "Default of the topic setting retention.ms; stronger than minutes and hours.";
    "log.roll.hours": Int = "168", Min(1), ReadOnly, Served,
        "Default of the topic setting segment.ms, in hours.";
    "log.roll.jitter.hours": Int = "0", Min(0), ReadOnly, Served,
        "Default of the topic setting segment.jitter.ms, in hours.";
    "log.roll.jitter.ms": Long = none, Any, ClusterWide, Served,
        "Default of the topic setting segment.jitter.ms; stronger than hours.";
    "log.roll.ms": Long = none, Any, ClusterWide, Served,
        "Default of the topic setting segment.ms; stronger than hours.";
    "log.segment.bytes": Int = "1073741824", Min(1_048_576), ClusterWide, Served,
        "Default of the topic setting segment.bytes.";
    "log.segment.delete.delay.ms": Long = "60000", Min(0), ClusterWide, Served,
        "Default of the topic setting file.delete.delay.ms.";
    "message.max.bytes": Int = "1048588", Min(0), ClusterWide, Served,
        "Default of the topic setting max.message.bytes.";
    "min.insync.replicas": Int = "1", Min(1), ClusterWide, Served,
        "Default of the topic setting min.insync.replicas.";
    "num.partitions": Int = "1", Min(1), ReadOnly, Served,
        "Partitions of a topic created without a number.";
    "num.recovery.threads.per.data.dir": Int = "2", Min(1), ClusterWide, Served,
        "Threads per directory that check logs after a crash.";
    "num.replica.alter.log.dirs.threads": Int = none, Any, ReadOnly, NotYet,
        "Threads that move replicas between directories.";
    "unclean.leader.election.enable": Boolean = "false", Any, ClusterWide, Served,
        "Default of the topic setting unclean.leader.election.enable.";
    "log.cleaner.backoff.ms": Long = "15000", Min(0), ClusterWide, Served,
        "Rest of the compaction thread when there is nothing to compact.";
    "log.cleaner.dedupe.buffer.size": Long = "134217728", Any, ClusterWide, Served,
        "Memory for the key maps of all compaction threads.";
    "log.cleaner.delete.retention.ms": Long = "86400000", Min(0), ClusterWide, Served,
        "Default of the topic setting delete.retention.ms.";
    "log.cleaner.enable": Boolean = "true", Any, ReadOnly, Served,
        "Whether compaction runs at all.";
    "log.cleaner.io.buffer.load.factor": Double = "0.9", Any, ClusterWide, Served,
        "How full a key map may become.";
    "log.cleaner.io.buffer.size": Int = "524288", Min(0), ClusterWide, Served,
        "Memory for reading and writing of all compaction threads.";
    "log.cleaner.io.max.bytes.per.second": Double = "1.7976931348623157E308", Any, ClusterWide, Served,
        "Reads and writes of compaction per second, over all threads.";
    "log.cleaner.max.compaction.lag.ms": Long = "9223372036854775807", Min(1), ClusterWide, Served,
        "Default of the topic setting max.compaction.lag.ms.";
    "log.cleaner.min.cleanable.ratio": Double = "0.5", Fraction(0.0, 1.0), ClusterWide, Served,
        "Default of the topic setting min.cleanable.dirty.ratio.";
    "log.cleaner.min.compaction.lag.ms": Long = "0", Min(0), ClusterWide, Served,
        "Default of the topic setting min.compaction.lag.ms.";
    "log.cleaner.threads": Int = "1", Min(0), ClusterWide, Served,
        "Threads that compact logs.";
}
