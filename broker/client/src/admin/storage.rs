//! What lies on the brokers' disks.

use std::sync::Arc;

use millrace_types::{NodeId, TopicPartition};
use millrace_wire::messages::describe_log_dirs_request::DescribeLogDirsRequest;

use crate::cluster::Client;
use crate::error::ClientError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaOnDisk {
    pub partition: TopicPartition,
    pub bytes: i64,
    pub lag: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDir {
    pub path: Arc<str>,
    pub total_bytes: Option<i64>,
    pub usable_bytes: Option<i64>,
    pub replicas: Vec<ReplicaOnDisk>,
}

impl Client {
    /// The log directories of one broker.
    ///
    /// # Errors
    /// When the broker does not answer, or one of its directories has failed.
    pub async fn log_dirs(&self, node: NodeId) -> Result<Vec<LogDir>, ClientError> {
        let request = DescribeLogDirsRequest { topics: None };
        let answer = self.call_broker(node, &request).await?;
        ClientError::check(answer.error_code, None)?;
        let mut dirs = Vec::new();
        for dir in answer.results {
            ClientError::check(dir.error_code, Some(&dir.log_dir))?;
            let known = |bytes: i64| (bytes >= 0).then_some(bytes);
            let topics = dir.topics.into_iter();
            let replicas = topics.flat_map(|topic| {
                let name = topic.name;
                topic
                    .partitions
                    .into_iter()
                    .map(move |partition| ReplicaOnDisk {
                        partition: TopicPartition::new(
                            Arc::clone(&name),
                            partition.partition_index,
                        ),
                        bytes: partition.partition_size,
                        lag: partition.offset_lag,
                    })
            });
            dirs.push(LogDir {
                path: dir.log_dir,
                total_bytes: known(dir.total_bytes),
                usable_bytes: known(dir.usable_bytes),
                replicas: replicas.collect(),
            });
        }
        Ok(dirs)
    }
}
