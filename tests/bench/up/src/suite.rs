//! The operator's tests on the Kubernetes API inside the process, built beforehand: each binary is run as cargo runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_bench_shared::clock;
use serde_json::Value;

/// The tests of one target.
pub(crate) struct Binary {
    name: String,
    path: PathBuf,
    /// Where its package lies.
    home: PathBuf,
}

/// What it came to.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) passed: u64,
}

/// What cargo says in JSON that it built, line by line.
pub(crate) fn built(messages: &Path) -> Result<Vec<Binary>> {
    let text =
        fs::read_to_string(messages).with_context(|| format!("reading {}", messages.display()))?;
    let mut binaries = Vec::new();
    for line in text.lines() {
        binaries.extend(binary(&serde_json::from_str(line)?));
    }
    ensure!(!binaries.is_empty(), "no tests were built");
    Ok(binaries)
}

fn binary(message: &Value) -> Option<Binary> {
    let is_test = message["profile"]["test"] == true;
    let path = message["executable"].as_str().filter(|_| is_test)?;
    let manifest = Path::new(message["manifest_path"].as_str()?);
    Some(Binary {
        name: message["target"]["name"].as_str()?.to_owned(),
        path: path.into(),
        home: manifest.parent()?.to_owned(),
    })
}

impl Binary {
    pub(crate) fn run(self) -> Result<Part> {
        let Self { name, path, home } = self;
        let mut command = Command::new(path);
        command.current_dir(&home).env("CARGO_MANIFEST_DIR", &home);
        let began = clock::now();
        let output = command
            .output()
            .with_context(|| format!("starting {name}"))?;
        let took = began.elapsed();
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "tests of {name} failed:\n{said}");
        let passed = passed(&said).with_context(|| format!("{name} tells no result: {said}"))?;
        Ok(Part { name, took, passed })
    }
}

/// The number of the line that a test binary ends with.
fn passed(said: &str) -> Option<u64> {
    let (_, result) = said.rsplit_once("test result: ok. ")?;
    result.split_once(" passed")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tests_are_told_from_what_else_is_built() {
        let message = |test: bool, executable: Value| {
            json!({"reason": "compiler-artifact", "manifest_path": "/a/b/Cargo.toml",
                "target": {"name": "b"}, "profile": {"test": test}, "executable": executable})
        };
        let found = binary(&message(true, json!("/t/b-1"))).unwrap();
        assert_eq!(
            (found.name.as_str(), found.home),
            ("b", PathBuf::from("/a/b"))
        );
        assert!(binary(&message(false, json!("/t/b-1"))).is_none());
        assert!(binary(&message(true, Value::Null)).is_none());
        assert!(binary(&json!({"reason": "build-finished"})).is_none());
    }

    #[test]
    fn the_result_is_read() {
        let said = "running 2 tests\n..\ntest result: ok. 2 passed; 0 failed; 0 ignored\n\n";
        assert_eq!(passed(said), Some(2));
        assert_eq!(passed("killed"), None);
    }
}
