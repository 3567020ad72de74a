//! Broker settings: transactions and idempotent producers.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "add.partitions.to.txn.retry.backoff.max.ms": Int = "100", Min(0), ReadOnly, NotYet,
        "Longest total wait of a request that meets a transaction still finishing.";
    "add.partitions.to.txn.retry.backoff.ms": Int = "20", Min(1), ReadOnly, NotYet,
        "Wait between tries of a request that meets a transaction still finishing.";
    "producer.id.expiration.ms": Int = "86400000", Min(1), ClusterWide, Served,
        "How long the broker remembers an idle producer's sequence numbers.";
    "producer.id.expiration.check.interval.ms": Int = "600000", Min(1), ReadOnly, NoEffect,
        "Accepted; idle producers are forgotten whenever retention is applied, at \
         log.retention.check.interval.ms.";
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": Int = "10000", Min(1), ReadOnly, NotYet,
        "Time between two looks for transactions that ran out of time.";
    "transaction.max.timeout.ms": Int = "900000", Min(1), ReadOnly, NotYet,
        "Longest timeout a transactional producer may ask for.";
    "transaction.partition.verification.enable": Boolean = "true", Any, ClusterWide, NotYet,
        "Whether the coordinator is asked before a transactional write to a new partition.";
    "transaction.remove.expired.transaction.cleanup.interval.ms": Int = "3600000", Min(1), ReadOnly, NotYet,
        "Time between two looks for transactional ids that have expired.";
    "transaction.state.log.load.buffer.size": Int = "5242880", Min(1), ReadOnly, NotYet,
        "Bytes read at a time when the transaction coordinator loads its partition.";
    "transaction.state.log.min.isr": Int = "2", Min(1), ReadOnly, Served,
        "min.insync.replicas of the transaction state topic.";
    "transaction.state.log.num.partitions": Int = "50", Min(1), ReadOnly, Served,
        "Partitions of the transaction state topic; must not change once it exists.";
    "transaction.state.log.replication.factor": Short = "3", Min(1), ReadOnly, Served,
        "Replicas of the transaction state topic.";
    "transaction.state.log.segment.bytes": Int = "104857600", Min(1), ReadOnly, Served,
        "Segment size of the transaction state topic.";
    "transaction.two.phase.commit.enable": Boolean = "false", Any, ReadOnly, NotYet,
        "Whether clients may prepare transactions and decide about them later.";
    "transactional.id.expiration.ms": Int = "604800000", Min(1), ReadOnly, NotYet,
        "How long an unused transactional id is remembered.";
}
