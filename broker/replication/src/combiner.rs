//! Exclusive work without a lock held over it: jobs are queued, whoever finds the resource free
//! takes it and does everything queued, then puts it back. Nobody waits for a lock while another
//! writes to a disk, and jobs that met in the queue are done together.

use parking_lot::Mutex;

/// Jobs that may wait for one resource. Every connection contributes a few at most, so a queue
/// this long means that the resource has stalled; more is refused, not remembered.
const JOBS_MAX: usize = 16 * 1024;

/// The queue is full: the resource has stalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stalled;

#[derive(Debug)]
pub(crate) struct Combiner<R, J> {
    inbox: Mutex<Inbox<R, J>>,
}

#[derive(Debug)]
struct Inbox<R, J> {
    /// Absent while somebody works with it.
    resource: Option<R>,
    jobs: Vec<J>,
    /// Kept so that a round of work allocates nothing.
    spare: Vec<J>,
}

impl<R, J> Combiner<R, J> {
    pub(crate) fn new(resource: R) -> Self {
        let inbox = Inbox {
            resource: Some(resource),
            jobs: Vec::new(),
            spare: Vec::new(),
        };
        Self {
            inbox: Mutex::new(inbox),
        }
    }

    /// Queues the job, and works if nobody does. When this returns the job is done, or somebody
    /// else is about to do it.
    ///
    /// `work` must take every job out of the queue it is given.
    pub(crate) fn submit(
        &self,
        job: J,
        mut work: impl FnMut(&mut R, &mut Vec<J>),
    ) -> Result<(), Stalled> {
        let mut inbox = self.inbox.lock();
        if inbox.jobs.len() >= JOBS_MAX {
            return Err(Stalled);
        }
        inbox.jobs.push(job);
        let Some(mut resource) = inbox.resource.take() else {
            return Ok(());
        };
        let mut round = std::mem::take(&mut inbox.spare);
        while !inbox.jobs.is_empty() {
            std::mem::swap(&mut inbox.jobs, &mut round);
            drop(inbox);
            work(&mut resource, &mut round);
            round.clear();
            inbox = self.inbox.lock();
        }
        inbox.spare = round;
        inbox.resource = Some(resource);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::Arc;

    #[test]
    fn every_job_is_done_once_and_in_order_of_each_submitter() {
        const EACH: u32 = 2000;
        let combiner = Arc::new(Combiner::new(Vec::new()));
        let submitters: Vec<_> = (0..4_u32)
            .map(|submitter| {
                let combiner = Arc::clone(&combiner);
                std::thread::spawn(move || {
                    for number in 0..EACH {
                        let done = combiner.submit((submitter, number), |log, jobs| {
                            log.append(jobs);
                        });
                        done.unwrap();
                    }
                })
            })
            .collect();
        for submitter in submitters {
            submitter.join().unwrap();
        }
        let mut all = Vec::new();
        combiner.submit((9, 0), |log, _| all.append(log)).unwrap();
        for submitter in 0..4 {
            let numbers: Vec<_> = all
                .iter()
                .filter(|(by, _)| *by == submitter)
                .map(|&(_, number)| number)
                .collect();
            assert_eq!(numbers, (0..EACH).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_job_submitted_during_work_is_done_by_the_worker() {
        let combiner = Combiner::new(Vec::new());
        let mut nested = false;
        combiner
            .submit(1, |log, jobs| {
                log.append(jobs);
                if !std::mem::replace(&mut nested, true) {
                    combiner
                        .submit(2, |_, _| unreachable!("somebody is at work"))
                        .unwrap();
                }
            })
            .unwrap();
        let mut all = Vec::new();
        combiner
            .submit(3, |log, jobs| {
                log.append(jobs);
                all.clone_from(log);
            })
            .unwrap();
        assert_eq!(all, [1, 2, 3]);
    }
}
