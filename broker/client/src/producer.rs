//! A producer: records are gathered into batches per partition and sent by one task, in order,
//! each batch again until it is written or its time is up.

mod accumulator;
mod partitioner;
mod record;
mod sender;
mod shared;

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;

use crate::cluster::Client;
use crate::error::ClientError;
use accumulator::{Accumulator, Fate};
use partitioner::Partitioner;
use shared::Shared;

pub use record::{Acks, Delivery, ProducerOptions, ProducerRecord};

/// The promise of a delivery.
#[derive(Debug)]
pub struct Receipt {
    partition: i32,
    /// The record's place in its batch.
    index: i64,
    fate: watch::Receiver<Option<Fate>>,
}

impl Receipt {
    /// Waits until the record is written.
    ///
    /// # Errors
    /// Why it never will be.
    pub async fn delivered(mut self) -> Result<Delivery, ClientError> {
        let fate = self.fate.wait_for(Option::is_some).await;
        let fate = fate.map_err(|_| ClientError::Closed)?.clone();
        let base = fate.unwrap_or(Err(ClientError::Closed))?;
        Ok(Delivery {
            partition: self.partition,
            offset: base.map(|base| base + self.index),
        })
    }
}

/// A handle; the sending task ends with [`Producer::close`] or with the handle.
pub struct Producer {
    shared: Arc<Shared>,
    partitioner: Partitioner,
    task: tokio::task::JoinHandle<()>,
}

impl Producer {
    /// Starts the sending task on the current runtime.
    #[must_use]
    pub fn start(client: &Client, options: ProducerOptions) -> Self {
        let shared = Arc::new(Shared {
            accumulator: Mutex::new(Accumulator::new(&options)),
            room: Semaphore::new(options.buffer_bytes.min(Semaphore::MAX_PERMITS)),
            wake: Notify::new(),
            unfinished: watch::Sender::new(0),
            client: client.separate(),
            options,
        });
        let task = tokio::spawn(sender::run(Arc::clone(&shared)));
        Self {
            shared,
            partitioner: Partitioner::default(),
            task,
        }
    }

    /// Takes a record, waiting while the buffer is full.
    ///
    /// # Errors
    /// When the topic cannot be found, or the record can never fit.
    pub async fn send(&self, record: &ProducerRecord) -> Result<Receipt, ClientError> {
        let partition = match record.partition {
            Some(partition) => partition,
            None => {
                let partitions = self.partitions(&record.topic).await?;
                self.partitioner.choose(record, partitions)
            }
        };
        let shared = &*self.shared;
        let size = record.size();
        let permits = u32::try_from(size).ok();
        let permits = permits.filter(|_| size <= shared.options.buffer_bytes);
        let permits = permits.ok_or_else(|| ClientError::Unwritable {
            reason: format!("a record of {size} bytes does not fit the buffer"),
        })?;
        let room = shared.room.acquire_many(permits).await;
        room.map_err(|_| ClientError::Closed)?.forget();

        let now = shared.client.options().clock.now();
        let appended = shared
            .accumulator
            .lock()
            .append(record, partition, now, Instant::now());
        let appended = match appended {
            Ok(appended) => appended,
            Err(error) => {
                shared.room.add_permits(size);
                return Err(error);
            }
        };
        if appended.opened {
            shared.unfinished.send_modify(|count| *count += 1);
        }
        if appended.opened || appended.full {
            shared.wake.notify_one();
        }
        Ok(Receipt {
            partition,
            index: appended.index,
            fate: appended.fate,
        })
    }

    /// Sends everything that was taken and waits until all of it is written or given up.
    pub async fn flush(&self) {
        self.shared.accumulator.lock().flush();
        self.shared.wake.notify_one();
        let mut unfinished = self.shared.unfinished.subscribe();
        let _ = unfinished.wait_for(|&count| count == 0).await;
    }

    /// Flushes, then ends.
    pub async fn close(self) {
        self.flush().await;
    }

    async fn partitions(&self, topic: &Arc<str>) -> Result<usize, ClientError> {
        let client = &self.shared.client;
        if let Some(view) = client.fresh_view()
            && let Some(known) = view.topics.get(topic)
        {
            return Ok(known.partitions.len());
        }
        let create = self.shared.options.create_topics;
        let found = client.retrying(|| client.topic_now(topic, create)).await?;
        Ok(found.partitions.len())
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
