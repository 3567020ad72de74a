//! The task that drives one shard: brings it requests and time, writes what it wants written, and
//! sends its replies. Decides nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_coordinator::{
    Append, Effects, GroupRequest, GroupResponse, GroupShard, RequestToken, Runtime,
};
use millrace_log::{AppendBatch, Origin};
use millrace_records::{BatchBuilder, BatchView, BuildError, NewRecord};
use millrace_replication::{Committed, Partition};
use millrace_types::{Clock, ErrorCode, Moment, Offset, SteadyMs, Timestamp};
use tokio::sync::{mpsc, oneshot};

use crate::groups::event::Event;
use crate::groups::load;
use crate::groups::options::GroupsOptions;
use crate::groups::summary::{ShardState, ShardSummary};

/// How loading ended, if not with an error.
enum Loaded {
    Whole,
    /// The shard is not wanted any more.
    GivenUp,
}

pub(super) struct ShardTask {
    runtime: Runtime<GroupShard>,
    partition: Arc<Partition>,
    clock: Arc<dyn Clock>,
    events: mpsc::Receiver<Event>,
    answers: HashMap<RequestToken, oneshot::Sender<GroupResponse>>,
    tokens: u64,
    deadline: Option<SteadyMs>,
    /// Where the last append ends, and the wait for the high watermark to get there.
    appended: Offset,
    commit: Option<oneshot::Receiver<Committed>>,
    /// The high watermark, as far as the runtime was told.
    committed: Offset,
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
            load_buffer_bytes: options.load_buffer_bytes,
        }
    }

    pub(super) async fn run(mut self) {
        match self.load().await {
            Ok(Loaded::Whole) => {
                while let Some(effects) = self.next().await {
                    self.perform(effects).await;
                }
            }
            Ok(Loaded::GivenUp) => {}
            Err(error) => tracing::error!(
                partition = %self.partition.id(),
                error = &error as &dyn std::error::Error,
                "groups could not be loaded; their partition has no coordinator"
            ),
        }
        self.leave().await;
    }

    /// Answers all that waits, in the shard and before it: nobody is left without an answer.
    async fn leave(mut self) {
        let effects = self.runtime.unload(self.now());
        self.perform(effects).await;
        self.events.close();
        while let Some(event) = self.events.recv().await {
            if let Event::Ask { request, answer } = event {
                let effects = self.ask(*request, answer);
                self.perform(effects).await;
            }
        }
    }

    fn now(&self) -> Moment {
        self.clock.moment()
    }

    /// Replays the partition, piece by piece, off the workers that serve clients. Who asks
    /// meanwhile is told to come again.
    async fn load(&mut self) -> Result<Loaded, load::LoadError> {
        let end = self.partition.view().end_offset();
        let mut from = self.partition.view().start_offset();
        self.committed = self.partition.high_watermark();
        let now = self.now();
        self.runtime.on_committed(self.committed, now);
        let mut unknown = load::Unknown::default();
        while from < end {
            let partition = Arc::clone(&self.partition);
            let bytes = self.load_buffer_bytes;
            let read = move || load::read_piece(&partition, from, end, bytes);
            let mut reading = tokio::task::spawn_blocking(read);
            let piece = loop {
                tokio::select! {
                    piece = &mut reading => break piece??,
                    event = self.events.recv() => match event.and_then(|event| self.take(event)) {
                        Some(effects) => self.perform(effects).await,
                        None => return Ok(Loaded::GivenUp),
                    },
                }
            };
            for (offset, record) in piece.records {
                self.runtime.load(offset, record);
            }
            unknown.add(piece.unknown);
            from = piece.next_offset;
        }
        if let Some((offset, record_type)) = unknown.last {
            tracing::warn!(
                partition = %self.partition.id(),
                records = unknown.count,
                offset,
                record_type,
                "records of groups are of types that are not known; the last of them is named"
            );
        }
        self.appended = end;
        let now = self.now();
        let effects = self.runtime.loaded(self.committed, now);
        self.perform(effects).await;
        Ok(Loaded::Whole)
    }

    /// Waits for something to happen; nothing more does once the shard is given up.
    async fn next(&mut self) -> Option<Effects<GroupResponse>> {
        let wait = self.deadline.map(|deadline| {
            let millis = u64::try_from(deadline - self.now().steady).unwrap_or(0);
            Duration::from_millis(millis)
        });
        tokio::select! {
            biased;
            _ = committed(&mut self.commit) => {
                self.commit = None;
                Some(self.runtime.on_timer(self.now()))
            }
            event = self.events.recv() => self.take(event?),
            () = sleep(wait) => Some(self.runtime.on_timer(self.now())),
        }
    }

    /// What follows from an event; nothing does when the shard is given up.
    fn take(&mut self, event: Event) -> Option<Effects<GroupResponse>> {
        match event {
            Event::Ask { request, answer } => Some(self.ask(*request, answer)),
            Event::Summarize(answer) => {
                let shard = self.runtime.shard();
                let summary = if self.runtime.is_active() {
                    ShardSummary::of(shard)
                } else {
                    ShardSummary::in_state(ShardState::Loading)
                };
                let _gone = answer.send(summary);
                Some(self.runtime.on_timer(self.now()))
            }
            Event::Unload => None,
        }
    }

    fn ask(
        &mut self,
        request: GroupRequest,
        answer: oneshot::Sender<GroupResponse>,
    ) -> Effects<GroupResponse> {
        self.tokens += 1;
        let token = RequestToken(self.tokens);
        self.answers.insert(token, answer);
        self.runtime.handle(token, request, self.now())
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
        let now = self.clock.now();
        let batch = batch_of(append, now).map_err(|_| ErrorCode::RecordListTooLarge)?;
        if batch.bytes.len() > self.partition.topic().config.load().max_message_bytes {
            return Err(ErrorCode::RecordListTooLarge);
        }
        let appended = self.partition.append(batch, true, now);
        let placed = appended.placed().await.map_err(|error| error.code())?;
        self.appended = placed.end_offset;
        Ok(placed.base_offset)
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
