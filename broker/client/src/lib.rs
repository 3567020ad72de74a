//! An async Kafka client for brokers, the operator, the command line and tests: connections,
//! routing with retries, administration, a producer and consumers. It speaks the protocol and
//! nothing else; it knows nothing of how a broker stores or decides.

pub mod admin;
mod backoff;
mod cluster;
mod connection;
pub mod consumer;
mod error;
mod metadata;
mod negotiation;
mod options;
pub mod producer;
mod routing;
mod transport;

pub use backoff::{Jitter, RetryPolicy};
pub use cluster::Client;
pub use connection::{Connection, MAX_IN_FLIGHT, RESPONSE_BYTES_MAX};
pub use error::ClientError;
pub use metadata::{BrokerView, ClusterView, PartitionView, TopicView};
pub use options::ClientOptions;
pub use routing::CoordinatorKind;
pub use transport::{PlainTcp, Stream, Transport};
