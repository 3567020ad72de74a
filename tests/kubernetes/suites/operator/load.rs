//! A cluster with clients at work, for tests that change or break something meanwhile: at the end of each the
//! history of its clients is judged.

use anyhow::Result;
use serde_json::{Value, json};

use crate::specs::topic;
use crate::stage::{Stage, stage, stage_alone};
use crate::traffic::{PARTITIONS, Traffic};

/// The topic that carries the traffic.
pub(crate) const TRAFFIC: &str = "traffic";
/// What a cluster named `fleet` with the usual pool calls its pod and its claim.
pub(crate) const POD: &str = "fleet-all-0";
pub(crate) const CLAIM: &str = "data-fleet-all-0";

/// A test with the operator as it is, and clients at work on `fleet`.
pub(crate) fn under_load(
    name: &str,
    fleet: &Value,
    test: impl FnOnce(&Stage<'_>, &Traffic<'_>) -> Result<()>,
) -> Result<()> {
    stage(name, |stage| work(stage, fleet, test))
}

/// The same for a test during which no other needs operator or nodes.
pub(crate) fn alone_under_load(
    name: &str,
    fleet: &Value,
    test: impl FnOnce(&Stage<'_>, &Traffic<'_>) -> Result<()>,
) -> Result<()> {
    stage_alone(name, |stage| work(stage, fleet, test))
}

fn work(
    stage: &Stage<'_>,
    fleet: &Value,
    test: impl FnOnce(&Stage<'_>, &Traffic<'_>) -> Result<()>,
) -> Result<()> {
    stage.apply(fleet)?;
    let partitions = json!({ "partitions": PARTITIONS });
    stage.apply(&topic(TRAFFIC, "fleet", partitions))?;
    let kafka = stage.kafka("fleet")?;
    stage.ready("kafkatopic", TRAFFIC)?;
    let traffic = Traffic::start(&kafka, TRAFFIC)?;
    test(stage, &traffic)?;
    traffic.end()
}
