//! Taking batches from producers: queued at the log, written together, answered one by one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_log::{AppendBatch, AppendOutcome, Log};
use millrace_types::{LeaderEpoch, Offset, Timestamp};
use tokio::sync::oneshot;

use crate::combiner::Stalled;
use crate::error::AppendError;
use crate::partition::job::{AppendJob, AppendResult, Job, Placed};
use crate::partition::state::Partition;

/// What became of an append by the time the call returned.
#[derive(Debug)]
pub enum Appended {
    Done(AppendResult),
    /// Somebody else is writing this batch along with theirs.
    Soon(oneshot::Receiver<AppendResult>),
}

impl Appended {
    /// Waits for the write, if need be.
    pub async fn placed(self) -> AppendResult {
        match self {
            Self::Done(result) => result,
            Self::Soon(receiver) => receiver.await.unwrap_or(Err(AppendError::Storage)),
        }
    }
}

impl Partition {
    /// Appends a batch that was checked, as the partition's leader.
    ///
    /// `wants_all` says that the producer wants every replica in sync to have it.
    pub fn append(
        self: &Arc<Self>,
        batch: AppendBatch,
        wants_all: bool,
        now: Timestamp,
    ) -> Appended {
        let epoch = match self.may_append(wants_all) {
            Ok(epoch) => epoch,
            Err(error) => return Appended::Done(Err(error)),
        };
        let (answer, mut receiver) = oneshot::channel();
        let job = AppendJob {
            batch,
            epoch,
            now,
            answer,
        };
        if self.submit(Job::Append(job)).is_err() {
            return Appended::Done(Err(AppendError::Stalled));
        }
        match receiver.try_recv() {
            Ok(result) => Appended::Done(result),
            Err(_) => Appended::Soon(receiver),
        }
    }

    fn may_append(&self, wants_all: bool) -> Result<LeaderEpoch, AppendError> {
        let office = self.office.lock();
        let leadership = office.leadership.as_ref().ok_or(AppendError::NotLeader)?;
        let required = self.topic.config.load().min_insync_replicas;
        if wants_all && !leadership.has_enough_in_sync(required) {
            return Err(AppendError::NotEnoughReplicas);
        }
        Ok(leadership.epoch())
    }

    pub(super) fn submit(&self, job: Job) -> Result<(), Stalled> {
        self.log.submit(job, |log, jobs| {
            let mut appends = Vec::new();
            for job in jobs.drain(..) {
                match job {
                    Job::Append(append) => appends.push(append),
                    Job::Maintain(work) => {
                        self.write(log, std::mem::take(&mut appends));
                        work(log);
                    }
                }
            }
            self.write(log, appends);
            let producers = log.as_ref().map_or(0, |log| log.producers().len());
            self.producers.store(producers, Ordering::Relaxed);
        })
    }

    /// Writes what producers brought, in the order in which they came.
    fn write(&self, log: &mut Option<Log>, jobs: Vec<AppendJob>) {
        let Some(first) = jobs.first() else { return };
        let (epoch, now) = (first.epoch, first.now);
        let Some(log) = log else {
            refuse(jobs, &AppendError::NotLeader);
            return;
        };
        let (current, fenced): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|job| job.epoch == epoch);
        let (batches, answers): (Vec<_>, Vec<_>) = current
            .into_iter()
            .map(|job| (job.batch, job.answer))
            .unzip();
        let mut outcomes = Vec::with_capacity(batches.len());
        let written = log.append(&batches, epoch, now, &mut outcomes);
        if let Err(error) = &written {
            tracing::error!(
                partition = %self.id,
                error = error as &dyn std::error::Error,
                "the log could not be written"
            );
        }
        self.announce(epoch, appended_bytes(&batches, &outcomes));
        let mut outcomes = outcomes.into_iter();
        for (batch, answer) in batches.iter().zip(answers) {
            let result = match outcomes.next() {
                Some(outcome) => placed(batch, outcome),
                None => Err(AppendError::Storage),
            };
            // The producer may have gone; the batch is in the log all the same.
            let _gone = answer.send(result);
        }
        refuse(fenced, &AppendError::NotLeader);
    }

    /// Tells the leader's view, or asks for the flush that will.
    fn announce(&self, epoch: LeaderEpoch, bytes: usize) {
        if bytes == 0 {
            return;
        }
        let end = self.view.end_offset();
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.office.lock().parked.appended(end, bytes);
        if self.must_flush(end) {
            self.request_flush();
        } else {
            self.with_leadership(epoch, |leadership| leadership.appended(end));
        }
    }
}

fn appended_bytes(batches: &[AppendBatch], outcomes: &[AppendOutcome]) -> usize {
    let appended = |outcome: &AppendOutcome| matches!(outcome, AppendOutcome::Appended { .. });
    let pairs = batches.iter().zip(outcomes);
    pairs
        .filter(|(_, outcome)| appended(outcome))
        .map(|(batch, _)| batch.bytes.len())
        .sum()
}

fn placed(batch: &AppendBatch, outcome: AppendOutcome) -> AppendResult {
    let records = Offset::from(batch.header.last_offset_delta) + 1;
    let at = |base_offset, duplicate_of| {
        Ok(Placed {
            base_offset,
            end_offset: base_offset + records,
            duplicate_of,
        })
    };
    match outcome {
        AppendOutcome::Appended { base_offset } => at(base_offset, None),
        AppendOutcome::Duplicate {
            base_offset,
            timestamp,
        } => at(base_offset, Some(timestamp)),
        AppendOutcome::Refused(error) => Err(AppendError::Producer(error)),
        AppendOutcome::TooLarge => Err(AppendError::TooLarge),
    }
}

fn refuse(jobs: Vec<AppendJob>, error: &AppendError) {
    for job in jobs {
        let _gone = job.answer.send(Err(error.clone()));
    }
}
