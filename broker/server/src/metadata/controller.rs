//! The one place where metadata decisions are made, one after the other, each on the image that
//! the ones before it lead to. Decisions that wait together are committed together.

use std::sync::Arc;
use std::time::Duration;

use millrace_config::RawConfig;
use millrace_metadata::control::{Context, Decision, Entropy};
use millrace_metadata::{MetadataImage, MetadataRecord};
use millrace_quorum::{MAX_BATCH_BYTES, MetadataQuorum, QuorumError};
use millrace_types::{ErrorCode, NodeId, Uuid};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use crate::metadata::machine::{self, Committed};

/// Decisions that may wait. Each belongs to a connection that waits with it.
const QUEUE_MAX: usize = 1024;

/// Records gathered before they are proposed, unless one decision alone has more.
const RECORDS_PER_BATCH: usize = 10_000;

/// How long a decision may take, from the call until the broker acts on it, when the caller says
/// nothing.
const DEADLINE: Duration = Duration::from_secs(30);

/// No caller waits longer, whatever it says: what takes this long hangs.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// Why a decision is not in force.
#[derive(Debug, Error)]
pub enum ControllerError {
    #[error("too many metadata changes are waiting")]
    Busy,
    #[error("the metadata change takes longer than the request allows; it goes on")]
    TimedOut,
    #[error("the metadata quorum did not commit the change")]
    Quorum(#[source] QuorumError),
    #[error("the change cannot be written down")]
    Unwritable,
    #[error("the controller has stopped")]
    Stopped,
}

impl ControllerError {
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Busy => ErrorCode::ThrottlingQuotaExceeded,
            Self::TimedOut => ErrorCode::RequestTimedOut,
            Self::Quorum(QuorumError::NotLeader { .. }) | Self::Stopped => ErrorCode::NotController,
            Self::Quorum(error) if error.is_retriable() => ErrorCode::RequestTimedOut,
            Self::Quorum(_) | Self::Unwritable => ErrorCode::UnknownServerError,
        }
    }
}

/// What a request's `timeout_ms` says.
pub(crate) fn patience(timeout_ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0))
}

/// Asks the controller. Clones share it.
#[derive(Clone)]
pub struct Controller {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Controller {
    /// Starts the controller; it ends when the last handle is gone.
    #[must_use]
    pub fn start(
        node: NodeId,
        statics: Arc<RawConfig>,
        committed: Arc<Committed>,
        quorum: MetadataQuorum,
        published: watch::Receiver<u64>,
    ) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let worker = Worker {
            node,
            statics,
            committed,
            quorum,
            published,
        };
        tokio::spawn(worker.run(jobs));
        Self { queue }
    }

    /// Decides, commits, and answers once this broker acts on the decision.
    ///
    /// # Errors
    /// When the decision could not be made or committed; nothing says which.
    pub async fn decide<R: Send + 'static>(
        &self,
        decide: impl FnOnce(Context<'_>, &mut dyn Entropy) -> Decision<R> + Send + 'static,
    ) -> Result<R, ControllerError> {
        self.decide_within(DEADLINE, decide).await
    }

    /// As [`Self::decide`], for callers with a patience of their own. When it is over, the decision
    /// goes its way all the same.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub async fn decide_within<R: Send + 'static>(
        &self,
        patience: Duration,
        decide: impl FnOnce(Context<'_>, &mut dyn Entropy) -> Decision<R> + Send + 'static,
    ) -> Result<R, ControllerError> {
        let (answer, waiting) = oneshot::channel();
        let job = Asked {
            decide: Some(decide),
            response: None,
            answer: Some(answer),
        };
        self.queue
            .try_send(Box::new(job))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => ControllerError::Busy,
                mpsc::error::TrySendError::Closed(_) => ControllerError::Stopped,
            })?;
        match tokio::time::timeout(patience.min(LONGEST_WAIT), waiting).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(ControllerError::Stopped),
            Err(_) => Err(ControllerError::TimedOut),
        }
    }
}

/// A decision of any response type.
trait Job: Send {
    fn decide(&mut self, context: Context<'_>, entropy: &mut dyn Entropy) -> Vec<MetadataRecord>;
    fn succeed(self: Box<Self>);
    fn fail(self: Box<Self>, error: ControllerError);
}

struct Asked<D, R> {
    decide: Option<D>,
    response: Option<R>,
    answer: Option<oneshot::Sender<Result<R, ControllerError>>>,
}

impl<D, R> Job for Asked<D, R>
where
    D: FnOnce(Context<'_>, &mut dyn Entropy) -> Decision<R> + Send,
    R: Send,
{
    fn decide(&mut self, context: Context<'_>, entropy: &mut dyn Entropy) -> Vec<MetadataRecord> {
        let decide = self.decide.take().expect("a job is decided once");
        let Decision { records, response } = decide(context, entropy);
        self.response = Some(response);
        records
    }

    fn succeed(self: Box<Self>) {
        if let (Some(answer), Some(response)) = (self.answer, self.response) {
            let _gone = answer.send(Ok(response));
        }
    }

    fn fail(self: Box<Self>, error: ControllerError) {
        if let Some(answer) = self.answer {
            let _gone = answer.send(Err(error));
        }
    }
}

struct Worker {
    node: NodeId,
    statics: Arc<RawConfig>,
    committed: Arc<Committed>,
    quorum: MetadataQuorum,
    published: watch::Receiver<u64>,
}

/// Decisions made on top of each other, not committed yet.
struct Round {
    image: Arc<MetadataImage>,
    records: Vec<MetadataRecord>,
    jobs: Vec<Box<dyn Job>>,
}

impl Worker {
    async fn run(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        while let Some(first) = jobs.recv().await {
            let image = self.committed.image();
            let mut round = Round {
                image,
                records: Vec::new(),
                jobs: Vec::new(),
            };
            self.decide(first, &mut round);
            while round.records.len() < RECORDS_PER_BATCH
                && let Ok(next) = jobs.try_recv()
            {
                self.decide(next, &mut round);
            }
            self.finish(round).await;
        }
    }

    fn decide(&self, mut job: Box<dyn Job>, round: &mut Round) {
        let statics = &*self.statics;
        let context = Context {
            image: &round.image,
            node: self.node,
            statics,
        };
        let records = job.decide(context, &mut SystemEntropy);
        if !records.is_empty() {
            match round.image.apply(&records) {
                Ok((image, _)) => round.image = Arc::new(image),
                Err(error) => {
                    tracing::error!(%error, "a decision does not fit the image it was made on");
                    job.fail(ControllerError::Unwritable);
                    return;
                }
            }
        }
        round.records.extend(records);
        round.jobs.push(job);
    }

    async fn finish(&mut self, round: Round) {
        match self.commit(&round.records).await {
            Ok(()) => round.jobs.into_iter().for_each(Job::succeed),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "metadata not committed"
                );
                let code = error.code();
                let mut jobs = round.jobs.into_iter();
                if let Some(first) = jobs.next() {
                    first.fail(error);
                }
                jobs.for_each(|job| job.fail(same_code(code)));
            }
        }
    }

    /// Proposes the records, and waits until this broker acts on the last of them.
    async fn commit(&mut self, records: &[MetadataRecord]) -> Result<(), ControllerError> {
        let (clock, meters) = (self.committed.clock(), self.committed.meters());
        let mut last = None;
        for batch in batches(records)? {
            let began = clock.elapsed();
            let position = self
                .quorum
                .propose(batch)
                .await
                .map_err(ControllerError::Quorum)?;
            meters.commits.record(clock.elapsed().saturating_sub(began));
            last = Some(position.index);
        }
        meters.written.add(records.len() as u64);
        let Some(index) = last else { return Ok(()) };
        let acted_on = self.published.wait_for(|&published| published >= index);
        match tokio::time::timeout(LONGEST_WAIT, acted_on).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(ControllerError::Stopped),
            Err(_) => Err(ControllerError::TimedOut),
        }
    }
}

fn same_code(code: ErrorCode) -> ControllerError {
    match code {
        ErrorCode::NotController => ControllerError::Stopped,
        ErrorCode::UnknownServerError => ControllerError::Unwritable,
        _ => ControllerError::TimedOut,
    }
}

/// The records as batches that the quorum takes. Halving finds the size soon enough: almost
/// always everything fits at once.
fn batches(records: &[MetadataRecord]) -> Result<Vec<bytes::Bytes>, ControllerError> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let batch = machine::encode(records).map_err(|_| ControllerError::Unwritable)?;
    if batch.len() <= MAX_BATCH_BYTES {
        return Ok(vec![batch]);
    }
    if records.len() == 1 {
        return Err(ControllerError::Unwritable);
    }
    let (front, back) = records.split_at(records.len() / 2);
    let mut all = batches(front)?;
    all.extend(batches(back)?);
    Ok(all)
}

/// Randomness from the system.
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn id(&mut self) -> Uuid {
        Uuid::random()
    }

    fn number(&mut self) -> usize {
        let bytes = Uuid::random().0;
        usize::from_ne_bytes(*bytes.last_chunk().expect("an id has 16 bytes"))
    }
}
