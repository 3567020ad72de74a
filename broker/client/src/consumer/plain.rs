//! Reading partitions that the caller names, from where the caller says.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use millrace_records::Scratch;
use millrace_types::{ErrorCode, NO_LEADER_EPOCH, NodeId, Offset, Timestamp, TopicPartition};
use millrace_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use millrace_wire::messages::fetch_response::{FetchResponse, PartitionData};

use crate::admin::OffsetSpec;
use crate::cluster::Client;
use crate::consumer::fetched;
use crate::consumer::options::{ConsumerOptions, ConsumerRecord, OffsetReset};
use crate::error::ClientError;

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Earliest,
    Latest,
    Offset(Offset),
    /// The first record at or after this time; the end when there is none.
    Timestamp(Timestamp),
}

/// Reads partitions. It asks each leader anew with every poll and remembers only positions.
pub struct Consumer {
    client: Client,
    options: ConsumerOptions,
    positions: BTreeMap<TopicPartition, Offset>,
    scratch: Scratch,
    /// Polls so far; each begins with another partition, so that none starves.
    polls: usize,
}

impl Consumer {
    #[must_use]
    pub fn new(client: &Client, options: ConsumerOptions) -> Self {
        Self {
            client: client.separate(),
            options,
            positions: BTreeMap::new(),
            scratch: Scratch::default(),
            polls: 0,
        }
    }

    /// Reads these partitions from now on, and no others.
    ///
    /// # Errors
    /// When a beginning cannot be found.
    pub async fn assign(&mut self, wanted: &[(TopicPartition, Start)]) -> Result<(), ClientError> {
        let mut positions = BTreeMap::new();
        let mut to_find = Vec::new();
        for (at, start) in wanted {
            let spec = match *start {
                Start::Offset(offset) => {
                    positions.insert(at.clone(), offset);
                    continue;
                }
                Start::Earliest => OffsetSpec::Earliest,
                Start::Latest => OffsetSpec::Latest,
                Start::Timestamp(timestamp) => OffsetSpec::At(timestamp),
            };
            to_find.push((at.clone(), spec));
        }
        positions.extend(self.find(&to_find).await?);
        self.positions = positions;
        Ok(())
    }

    /// The next offset to read of each partition.
    #[must_use]
    pub const fn positions(&self) -> &BTreeMap<TopicPartition, Offset> {
        &self.positions
    }

    /// Records that were polled and not used: what is read next begins with the first of each partition.
    pub fn put_back(&mut self, unused: &[ConsumerRecord]) {
        for record in unused {
            let at = TopicPartition::new(Arc::clone(&record.topic), record.partition);
            if let Some(position) = self.positions.get_mut(&at) {
                *position = record.offset.min(*position);
            }
        }
    }

    /// The next records, or none when none came within the wait.
    ///
    /// # Errors
    /// When a partition can no longer be read. Leaders that move are followed.
    pub async fn poll(&mut self) -> Result<Vec<ConsumerRecord>, ClientError> {
        if self.positions.is_empty() {
            tokio::time::sleep(self.options.max_wait).await;
            return Ok(Vec::new());
        }
        self.polls += 1;
        let mut lost = Vec::new();
        let by_leader = self.by_leader(&mut lost).await?;
        let requests: Vec<_> = by_leader
            .iter()
            .map(|(&leader, partitions)| (leader, self.request(partitions)))
            .collect();
        let calls = requests.iter().map(|(leader, request)| {
            let patience = self.options.max_wait;
            self.client.call_node(*leader, request, patience)
        });
        let mut records = Vec::new();
        for ((_, request), answer) in requests.iter().zip(join_all(calls).await) {
            match answer {
                Ok(answer) => self.take(answer, &mut records, &mut lost).await?,
                Err(error) if error.retryable() => {
                    lost.extend(request.topics.iter().map(|topic| Arc::clone(&topic.topic)));
                }
                Err(error) => return Err(error),
            }
        }
        if !lost.is_empty() {
            self.follow(&lost, records.is_empty()).await;
        }
        Ok(records)
    }

    async fn by_leader(
        &self,
        lost: &mut Vec<Arc<str>>,
    ) -> Result<BTreeMap<NodeId, Vec<&TopicPartition>>, ClientError> {
        let count = self.positions.len();
        let rotated = self.positions.keys().cycle().skip(self.polls % count);
        let mut by_leader: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for at in rotated.take(count) {
            match self.client.leader(&at.topic, at.partition).await {
                Ok(leader) => by_leader.entry(leader).or_default().push(at),
                Err(error) if error.retryable() => lost.push(Arc::clone(&at.topic)),
                Err(error) => return Err(error),
            }
        }
        Ok(by_leader)
    }

    fn request(&self, partitions: &[&TopicPartition]) -> FetchRequest {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for at in partitions {
            let partition = FetchPartition {
                partition: at.partition,
                current_leader_epoch: NO_LEADER_EPOCH,
                fetch_offset: self.positions.get(at).copied().unwrap_or_default(),
                last_fetched_epoch: NO_LEADER_EPOCH,
                log_start_offset: -1,
                partition_max_bytes: self.options.partition_max_bytes,
                ..FetchPartition::default()
            };
            match topics.last_mut().filter(|topic| topic.topic == at.topic) {
                Some(topic) => topic.partitions.push(partition),
                None => topics.push(FetchTopic {
                    topic: Arc::clone(&at.topic),
                    partitions: vec![partition],
                    ..FetchTopic::default()
                }),
            }
        }
        FetchRequest {
            replica_id: -1,
            max_wait_ms: i32::try_from(self.options.max_wait.as_millis()).unwrap_or(i32::MAX),
            min_bytes: self.options.min_bytes,
            max_bytes: self.options.max_bytes,
            isolation_level: i8::from(self.options.read_committed),
            session_epoch: -1,
            topics,
            ..FetchRequest::default()
        }
    }

    async fn take(
        &mut self,
        answer: FetchResponse,
        records: &mut Vec<ConsumerRecord>,
        lost: &mut Vec<Arc<str>>,
    ) -> Result<(), ClientError> {
        ClientError::check(answer.error_code, None)?;
        for topic in answer.responses {
            for partition in topic.partitions {
                let at = TopicPartition::new(Arc::clone(&topic.topic), partition.partition_index);
                let code = ErrorCode::from_code(partition.error_code);
                match code {
                    ErrorCode::None => self.read(&at, &partition, records)?,
                    ErrorCode::OffsetOutOfRange => self.reset(at).await?,
                    code if code.is_retriable() => lost.push(at.topic),
                    code => {
                        let message = Some(at.to_string().into());
                        return Err(ClientError::Server { code, message });
                    }
                }
            }
        }
        Ok(())
    }

    fn read(
        &mut self,
        at: &TopicPartition,
        partition: &PartitionData,
        records: &mut Vec<ConsumerRecord>,
    ) -> Result<(), ClientError> {
        let (Some(bytes), Some(position)) =
            (partition.records.as_bytes(), self.positions.get_mut(at))
        else {
            return Ok(());
        };
        let aborted = partition.aborted_transactions.as_deref();
        let fetched = fetched::read(at, bytes, *position, aborted, &mut self.scratch)?;
        *position = fetched.next;
        records.extend(fetched.records);
        Ok(())
    }

    /// The offset is gone, or was never there.
    async fn reset(&mut self, at: TopicPartition) -> Result<(), ClientError> {
        let spec = match self.options.reset {
            OffsetReset::Earliest => OffsetSpec::Earliest,
            OffsetReset::Latest => OffsetSpec::Latest,
            OffsetReset::Fail => {
                let message = Some(at.to_string().into());
                let code = ErrorCode::OffsetOutOfRange;
                return Err(ClientError::Server { code, message });
            }
        };
        let found = self.find(&[(at, spec)]).await?;
        self.positions.extend(found);
        Ok(())
    }

    async fn find(
        &self,
        wanted: &[(TopicPartition, OffsetSpec)],
    ) -> Result<BTreeMap<TopicPartition, Offset>, ClientError> {
        let committed = self.options.read_committed;
        let mut found = BTreeMap::new();
        let mut at_end = Vec::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        for (at, offset) in self.client.list_offsets(wanted, committed).await? {
            match offset.offset {
                Some(offset) => drop(found.insert(at, offset)),
                None => at_end.push((at, OffsetSpec::Latest)),
            }
        }
        if !at_end.is_empty() {
            for (at, offset) in self.client.list_offsets(&at_end, committed).await? {
                found.insert(at, offset.offset.unwrap_or_default());
            }
        }
        Ok(found)
    }

    /// Looks for new leaders; after a poll that gave nothing, not at once.
    async fn follow(&self, topics: &[Arc<str>], wait: bool) {
        if wait {
            let options = self.client.options();
            tokio::time::sleep(options.retry.wait(1, options.jitter.next())).await;
        }
        if let Err(error) = self.client.refresh(topics).await {
            tracing::debug!(%error, "cannot look for new leaders");
        }
    }
}
