//! The task that drives one shard: brings it requests and time, writes what it wants written, and
//! sends its replies. Decides nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_coordinator::{Append, Effects, GroupResponse, GroupShard, RequestToken, Runtime};
use millrace_log::{AppendBatch, Origin};
use millrace_records::{BatchBuilder, BatchView, BuildError, NewRecord};
use millrace_replication::{Committed, Partition};
use millrace_types::{Clock, ErrorCode, Offset, Timestamp, TopicPartition};
use tokio::sync::{mpsc, oneshot};

use crate::groups::{Event, GroupsOptions, load};
use crate::metrics::groups::CommittedOffset;

/// What a shard has, for metrics.
#[derive(Debug, Default)]
pub struct ShardSummary {
    pub groups_by_state: Vec<(&'static str, usize)>,
    pub offsets: usize,
    pub completed_rebalances: u64,
    pub committed: Vec<CommittedOffset>,
    pub members: Vec<(Arc<str>, usize)>,
}

/// Committed offsets that one summary lists: metrics cap their series well below.
const SUMMARIZED_OFFSETS_MAX: usize = 10_000;

pub(super) struct ShardTask {
    runtime: Runtime<GroupShard>,
    partition: Arc<Partition>,
    clock: Arc<dyn Clock>,
    events: mpsc::Receiver<Event>,
    answers: HashMap<RequestToken, oneshot::Sender<GroupResponse>>,
    tokens: u64,
    deadline: Option<Timestamp>,
    /// Where the last append ends, and the wait for the high watermark to get there.
    appended: Offset,
    commit: Option<oneshot::Receiver<Committed>>,
    /// The high watermark, as far as the runtime was told.
    committed: Offset,
    /// The wall clock when the shard began; from there on time flows evenly, so that a clock that
    /// is set does not end every session at once.
    began: (Timestamp, Duration),
    load_buffer_bytes: usize,
}

impl ShardTask {
    pub(super) fn new(
        options: &GroupsOptions,
        partition: Arc<Partition>,
        events: mpsc::Receiver<Event>,
    ) -> Self {
        let shard = GroupShard::new(options.config.clone());
        Self {
            runtime: Runtime::new(shard, options.commit_timeout_ms),
            partition,
            clock: Arc::clone(&options.clock),
            events,
            answers: HashMap::new(),
            tokens: 0,
            deadline: None,
            appended: 0,
            commit: None,
            committed: 0,
            began: (options.clock.now(), options.clock.elapsed()),
            load_buffer_bytes: options.load_buffer_bytes,
        }
    }

    pub(super) async fn run(mut self) {
        if let Err(error) = self.load().await {
            tracing::error!(
                partition = %self.partition.id(),
                error = &error as &dyn std::error::Error,
                "groups could not be loaded"
            );
            let effects = self.runtime.unload(self.now());
            self.perform(effects).await;
            return;
        }
        while let Some(effects) = self.next().await {
            self.perform(effects).await;
        }
        let effects = self.runtime.unload(self.now());
        self.perform(effects).await;
    }

    fn now(&self) -> Timestamp {
        let (wall, elapsed) = self.began;
        let since = self.clock.elapsed().saturating_sub(elapsed);
        wall.saturating_add(Timestamp::try_from(since.as_millis()).unwrap_or(Timestamp::MAX))
    }

    /// Replays the partition, piece by piece, off the workers that serve clients.
    async fn load(&mut self) -> Result<(), load::LoadError> {
        let end = self.partition.view().end_offset();
        let mut from = self.partition.view().start_offset();
        self.committed = self.partition.high_watermark();
        let now = self.now();
        self.runtime.on_committed(self.committed, now);
        while from < end {
            let partition = Arc::clone(&self.partition);
            let bytes = self.load_buffer_bytes;
            let read = move || load::read_piece(&partition, from, end, bytes);
            let piece = tokio::task::spawn_blocking(read).await??;
            for (offset, record) in piece.records {
                self.runtime.load(offset, record);
            }
            from = piece.next_offset;
        }
        self.appended = end;
        let now = self.now();
        let effects = self.runtime.loaded(self.committed, now);
        self.perform(effects).await;
        Ok(())
    }

    /// Waits for something to happen; nothing more does once the shard is given up.
    async fn next(&mut self) -> Option<Effects<GroupResponse>> {
        let wait = self.deadline.map(|deadline| {
            let millis = u64::try_from(deadline - self.now()).unwrap_or(0);
            Duration::from_millis(millis)
        });
        tokio::select! {
            biased;
            _ = committed(&mut self.commit) => {
                self.commit = None;
                Some(self.runtime.on_timer(self.now()))
            }
            event = self.events.recv() => match event? {
                Event::Ask { request, answer } => {
                    self.tokens += 1;
                    let token = RequestToken(self.tokens);
                    self.answers.insert(token, answer);
                    Some(self.runtime.handle(token, *request, self.now()))
                }
                Event::Summarize(answer) => {
                    let _gone = answer.send(self.summarize());
                    Some(self.runtime.on_timer(self.now()))
                }
                Event::Unload => None,
            },
            () = sleep(wait) => Some(self.runtime.on_timer(self.now())),
        }
    }

    async fn perform(&mut self, mut effects: Effects<GroupResponse>) {
        loop {
            for reply in effects.replies {
                if let Some(answer) = self.answers.remove(&reply.token) {
                    // The client may have gone meanwhile.
                    let _gone = answer.send(reply.response);
                }
            }
            self.deadline = effects.next_deadline;
            effects = match effects.append {
                Some(append) => self.append(&append).await,
                None if self.is_commit_news() => {
                    let now = self.now();
                    self.runtime.on_committed(self.committed, now)
                }
                None => break,
            };
        }
    }

    /// Whether the high watermark moved; otherwise somebody waits for it, if there is need.
    fn is_commit_news(&mut self) -> bool {
        if self.committed < self.appended && self.commit.is_none() {
            self.commit = self.partition.committed(self.appended);
        }
        let high_watermark = self.partition.high_watermark();
        let moved = high_watermark > self.committed;
        self.committed = self.committed.max(high_watermark);
        moved
    }

    async fn append(&mut self, append: &Append) -> Effects<GroupResponse> {
        let written = self.write(append).await;
        let now = self.now();
        match written {
            Ok(first) => self.runtime.on_appended(first, now),
            Err(code) => self.runtime.on_append_failed(code, now),
        }
    }

    async fn write(&mut self, append: &Append) -> Result<Offset, ErrorCode> {
        let now = self.now();
        let batch = batch_of(append, now).map_err(|_| ErrorCode::RecordListTooLarge)?;
        if batch.bytes.len() > self.partition.topic().config.load().max_message_bytes {
            return Err(ErrorCode::RecordListTooLarge);
        }
        let appended = self.partition.append(batch, true, now);
        let placed = appended.placed().await.map_err(|error| error.code())?;
        self.appended = placed.end_offset;
        Ok(placed.base_offset)
    }

    fn summarize(&self) -> ShardSummary {
        let shard = self.runtime.shard();
        ShardSummary {
            groups_by_state: shard.groups_by_state().into_iter().collect(),
            offsets: shard.offset_count(),
            completed_rebalances: shard.counters().completed_rebalances,
            committed: shard
                .committed_offsets()
                .take(SUMMARIZED_OFFSETS_MAX)
                .map(|(group, topic, partition, committed)| {
                    let partition = TopicPartition::new(Arc::clone(topic), partition);
                    CommittedOffset {
                        group: Arc::clone(group),
                        partition,
                        offset: committed.offset,
                    }
                })
                .collect(),
            members: shard
                .member_counts()
                .map(|(group, count)| (group.clone(), count))
                .collect(),
        }
    }
}

fn batch_of(append: &Append, now: Timestamp) -> Result<AppendBatch, BuildError> {
    let mut builder = BatchBuilder::new(0);
    for record in &append.records {
        builder.push(&NewRecord {
            timestamp: now,
            key: Some(&record.key),
            value: record.value.as_deref(),
            headers: &[],
        })?;
    }
    let bytes = builder.build()?;
    let view = BatchView::read(&bytes).expect("a batch that was just built is whole");
    Ok(AppendBatch {
        header: *view.header(),
        bytes: bytes.into(),
        origin: Origin::Coordinator,
    })
}

/// Never resolves while nothing is waited for.
async fn committed(commit: &mut Option<oneshot::Receiver<Committed>>) {
    match commit {
        // A wait that ends badly ends all the same: the runtime sees it by the high watermark.
        Some(commit) => drop(commit.await),
        None => std::future::pending().await,
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
