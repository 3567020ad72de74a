//! The checks that a real API server passes, on the API inside the process.
//!
//! `MILLRACE_CHECK=applying cargo test -p millrace-local --test conformance` runs those whose name has it.

use anyhow::{Result, ensure};
use jiff::Timestamp;
use kube::Client;
use millrace_local::LocalApi;
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn the_api_does_what_an_api_server_does() -> Result<()> {
    let mut outcomes = Vec::new();
    for (index, check) in millrace_conformance::checks().iter().enumerate() {
        let namespace = format!("check-{index}");
        let outcome = check.run(client(&namespace)?, &namespace).await;
        outcomes.push((check.name, outcome));
    }
    millrace_conformance::all_passed(outcomes)
}

#[tokio::test(start_paused = true)]
async fn examples_are_refused_as_an_api_server_refuses_them() -> Result<()> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let examples = format!("{root}/crds/examples");
    let found = millrace_conformance::refusals(client("a")?, "a", examples.as_ref()).await?;
    let expected = std::fs::read_to_string(format!("{root}/operator/conformance/refusals.json"))?;
    let expected: Value = serde_json::from_str(&expected)?;
    for (name, expected) in expected.as_object().into_iter().flatten() {
        let found = &found[name];
        ensure!(
            found == expected,
            "{name}:\nfound    {found:#}\nexpected {expected:#}"
        );
    }
    Ok(())
}

/// A client of a new API with this namespace.
fn client(namespace: &str) -> Result<Client> {
    let api = LocalApi::new(Timestamp::from_second(1_800_000_000)?);
    api.create(json!({"kind": "Namespace", "metadata": {"name": namespace}}))?;
    Ok(api.client())
}
