//! Reading as a member of a group: partitions come and go with the other members, and the group
//! remembers how far it has read.

use std::sync::Arc;

use millrace_types::TopicPartition;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::admin::commit_request;
use crate::cluster::Client;
use crate::consumer::membership::{self, Membership};
use crate::consumer::options::{ConsumerRecord, GroupOptions, OffsetReset};
use crate::consumer::plain::{Consumer, Start};
use crate::error::ClientError;

pub struct GroupConsumer {
    client: Client,
    options: GroupOptions,
    consumer: Consumer,
    /// Given by the coordinator, and kept from one generation to the next.
    member: Arc<str>,
    joined: Option<Joined>,
    committed_at: Instant,
}

struct Joined {
    membership: Membership,
    /// Turns true when the group wants its members to join again.
    over: watch::Receiver<bool>,
    heartbeats: JoinHandle<()>,
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.heartbeats.abort();
    }
}

impl GroupConsumer {
    /// Joins with the first poll.
    #[must_use]
    pub fn new(client: &Client, options: GroupOptions) -> Self {
        Self {
            consumer: Consumer::new(client, options.consumer),
            client: client.separate(),
            options,
            member: Arc::default(),
            joined: None,
            committed_at: Instant::now(),
        }
    }

    /// The partitions that are read now.
    #[must_use]
    pub fn assigned(&self) -> &[TopicPartition] {
        let joined = self.joined.as_ref();
        joined.map_or(&[], |joined| &joined.membership.assigned)
    }

    /// The next records of this member's partitions, joining the group first where that is
    /// needed.
    ///
    /// # Errors
    /// When the group cannot be joined, or a partition not be read.
    pub async fn poll(&mut self) -> Result<Vec<ConsumerRecord>, ClientError> {
        let over = |joined: &Joined| *joined.over.borrow();
        if self.joined.as_ref().is_none_or(over) {
            self.commit_if_automatic().await;
            self.join().await?;
        }
        let due = |every| self.committed_at.elapsed() >= every;
        if self.options.auto_commit.is_some_and(due) {
            self.commit_if_automatic().await;
        }
        self.consumer.poll().await
    }

    /// Records that were polled and not used: they are not committed, and read again.
    pub fn put_back(&mut self, unused: &[ConsumerRecord]) {
        self.consumer.put_back(unused);
    }

    /// Commits everything that was polled and not put back.
    ///
    /// # Errors
    /// When the group has moved on without this member, or the coordinator does not answer.
    pub async fn commit(&mut self) -> Result<(), ClientError> {
        let Some(joined) = &self.joined else {
            return Ok(());
        };
        let membership = &joined.membership;
        let positions = self.consumer.positions();
        if positions.is_empty() {
            return Ok(());
        }
        let group = &self.options.group;
        let mut request =
            commit_request(group, membership.generation, &membership.member, positions);
        request.group_instance_id.clone_from(&self.options.instance);
        self.client.commit(group, &request).await?;
        self.committed_at = Instant::now();
        Ok(())
    }

    /// Commits where that is automatic, and leaves the group.
    ///
    /// # Errors
    /// When the coordinator does not answer; the session then ends by itself.
    pub async fn close(mut self) -> Result<(), ClientError> {
        self.commit_if_automatic().await;
        match self.joined.take() {
            Some(joined) => {
                membership::leave(&self.client, &self.options, &joined.membership).await
            }
            None => Ok(()),
        }
    }

    /// Records that were polled and not committed will be read again, by whoever has them next.
    async fn commit_if_automatic(&mut self) {
        if self.options.auto_commit.is_some()
            && let Err(error) = self.commit().await
        {
            tracing::debug!(%error, "cannot commit");
        }
    }

    async fn join(&mut self) -> Result<(), ClientError> {
        self.joined = None;
        let membership = membership::join(&self.client, &self.options, &mut self.member).await?;
        let (send, over) = watch::channel(false);
        let beating = beat(
            self.client.clone(),
            self.options.clone(),
            membership.clone(),
            send,
        );
        self.joined = Some(Joined {
            membership,
            over,
            heartbeats: tokio::spawn(beating),
        });
        self.take_up().await
    }

    /// Reads on where the group stopped.
    async fn take_up(&mut self) -> Result<(), ClientError> {
        let committed = self.client.group_offsets(&self.options.group).await?;
        let mut starts = Vec::new();
        for at in self.assigned() {
            let start = match (committed.get(at), self.options.consumer.reset) {
                (Some(known), _) => Start::Offset(known.offset),
                (None, OffsetReset::Earliest) => Start::Earliest,
                (None, OffsetReset::Latest) => Start::Latest,
                (None, OffsetReset::Fail) => {
                    return Err(ClientError::NoOffset {
                        group: Arc::clone(&self.options.group),
                        partition: at.clone(),
                    });
                }
            };
            starts.push((at.clone(), start));
        }
        self.consumer.assign(&starts).await
    }
}

/// Signs of life until the group says otherwise.
async fn beat(
    client: Client,
    options: GroupOptions,
    membership: Membership,
    over: watch::Sender<bool>,
) {
    loop {
        tokio::time::sleep(options.heartbeat_interval).await;
        if let Err(error) = membership::heartbeat(&client, &options, &membership).await {
            tracing::debug!(%error, "the group wants its members to join again");
            over.send_replace(true);
            return;
        }
    }
}
