//! Which broker a call belongs to, and trying again when it has moved.

use std::sync::Arc;
use std::time::Duration;

use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use millrace_wire::{ApiKey, Request};
use tokio::time::Instant;

use crate::cluster::{Client, Topics};
use crate::error::ClientError;
use crate::metadata::ClusterView;

type Result<T> = std::result::Result<T, ClientError>;

/// Whose coordinator is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinatorKind {
    Group,
    Transaction,
}

impl CoordinatorKind {
    const fn code(self) -> i8 {
        match self {
            Self::Group => 0,
            Self::Transaction => 1,
        }
    }
}

impl Client {
    /// Repeats `attempt` while its error may go away, with growing waits, until the policy gives
    /// up.
    ///
    /// # Errors
    /// The last attempt's.
    pub async fn retrying<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let policy = self.options().retry;
        let started = Instant::now();
        let mut failures = 0;
        loop {
            let error = match attempt().await {
                Err(error) if error.retryable() => error,
                outcome => return outcome,
            };
            failures += 1;
            let wait = policy.wait(failures, self.options().jitter.next());
            if started.elapsed() + wait > policy.give_up_after {
                return Err(error);
            }
            tracing::debug!(%error, failures, "trying again");
            tokio::time::sleep(wait).await;
        }
    }

    /// A call to one broker, which is looked for again when it is not where it was.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn call_broker<R: Request>(&self, node: NodeId, request: &R) -> Result<R::Response> {
        self.cluster().await?;
        self.retrying(|| async {
            let answer = self.call_node(node, request, Duration::ZERO).await;
            if answer.as_ref().is_err_and(ClientError::retryable) {
                self.look(Topics::None, false).await?;
            }
            answer
        })
        .await
    }

    /// A call to the active controller. `code` finds the answer's error, so that a controller
    /// that has moved is found again.
    ///
    /// # Errors
    /// When no controller answers.
    pub async fn call_controller<R: Request>(
        &self,
        request: &R,
        code: impl Fn(&R::Response) -> i16,
    ) -> Result<R::Response> {
        self.retrying(|| async {
            let view = self.cluster().await?;
            let answer = match view.controller {
                Some(node) => self.call_node(node, request, Duration::ZERO).await,
                None => self.call_any(request).await,
            };
            let moved = match &answer {
                Ok(answer) => code(answer) == ErrorCode::NotController.code(),
                Err(error) => error.retryable(),
            };
            if moved {
                self.look(Topics::None, false).await?;
                if let Ok(answer) = &answer {
                    ClientError::check(code(answer), None)?;
                }
            }
            answer
        })
        .await
    }

    /// A call to a group's or a transaction's coordinator; `code` as for the controller.
    ///
    /// # Errors
    /// When no coordinator answers.
    pub async fn call_coordinator<R: Request>(
        &self,
        kind: CoordinatorKind,
        key: &Arc<str>,
        request: &R,
        code: impl Fn(&R::Response) -> i16,
    ) -> Result<R::Response> {
        self.retrying(|| async {
            let node = self.find_coordinator(kind, key).await?;
            let answer = self.call_node(node, request, Duration::ZERO).await?;
            match ErrorCode::from_code(code(&answer)) {
                code @ (ErrorCode::NotCoordinator
                | ErrorCode::CoordinatorNotAvailable
                | ErrorCode::CoordinatorLoadInProgress) => Err(ClientError::Server {
                    code,
                    message: None,
                }),
                _ => Ok(answer),
            }
        })
        .await
    }

    /// The broker that coordinates a group or a transactional id, asked for now and once.
    ///
    /// # Errors
    /// When no broker answers, or there is no coordinator yet.
    pub async fn find_coordinator(&self, kind: CoordinatorKind, key: &Arc<str>) -> Result<NodeId> {
        // Version 4 asks for several keys at once; the older field has one.
        let several = FindCoordinatorRequest {
            key_type: kind.code(),
            coordinator_keys: vec![Arc::clone(key)],
            ..FindCoordinatorRequest::default()
        };
        let answer = match self.call_any(&several).await {
            Err(ClientError::Encode { .. }) => {
                let one = FindCoordinatorRequest {
                    key: Arc::clone(key),
                    key_type: kind.code(),
                    ..FindCoordinatorRequest::default()
                };
                self.call_any(&one).await?
            }
            answer => answer?,
        };
        let (node, code, message) = match answer.coordinators.first() {
            Some(found) => (found.node_id, found.error_code, &found.error_message),
            None => (answer.node_id, answer.error_code, &answer.error_message),
        };
        ClientError::check(code, message.as_ref())?;
        if !self.last_view().brokers.contains_key(&NodeId(node)) {
            self.look(Topics::None, false).await?;
        }
        Ok(NodeId(node))
    }

    /// The leader of a partition, as it is known.
    ///
    /// # Errors
    /// When the topic is not known to the cluster, or the partition has no leader.
    pub async fn leader(&self, topic: &Arc<str>, partition: i32) -> Result<NodeId> {
        let view = self.topic(topic).await?;
        let index = usize::try_from(partition).unwrap_or(usize::MAX);
        let Some(known) = view.partitions.get(index) else {
            let code = ErrorCode::UnknownTopicOrPartition;
            let message = Some(format!("{topic}-{partition}").into());
            return Err(ClientError::Server { code, message });
        };
        known.leader.ok_or_else(|| ClientError::NoLeader {
            topic: Arc::clone(topic),
            partition,
        })
    }

    /// Brokers and controller, from what is known when that is fresh.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn cluster(&self) -> Result<Arc<ClusterView>> {
        match self.fresh_view() {
            Some(view) => Ok(view),
            None => self.look(Topics::None, false).await,
        }
    }

    /// Looks at these topics again, after one of their leaders refused a call.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn refresh(&self, topics: &[Arc<str>]) -> Result<Arc<ClusterView>> {
        self.look(Topics::Named(topics), false).await
    }

    /// What an answer lacks.
    pub(crate) fn incomplete(api: ApiKey, what: impl Into<String>) -> ClientError {
        let what = what.into();
        ClientError::Incomplete { api, what }
    }
}
