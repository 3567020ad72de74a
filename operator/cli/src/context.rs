//! What every command has at hand: the client and the way to answer.

use std::time::Duration;

use millrace_client::{Client, ClientOptions, RetryPolicy};

use crate::args::{Format, Global};

pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) format: Format,
}

impl Context {
    pub(crate) fn new(global: &Global) -> Self {
        let mut options = ClientOptions::new(global.bootstrap_server.clone());
        options.client_id = "millrace-cli".into();
        options.retry = RetryPolicy {
            give_up_after: Duration::from_secs(global.timeout),
            ..RetryPolicy::default()
        };
        Self {
            client: Client::new(options),
            format: global.output,
        }
    }
}
