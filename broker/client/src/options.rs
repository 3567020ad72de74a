//! What a client is told at the start.

use std::sync::Arc;
use std::time::Duration;

use millrace_types::{Clock, SystemClock};

use crate::backoff::{Jitter, RetryPolicy};
use crate::transport::{PlainTcp, Transport};

#[derive(Clone)]
pub struct ClientOptions {
    /// Where to begin, as `host:port`; the brokers found there are used from then on.
    pub bootstrap: Vec<String>,
    pub client_id: Arc<str>,
    pub connect_timeout: Duration,
    /// For one call on one broker; a long poll has its wait on top.
    pub request_timeout: Duration,
    pub retry: RetryPolicy,
    /// How long the cluster's layout is believed.
    pub metadata_max_age: Duration,
    pub transport: Arc<dyn Transport>,
    /// Stamps records.
    pub clock: Arc<dyn Clock>,
    pub jitter: Arc<Jitter>,
}

impl ClientOptions {
    /// Plain TCP, and waits as Kafka's own client has them.
    #[must_use]
    pub fn new(bootstrap: Vec<String>) -> Self {
        Self {
            bootstrap,
            client_id: "millrace".into(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
            metadata_max_age: Duration::from_mins(5),
            transport: Arc::new(PlainTcp),
            clock: Arc::new(SystemClock::new()),
            jitter: Arc::new(Jitter::random()),
        }
    }
}
