//! kubectl against one cluster, with its answers as JSON.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::deadline::wait_for;
use millrace_tests::tree::root;
use serde_json::Value;

use crate::command::{output, output_with_input, program};

const ESTABLISHED: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
}

impl Kubectl {
    pub fn new(program: PathBuf, kubeconfig: PathBuf) -> Self {
        Self {
            program,
            kubeconfig,
        }
    }

    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The command for its caller to go on with.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.program);
        command.env("KUBECONFIG", &self.kubeconfig).args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        output(&mut self.command(arguments))
    }

    /// Makes the project's kinds known, and waits until they are served.
    pub fn define(&self) -> Result<()> {
        for kind in ["kafkaclusters", "kafkatopics"] {
            let yaml = fs::read_to_string(root().join(format!("crds/yaml/{kind}.yaml")))?;
            self.apply(&yaml, &["--server-side", "--force-conflicts"])?;
            let definition = format!("crd/{kind}.millrace.dev");
            let wait = ["wait", "--for=condition=Established", &definition];
            // It fails at once on one that has no conditions yet.
            wait_for(&definition, ESTABLISHED, || self.run(&wait).map(Some))?;
        }
        Ok(())
    }

    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = output(self.command(arguments).args(["-o", "json"]))?;
        serde_json::from_str(&text).context("kubectl does not write JSON")
    }

    /// `None` when there is no such object.
    pub fn find(&self, arguments: &[&str]) -> Result<Option<Value>> {
        let mut command = self.command(&["get", "--ignore-not-found", "-o", "json"]);
        let text = output(command.args(arguments))?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&text)
            .map(Some)
            .context("kubectl does not write JSON")
    }

    pub fn apply(&self, manifest: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(&["apply", "-f", "-"]);
        output_with_input(command.args(arguments), manifest).map(drop)
    }

    /// Merges `patch` into an object; `arguments` name it.
    pub fn patch(&self, arguments: &[&str], patch: &Value) -> Result<()> {
        let mut command = self.command(&["patch", "--type=merge", "-p", &patch.to_string()]);
        output(command.args(arguments)).map(drop)
    }
}
