//! An API of its own for a test, and a `kubectl` with a home of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use millrace_kubernetes_tests::{Kubectl, need_binaries};
use millrace_local::LocalApi;
use millrace_loopback::{ContainerRun, Loopback, Output, PodLogs, kubeconfig};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

pub(crate) struct Stage {
    pub(crate) api: LocalApi,
    home: TempDir,
    kubectl: Kubectl,
    logs: Arc<Logs>,
    /// Keeps the server alive until it is dropped.
    _stop: oneshot::Sender<()>,
    _runtime: Runtime,
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) succeeded: bool,
    pub(crate) out: String,
    pub(crate) complaint: String,
}

/// The files of a run are `NAMESPACE.POD.CONTAINER.NUMBER`, with `previous` before the number where that
/// is meant.
struct Logs {
    folder: PathBuf,
    ended: watch::Sender<bool>,
}

struct Log {
    folder: PathBuf,
    name: String,
    ended: watch::Receiver<bool>,
}

impl Logs {
    fn of(&self, run: &ContainerRun) -> Log {
        let previous = if run.previous { "previous." } else { "" };
        Log {
            folder: self.folder.clone(),
            name: format!("{}.{}.{}.{previous}", run.namespace, run.pod, run.container),
            ended: self.ended.subscribe(),
        }
    }
}

impl PodLogs for Logs {
    fn output(&self, run: &ContainerRun) -> Option<Box<dyn Output>> {
        let log = self.of(run);
        (!log.files().is_empty()).then(|| Box::new(log) as _)
    }
}

impl Log {
    fn write(&self, number: u64, line: &str) -> Result<()> {
        let path = self.folder.join(format!("{}{number}", self.name));
        let mut file = File::options().create(true).append(true).open(path)?;
        Ok(file.write_all(line.as_bytes())?)
    }
}

impl Output for Log {
    fn files(&self) -> BTreeMap<u64, PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files = entries.filter_map(|entry| {
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(&self.name)?.parse().ok()?;
            Some((number, entry.path()))
        });
        files.collect()
    }

    fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }
}

impl Stage {
    pub(crate) fn new() -> Result<Self> {
        let home = TempDir::new()?;
        let runtime = Runtime::new()?;
        let loopback = runtime.block_on(Loopback::bind(SocketAddr::from(([127, 0, 0, 1], 0))))?;
        let file = home.path().join("kubeconfig");
        fs::write(&file, kubeconfig(loopback.address()))?;
        let api = LocalApi::new(Timestamp::now());
        let namespace = serde_json::json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": "default"}, "status": {"phase": "Active"}});
        if api.object("Namespace", "", "default").is_none() {
            api.create(namespace)?;
        }
        let logs = Arc::new(Logs {
            folder: home.path().to_owned(),
            ended: watch::Sender::new(false),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(
            loopback.serve(api.clone(), Arc::clone(&logs) as _, async move {
                stopped.await.ok();
            }),
        );
        Ok(Self {
            api,
            kubectl: Kubectl::new(need_binaries()?.program("kubectl"), file),
            home,
            logs,
            _stop: stop,
            _runtime: runtime,
        })
    }

    /// A line of a container's output, as it is kept.
    pub(crate) fn write_log(
        &self,
        pod: &str,
        container: &str,
        previous: bool,
        line: &str,
    ) -> Result<()> {
        let log = self.log(pod, container, previous);
        let last = log.files().keys().next_back().copied();
        log.write(last.unwrap_or_default(), line)
    }

    /// A line in the next file of a container's output.
    pub(crate) fn write_next_log(&self, pod: &str, container: &str, line: &str) -> Result<()> {
        let log = self.log(pod, container, false);
        let last = log.files().keys().next_back().copied();
        log.write(last.map_or(0, |last| last + 1), line)
    }

    fn log(&self, pod: &str, container: &str, previous: bool) -> Log {
        self.logs.of(&ContainerRun {
            namespace: "default".to_owned(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            previous,
        })
    }

    /// No container writes any more.
    pub(crate) fn end_logs(&self) {
        self.logs.ended.send_replace(true);
    }

    /// A file in the home.
    pub(crate) fn file(&self, name: &str, text: &str) -> Result<String> {
        let path = self.home.path().join(name);
        fs::write(&path, text)?;
        let path = path
            .to_str()
            .context("temporary folders have plain names")?;
        Ok(path.to_owned())
    }

    /// The command for its caller to go on with; words are parted by blanks.
    pub(crate) fn command(&self, line: &str) -> Command {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.kubectl.command(&words);
        command.env("HOME", self.home.path()).stdin(Stdio::null());
        command
    }

    /// What a command says, whether it succeeds or not.
    pub(crate) fn says(&self, command: &mut Command) -> Result<Said> {
        let done = command.output()?;
        Ok(Said {
            succeeded: done.status.success(),
            out: String::from_utf8(done.stdout)?,
            complaint: String::from_utf8(done.stderr)?,
        })
    }

    /// The output of a command that must succeed without a complaint.
    pub(crate) fn run(&self, line: &str) -> Result<String> {
        let said = self.says(&mut self.command(line))?;
        if !said.succeeded || !said.complaint.is_empty() {
            bail!("kubectl {line}: {}{}", said.out, said.complaint);
        }
        Ok(said.out)
    }

    /// The complaint of a command that must fail.
    pub(crate) fn refused(&self, line: &str) -> Result<String> {
        let said = self.says(&mut self.command(line))?;
        if said.succeeded {
            bail!("kubectl {line} succeeded: {}", said.out);
        }
        Ok(said.complaint)
    }

    pub(crate) fn json(&self, line: &str) -> Result<Value> {
        let text = self.run(&format!("{line} -o json"))?;
        serde_json::from_str(&text).context("kubectl does not write JSON")
    }
}

/// Columns as words, without the width that their longest cell gives them.
pub(crate) fn narrow(table: &str) -> Vec<Vec<String>> {
    let row = |line: &str| -> Vec<String> {
        let cells = line.split("  ").map(str::trim);
        cells
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    };
    table.lines().map(row).collect()
}
