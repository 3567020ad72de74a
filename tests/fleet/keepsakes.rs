//! What a broker keeps besides records: the offsets that groups commit, and the topics there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_client::Client;
use millrace_client::admin::NewTopic;
use millrace_types::TopicPartition;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::workload::TOPIC;

const GROUP: &str = "keepsakes";
const LIMIT: Duration = Duration::from_secs(60);
/// Between two commits: consumers commit far less often.
const COMMIT_PAUSE: Duration = Duration::from_millis(2);

/// A group that commits one rising offset all the while, and topics that are made in between.
pub(crate) struct Keepsakes {
    client: Client,
    topics: BTreeSet<Arc<str>>,
    /// The last offset whose commit was acknowledged.
    committed: Arc<AtomicI64>,
    ending: Arc<AtomicBool>,
    committing: JoinHandle<Result<()>>,
}

impl Keepsakes {
    pub(crate) fn start(client: &Client) -> Self {
        let committed = Arc::new(AtomicI64::new(0));
        let ending = Arc::new(AtomicBool::new(false));
        let committing = commit(
            client.separate(),
            Arc::clone(&committed),
            Arc::clone(&ending),
        );
        Self {
            client: client.separate(),
            topics: BTreeSet::new(),
            committed,
            ending,
            committing: tokio::spawn(committing),
        }
    }

    pub(crate) async fn create_topic(&mut self) -> Result<()> {
        let name: Arc<str> = format!("keepsake-{}", self.topics.len()).into();
        let new = NewTopic {
            name: Arc::clone(&name),
            partitions: Some(1),
            ..NewTopic::default()
        };
        for (name, outcome) in self.client.create_topics(&[new], false).await? {
            outcome.with_context(|| format!("create {name}"))?;
        }
        self.topics.insert(name);
        Ok(())
    }

    /// Nothing that was acknowledged before this call is missing.
    pub(crate) async fn check(&self) -> Result<()> {
        let acknowledged = self.committed.load(Ordering::SeqCst);
        let offsets = timeout(LIMIT, self.client.group_offsets(&GROUP.into())).await??;
        let found = offsets.get(&partition()).map_or(0, |kept| kept.offset);
        ensure!(
            found >= acknowledged,
            "offset {acknowledged} was committed, {found} was kept"
        );
        let view = timeout(LIMIT, self.client.view_all()).await??;
        for topic in &self.topics {
            ensure!(view.topics.contains_key(topic), "{topic} is gone");
        }
        Ok(())
    }

    pub(crate) async fn end(self) -> Result<()> {
        self.check().await?;
        ensure!(
            self.committed.load(Ordering::SeqCst) > 0,
            "nothing was committed"
        );
        self.ending.store(true, Ordering::SeqCst);
        timeout(LIMIT, self.committing).await??
    }
}

fn partition() -> TopicPartition {
    TopicPartition::new(TOPIC, 0)
}

async fn commit(client: Client, committed: Arc<AtomicI64>, ending: Arc<AtomicBool>) -> Result<()> {
    let mut offset = 0;
    while !ending.load(Ordering::SeqCst) {
        offset += 1;
        let offsets = BTreeMap::from([(partition(), offset)]);
        client.set_group_offsets(&GROUP.into(), &offsets).await?;
        committed.store(offset, Ordering::SeqCst);
        tokio::time::sleep(COMMIT_PAUSE).await;
    }
    Ok(())
}
