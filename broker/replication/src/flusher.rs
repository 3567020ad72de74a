//! Threads that make logs durable, so that nobody who serves clients waits for a disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use millrace_types::Clock;
use parking_lot::{Condvar, Mutex};

use crate::latency::Latency;
use crate::partition::Partition;

/// Flushes under way at once: enough to keep one disk busy while another partition's is slow.
const THREADS: usize = 4;

/// A queue of partitions to flush. Each partition is in it once at most, so their number bounds it.
pub struct Flusher {
    clock: Arc<dyn Clock>,
    times: Latency,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    partitions: VecDeque<Arc<Partition>>,
    closing: bool,
}

impl Flusher {
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            times: Latency::default(),
            queue: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// How long flushes take.
    #[must_use]
    pub fn times(&self) -> &Latency {
        &self.times
    }

    pub(crate) fn enqueue(&self, partition: Arc<Partition>) {
        self.queue.lock().partitions.push_back(partition);
        self.changed.notify_one();
    }

    /// Starts the threads; they end after [`Self::close`], when the queue is empty.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(self: &Arc<Self>) -> std::io::Result<Vec<JoinHandle<()>>> {
        (0..THREADS)
            .map(|number| {
                let flusher = Arc::clone(self);
                thread::Builder::new()
                    .name(format!("flush-{number}"))
                    .spawn(move || flusher.work())
            })
            .collect()
    }

    pub fn close(&self) {
        self.queue.lock().closing = true;
        self.changed.notify_all();
    }

    fn work(&self) {
        while let Some(partition) = self.next() {
            let began = self.clock.elapsed();
            partition.run_flush();
            self.times
                .record(self.clock.elapsed().saturating_sub(began));
        }
    }

    fn next(&self) -> Option<Arc<Partition>> {
        let mut queue = self.queue.lock();
        loop {
            if let Some(partition) = queue.partitions.pop_front() {
                return Some(partition);
            }
            if queue.closing {
                return None;
            }
            self.changed.wait(&mut queue);
        }
    }
}
