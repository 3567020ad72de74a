//! Work that needs the log for itself: it waits in the queue of those who write.

use millrace_log::Log;
use tokio::sync::oneshot;

use crate::partition::job::Job;
use crate::partition::state::Partition;

impl Partition {
    /// Runs `work` as soon as nobody else has the log, perhaps on another thread.
    pub fn exclusive(&self, work: impl FnOnce(&mut Option<Log>) + Send + 'static) {
        // A full queue drops the work; what maintenance leaves undone it finds again next time.
        let _dropped = self.submit(Job::Maintain(Box::new(work)));
    }

    /// As [`Self::exclusive`], with an answer; none when the partition is closed or has stalled.
    pub async fn exclusively<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Log) -> T + Send + 'static,
    ) -> Option<T> {
        self.outcome_of(work).await.ok()
    }

    /// As [`Self::exclusively`], for those who may block.
    pub fn exclusively_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Log) -> T + Send + 'static,
    ) -> Option<T> {
        self.outcome_of(work).blocking_recv().ok()
    }

    fn outcome_of<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Log) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        self.exclusive(move |log| {
            if let Some(log) = log {
                let _gone = sender.send(work(log));
            }
        });
        receiver
    }

    /// Takes the log for good; later appends find the partition closed. Blocks while somebody
    /// else writes.
    pub fn take_log_blocking(&self) -> Option<Log> {
        let (sender, receiver) = oneshot::channel();
        self.exclusive(move |log| {
            let _gone = sender.send(log.take());
        });
        receiver.blocking_recv().ok().flatten()
    }
}
