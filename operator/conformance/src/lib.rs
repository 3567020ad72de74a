//! What a Kubernetes API does, as a list of checks over a client. They run on a real API server and on
//! the one inside the process: a check that only one of them passes is a mistake of that one.

mod answer;
mod checks;
mod examples;
mod ground;
mod outcomes;
mod specimens;
mod watching;

use std::panic::AssertUnwindSafe;

use anyhow::{Result, anyhow};
use futures::FutureExt;
use futures::future::BoxFuture;
use kube::Client;

pub use examples::refusals;
pub use ground::Ground;
pub use outcomes::all_passed;

/// One thing that a Kubernetes API does.
pub struct Check {
    pub name: &'static str,
    run: fn(Ground) -> BoxFuture<'static, Result<()>>,
}

impl Check {
    /// Runs in a namespace that is there and has nothing of the check's in it.
    ///
    /// # Errors
    /// What the API did instead.
    pub async fn run(&self, client: Client, namespace: &str) -> Result<()> {
        let ground = Ground::new(client, namespace);
        let outcome = AssertUnwindSafe((self.run)(ground)).catch_unwind().await;
        outcome.unwrap_or_else(|_| Err(anyhow!("it panicked")))
    }
}

/// Names the checks that are to run: those whose names have its value.
const CHOICE: &str = "MILLRACE_CHECK";

/// Every check, or those that the environment chooses.
#[must_use]
pub fn checks() -> Vec<Check> {
    let chosen = std::env::var(CHOICE).unwrap_or_default();
    let mut checks = checks::all();
    checks.retain(|check| check.name.contains(&chosen));
    checks
}
