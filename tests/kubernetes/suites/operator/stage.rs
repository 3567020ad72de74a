//! The frame of a test: a namespace of its own, an operator that works, and the verbs that every test needs.
//!
//! Tests share the operator. One that changes or kills it has it alone: see [`stage_alone`].

use std::fs::File;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::{Cluster, Lab, scenario};
use millrace_tests::deadline::wait_for;
use serde_json::{Value, json};

use crate::kafka::Kafka;
use crate::operator::need_operator;

/// Anything that is asked for has come about by then, also on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(180);

pub(crate) struct Stage<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) space: &'a str,
}

/// A test that needs the operator as it is.
pub(crate) fn stage(name: &str, test: impl FnOnce(&Stage<'_>) -> Result<()>) -> Result<()> {
    set(name, File::lock_shared, test)
}

/// A test during which no other needs the operator.
pub(crate) fn stage_alone(name: &str, test: impl FnOnce(&Stage<'_>) -> Result<()>) -> Result<()> {
    set(name, File::lock, test)
}

fn set(
    name: &str,
    take_turn: impl FnOnce(&File) -> std::io::Result<()>,
    test: impl FnOnce(&Stage<'_>) -> Result<()>,
) -> Result<()> {
    let turn = File::create(std::env::temp_dir().join("millrace-operator-tests.lock"))?;
    take_turn(&turn)?;
    scenario(name, |cluster, space| {
        // Clients of these tests stand outside and reach pods at their own addresses.
        cluster.lab()?;
        need_operator(cluster)?;
        restrict(cluster, space)?;
        test(&Stage { cluster, space })
    })
}

/// No pod of the namespace may have more than the restricted profile allows.
pub(crate) fn restrict(cluster: &Cluster, space: &str) -> Result<()> {
    let label = "pod-security.kubernetes.io/enforce=restricted";
    let kubectl = cluster.kubectl();
    kubectl.run(&["label", "namespace", space, label]).map(drop)
}

impl Stage<'_> {
    pub(crate) fn lab(&self) -> Result<&Lab> {
        self.cluster.lab()
    }

    /// kubectl in the namespace.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let all = [&["-n", self.space], arguments].concat();
        self.cluster.kubectl().run(&all)
    }

    pub(crate) fn apply(&self, object: &Value) -> Result<()> {
        let here = ["-n", self.space];
        self.cluster.kubectl().apply(&object.to_string(), &here)
    }

    pub(crate) fn find(&self, kind: &str, name: &str) -> Result<Option<Value>> {
        let arguments = ["-n", self.space, kind, name];
        self.cluster.kubectl().find(&arguments)
    }

    pub(crate) fn get(&self, kind: &str, name: &str) -> Result<Value> {
        let found = self.find(kind, name)?;
        found.with_context(|| format!("no {kind} {name}"))
    }

    /// What `kinds`, separated by commas, the namespace has.
    pub(crate) fn list(&self, kinds: &str) -> Result<Vec<Value>> {
        let arguments = ["-n", self.space, "get", kinds];
        let listed = self.cluster.kubectl().json(&arguments)?;
        listed["items"].as_array().cloned().context("a list")
    }

    /// Merges `patch` into an object.
    pub(crate) fn patch(&self, kind: &str, name: &str, patch: &Value) -> Result<()> {
        let arguments = ["-n", self.space, kind, name];
        self.cluster.kubectl().patch(&arguments, patch)
    }

    pub(crate) fn patch_spec(&self, kind: &str, name: &str, spec: &Value) -> Result<()> {
        self.patch(kind, name, &json!({ "spec": spec }))
    }

    pub(crate) fn delete(&self, kind: &str, name: &str) -> Result<()> {
        self.kubectl(&["delete", kind, name, "--wait=false"])
            .map(drop)
    }

    /// Waits until the resource stands as its newest spec asks.
    pub(crate) fn ready(&self, kind: &str, name: &str) -> Result<Value> {
        self.wait_reason(kind, name, "AsSpecified")
    }

    /// Waits until the newest spec was judged so, and tells the resource.
    pub(crate) fn wait_reason(&self, kind: &str, name: &str, reason: &str) -> Result<Value> {
        self.wait(&format!("{kind} {name} to be {reason}"), || {
            let resource = self.get(kind, name)?;
            ensure!(
                judged(&resource) && ready_reason(&resource) == reason,
                "its status is {}",
                resource["status"]
            );
            Ok(Some(resource))
        })
    }

    pub(crate) fn gone(&self, kind: &str, name: &str) -> Result<()> {
        self.wait(&format!("{kind} {name} to be gone"), || {
            Ok(self.find(kind, name)?.is_none().then_some(()))
        })
    }

    pub(crate) fn wait<T>(
        &self,
        what: &str,
        probe: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        wait_for(what, SOON, probe)
    }

    /// A client of the cluster, once it is ready.
    pub(crate) fn kafka(&self, cluster: &str) -> Result<Kafka> {
        let ready = self.ready("kafkacluster", cluster)?;
        let bootstrap = &ready["status"]["listeners"][0]["bootstrapServers"];
        Kafka::connect(bootstrap.as_str().context("a bootstrap address")?)
    }

    pub(crate) fn uid(&self, kind: &str, name: &str) -> Result<String> {
        let object = self.get(kind, name)?;
        let uid = object["metadata"]["uid"].as_str();
        uid.map(str::to_owned).context("an object has a uid")
    }
}

/// Whether the operator has seen the newest spec.
fn judged(resource: &Value) -> bool {
    resource["metadata"]["generation"] == resource["status"]["observedGeneration"]
}

/// Whether it stands as its newest spec asks.
pub(crate) fn judged_ready(resource: &Value) -> bool {
    judged(resource) && ready_reason(resource) == "AsSpecified"
}

fn ready_reason(resource: &Value) -> &str {
    condition(resource, "Ready")["reason"]
        .as_str()
        .unwrap_or_default()
}

/// A condition of a resource, or null.
pub(crate) fn condition<'a>(resource: &'a Value, kind: &str) -> &'a Value {
    let conditions = resource["status"]["conditions"].as_array();
    let mut conditions = conditions.into_iter().flatten();
    conditions
        .find(|condition| condition["type"] == kind)
        .unwrap_or(&Value::Null)
}
