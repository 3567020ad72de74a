//! Partitions as a broker serves them: a log, a leader's view of who has it, and the requests that
//! wait for either. Knows no sockets and no messages.

mod combiner;
mod error;
mod flusher;
mod latency;
mod leadership;
mod meter;
mod parked;
mod partition;
mod replicas;
mod topics;
mod unmade;

pub use error::AppendError;
pub use flusher::Flusher;
pub use latency::{Latency, LatencySummary, QUANTILES};
pub use leadership::{Assignment, Leadership};
pub use meter::{Count, TopicMeter};
pub use parked::{Committed, FetchWait};
pub use partition::{Appended, Isolation, Partition, Placed, ReadAnswer, ReadAsk, TopicShared};
pub use replicas::{Replicas, ReplicasOptions, TopicConfigs};
pub use topics::{Topic, Topics};
