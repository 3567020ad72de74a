//! Transactions and idempotent producers.

use crate::broker::groups::{Codec, StateTopicConfig};
use crate::values::Values;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionsConfig {
    pub max_timeout_ms: i64,
    /// Transactional ids that nobody uses are forgotten after this.
    pub id_expiration_ms: i64,
    pub timeout_check_ms: i64,
    pub expiration_check_ms: i64,
    /// The coordinator is asked before the first write of a transaction to a partition.
    pub verify_partitions: bool,
    pub retry_backoff_ms: i64,
    pub retry_backoff_max_ms: i64,
    pub state_topic: StateTopicConfig,
    pub min_insync_replicas: i32,
    /// Idempotent producers that are silent are forgotten after this.
    pub producer_expiration_ms: i64,
}

impl TransactionsConfig {
    pub(crate) fn read(values: &Values) -> Self {
        Self {
            max_timeout_ms: values.number("transaction.max.timeout.ms"),
            id_expiration_ms: values.number("transactional.id.expiration.ms"),
            timeout_check_ms: values
                .number("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
            expiration_check_ms: values
                .number("transaction.remove.expired.transaction.cleanup.interval.ms"),
            verify_partitions: values.flag("transaction.partition.verification.enable"),
            retry_backoff_ms: values.number("add.partitions.to.txn.retry.backoff.ms"),
            retry_backoff_max_ms: values.number("add.partitions.to.txn.retry.backoff.max.ms"),
            state_topic: StateTopicConfig {
                partitions: values.int("transaction.state.log.num.partitions"),
                replication_factor: values.short("transaction.state.log.replication.factor"),
                segment_bytes: values.size("transaction.state.log.segment.bytes"),
                load_buffer_bytes: values.size("transaction.state.log.load.buffer.size"),
                codec: Codec::None,
            },
            min_insync_replicas: values.int("transaction.state.log.min.isr"),
            producer_expiration_ms: values.number("producer.id.expiration.ms"),
        }
    }
}
