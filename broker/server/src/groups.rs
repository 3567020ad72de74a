//! The group coordinator as a part of this broker: which shard is asked, and when shards come and
//! go. What a shard answers is decided in its own crate.

mod event;
mod load;
mod options;
mod shard;
mod summary;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_coordinator::{GroupRequest, GroupResponse, GroupShard, Shard, group_partition};
use millrace_metadata::delta::Change;
use millrace_metadata::{MetadataDelta, MetadataImage};
use millrace_types::{CONSUMER_OFFSETS_TOPIC, ErrorCode, LeaderEpoch, PartitionIndex};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::metadata::Subscriber;

pub use options::GroupsOptions;
pub use summary::{ShardState, ShardSummary};

use event::Event;

/// Requests that may wait for one shard. A shard answers within microseconds, or parks a request
/// on its own books; a queue this long means that it has stalled.
const INBOX_MAX: usize = 4096;

/// How long a scrape waits for all shards together.
const SUMMARY_PATIENCE: Duration = Duration::from_secs(1);

struct ShardHandle {
    epoch: LeaderEpoch,
    inbox: mpsc::Sender<Event>,
}

/// All shards that this broker leads.
pub struct Groups {
    options: GroupsOptions,
    shards: Mutex<Shards>,
}

#[derive(Default)]
struct Shards {
    /// Partitions of the offsets topic; none before there is one.
    partitions: PartitionIndex,
    by_partition: HashMap<PartitionIndex, ShardHandle>,
}

impl Groups {
    #[must_use]
    pub fn new(options: GroupsOptions) -> Arc<Self> {
        Arc::new(Self {
            options,
            shards: Mutex::default(),
        })
    }

    /// Asks the shard of the request's group.
    pub async fn ask(&self, request: GroupRequest) -> GroupResponse {
        let inbox = match request.group_id() {
            Some(group_id) => self.inbox_of(group_id),
            None => Err(ErrorCode::InvalidGroupId),
        };
        match inbox {
            Ok(inbox) => ask(&inbox, request).await,
            Err(code) => GroupShard::refuse(request, code),
        }
    }

    /// Asks every shard here the same.
    pub async fn ask_all(&self, request: &GroupRequest) -> Vec<GroupResponse> {
        let mut answers = Vec::new();
        for inbox in self.inboxes() {
            answers.push(ask(&inbox, request.clone()).await);
        }
        answers
    }

    /// What every shard has, for metrics. One that is too busy to say within [`SUMMARY_PATIENCE`]
    /// is left out: a scrape is wanted most when something is stuck.
    pub async fn summarize(&self) -> Vec<ShardSummary> {
        let deadline = Instant::now() + SUMMARY_PATIENCE;
        let asked: Vec<_> = self.inboxes().iter().map(request_summary).collect();
        let mut summaries = Vec::new();
        for answered in asked {
            if let Ok(Ok(summary)) = timeout_at(deadline, answered).await {
                summaries.push(summary);
            }
        }
        summaries
    }

    fn inboxes(&self) -> Vec<mpsc::Sender<Event>> {
        self.shards
            .lock()
            .by_partition
            .values()
            .map(|shard| shard.inbox.clone())
            .collect()
    }

    fn inbox_of(&self, group_id: &str) -> Result<mpsc::Sender<Event>, ErrorCode> {
        let shards = self.shards.lock();
        if shards.partitions == 0 {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        let partition = group_partition(group_id, shards.partitions);
        let shard = shards
            .by_partition
            .get(&partition)
            .ok_or(ErrorCode::NotCoordinator)?;
        Ok(shard.inbox.clone())
    }

    /// Loads what this broker leads, gives up what it does not.
    pub fn follow(&self, image: &MetadataImage) {
        let mut shards = self.shards.lock();
        let topic = image.topics.get(CONSUMER_OFFSETS_TOPIC);
        let mut led = HashMap::new();
        for (index, partition) in topic.iter().flat_map(|topic| topic.indexed()) {
            if partition.leader == Some(self.options.me) {
                led.insert(index, partition.leader_epoch);
            }
        }
        shards.partitions = topic.map_or(0, |topic| {
            PartitionIndex::try_from(topic.partitions.len()).unwrap_or(0)
        });
        shards.by_partition.retain(|index, shard| {
            let stays = led.get(index) == Some(&shard.epoch);
            if !stays {
                unload(shard);
            }
            stays
        });
        for (index, epoch) in led {
            if !shards.by_partition.contains_key(&index)
                && let Some(shard) = self.load(index, epoch)
            {
                shards.by_partition.insert(index, shard);
            }
        }
    }

    fn load(&self, index: PartitionIndex, epoch: LeaderEpoch) -> Option<ShardHandle> {
        let partition = self
            .options
            .topics
            .partition(CONSUMER_OFFSETS_TOPIC, index)?;
        let (inbox, events) = mpsc::channel(INBOX_MAX);
        let shard = shard::ShardTask::new(&self.options, partition, events);
        self.options.runtime.spawn(shard.run());
        Some(ShardHandle { epoch, inbox })
    }

    /// Stops every shard; members find another coordinator.
    pub fn stop(&self) {
        for (_, shard) in self.shards.lock().by_partition.drain() {
            unload(&shard);
        }
    }
}

fn request_summary(inbox: &mpsc::Sender<Event>) -> oneshot::Receiver<ShardSummary> {
    let (answer, answered) = oneshot::channel();
    if let Err(mpsc::error::TrySendError::Closed(Event::Summarize(answer))) =
        inbox.try_send(Event::Summarize(answer))
    {
        // Only a shard that could not be loaded has left while it was still wanted.
        let _receiver_is_here = answer.send(ShardSummary::in_state(ShardState::Failed));
    }
    answered
}

fn unload(shard: &ShardHandle) {
    // A full inbox is read to its end first; then the closed channel says the same.
    let _full = shard.inbox.try_send(Event::Unload);
}

async fn ask(inbox: &mpsc::Sender<Event>, request: GroupRequest) -> GroupResponse {
    let (answer, answered) = oneshot::channel();
    let request = Box::new(request);
    let (unsent, code) = match inbox.try_send(Event::Ask { request, answer }) {
        Ok(()) => return answered.await.expect("a shard answers all it is asked"),
        Err(mpsc::error::TrySendError::Full(event)) => (event, ErrorCode::CoordinatorNotAvailable),
        Err(mpsc::error::TrySendError::Closed(event)) => (event, ErrorCode::NotCoordinator),
    };
    let Event::Ask { request, .. } = unsent else {
        unreachable!("what was not sent comes back")
    };
    GroupShard::refuse(*request, code)
}

/// Keeps the coordinator in step with the metadata.
pub struct GroupKeeper(pub Arc<Groups>);

impl Subscriber for GroupKeeper {
    fn metadata_changed(&self, delta: &MetadataDelta, image: &Arc<MetadataImage>) {
        let gone: Vec<Arc<str>> = delta
            .topics
            .values()
            .filter_map(|change| match change {
                Change::Removed(topic) => Some(Arc::clone(&topic.name)),
                _ => None,
            })
            .collect();
        self.0.follow(image);
        if !gone.is_empty() {
            let groups = Arc::clone(&self.0);
            self.0.options.runtime.spawn(async move {
                groups
                    .ask_all(&GroupRequest::ForgetTopics { topics: gone })
                    .await;
            });
        }
    }
}
