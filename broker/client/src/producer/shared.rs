//! What a producer and its sending task have in common.

use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, watch};

use crate::cluster::Client;
use crate::producer::accumulator::Accumulator;
use crate::producer::record::ProducerOptions;

pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) options: ProducerOptions,
    pub(crate) accumulator: Mutex<Accumulator>,
    /// Free bytes of the buffer.
    pub(crate) room: Semaphore,
    pub(crate) wake: Notify,
    /// Batches that are not finished; the producer is flushed at zero.
    pub(crate) unfinished: watch::Sender<usize>,
}
