//! kubectl against one cluster, with its answers as JSON.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{output, output_with_input, program};

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
