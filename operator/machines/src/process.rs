//! Containers as processes of this machine. Each has a pipe that ends when this process does, however
//! that comes about; a program that watches its standard input for that is never left behind.

mod child;
mod left_behind;
mod lines;
mod log;
mod ports;
mod probe;
mod program;
mod volumes;

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::runner::{Container, ContainerId, Reports, Runner};
pub use log::{Logs, RunLog};
pub use program::Program;
pub use volumes::Layout;

/// Runs containers as processes.
#[derive(Debug)]
pub struct Processes {
    program: Program,
    layout: Layout,
    logs: Logs,
    running: HashMap<ContainerId, Running>,
}

#[derive(Debug)]
struct Running {
    /// How long it has left, once it is asked to end.
    stop: watch::Sender<Option<Duration>>,
    task: AbortHandle,
}

impl Processes {
    /// Every image runs `program`; what they keep lies where `layout` says.
    #[must_use]
    pub fn new(program: Program, layout: Layout, logs: Logs) -> Self {
        Self {
            program,
            layout,
            logs,
            running: HashMap::new(),
        }
    }
}

impl Runner for Processes {
    fn start(&mut self, container: Container, reports: Reports) {
        let id = container.id.clone();
        let (stop, stopped) = watch::channel(None);
        let task = tokio::spawn(child::run(
            self.program.clone(),
            self.layout.clone(),
            self.logs.clone(),
            container,
            reports,
            stopped,
        ));
        let task = task.abort_handle();
        self.running.insert(id, Running { stop, task });
    }

    fn stop(&mut self, container: &ContainerId, grace: Duration) {
        if let Some(running) = self.running.get(container) {
            running.stop.send_replace(Some(grace));
        }
    }

    fn forget(&mut self, namespace: &str, pod: &str, uid: &str) {
        self.running.retain(|id, running| {
            if id.uid == uid {
                // Its process is killed with it.
                running.task.abort();
            }
            id.uid != uid
        });
        self.logs.forget(namespace, pod);
        self.layout.remove_pod(namespace, pod, uid);
    }

    fn release(&mut self, namespace: &str, claim: &str) {
        self.layout.remove_claim(namespace, claim);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::sync::mpsc;

    use super::*;
    use crate::runner::{Ended, Mount, Report, Source};

    fn processes(root: &Path) -> Processes {
        let program = Program {
            path: "/nowhere".into(),
            arguments: Vec::new(),
        };
        let layout = Layout {
            claims: root.join("volumes"),
            pods: root.join("pods"),
        };
        Processes::new(program, layout, Logs::new(root.join("logs")))
    }

    fn shell(script: &str) -> Container {
        let command = ["/bin/sh", "-c", script];
        Container {
            id: ContainerId {
                namespace: "n".to_owned(),
                pod: "p-0".to_owned(),
                uid: "u".to_owned(),
                container: "c".to_owned(),
            },
            address: "127.0.0.1".to_owned(),
            command: command.map(str::to_owned).to_vec(),
            args: Vec::new(),
            env: vec![("WHERE".to_owned(), "/data/x".to_owned())],
            mounts: vec![Mount {
                volume: "data".to_owned(),
                path: "/data".to_owned(),
                source: Source::Claim("kept".to_owned()),
            }],
            ports: Vec::new(),
            liveness: None,
            readiness: None,
        }
    }

    async fn ended(reports: &mut mpsc::Receiver<(ContainerId, Report)>) -> Ended {
        loop {
            if let (_, Report::Ended(ended)) = reports.recv().await.expect("a report") {
                return ended;
            }
        }
    }

    #[tokio::test]
    async fn a_container_is_a_process_with_volumes_a_log_and_an_end() {
        let root = tempfile::TempDir::new().expect("a directory");
        let mut processes = processes(root.path());
        let (reports, mut reported) = mpsc::channel(8);
        let script = r#"echo "to $WHERE"; echo kept > "$WHERE"; exit 3"#;
        processes.start(shell(script), reports.clone());
        let end = ended(&mut reported).await;
        let kept = root.path().join("volumes/n/kept/x");
        assert_eq!((end.exit_code, end.reason), (3, "Error"));
        assert_eq!(end.message, format!("to {}\n", kept.display()));
        assert_eq!(std::fs::read_to_string(&kept).expect("a file"), "kept\n");
        processes.start(shell("exit 0"), reports);
        let end = ended(&mut reported).await;
        assert_eq!((end.exit_code, end.reason), (0, "Completed"));
        processes.forget("n", "p-0", "u");
        assert!(kept.exists());
        processes.release("n", "kept");
        assert!(!kept.exists());
    }

    #[tokio::test]
    async fn a_process_that_does_not_stop_in_time_is_ended() {
        let root = tempfile::TempDir::new().expect("a directory");
        let mut processes = processes(root.path());
        let (reports, mut reported) = mpsc::channel(8);
        let cases = [
            (
                "trap 'exit 7' TERM; echo; while :; do read -r _; done",
                60,
                7,
            ),
            ("trap '' TERM; echo; while :; do read -r _; done", 0, 137),
        ];
        for (script, grace, code) in cases {
            let container = shell(script);
            let id = container.id.clone();
            processes.start(container, reports.clone());
            let log = root.path().join("logs");
            // It has said something, so it heeds signals.
            while !said_something(&log) {
                tokio::task::yield_now().await;
            }
            processes.stop(&id, Duration::from_secs(grace));
            assert_eq!(ended(&mut reported).await.exit_code, code, "{script}");
            std::fs::remove_dir_all(log).expect("removed");
        }
    }

    fn said_something(logs: &Path) -> bool {
        let log = logs.join("n/p-0/c/0.0.log");
        std::fs::metadata(log).is_ok_and(|file| file.len() > 0)
    }

    #[tokio::test]
    async fn what_cannot_be_run_is_told() {
        let root = tempfile::TempDir::new().expect("a directory");
        let mut processes = processes(root.path());
        let (reports, mut reported) = mpsc::channel(8);
        let mut container = shell("");
        container.command = vec!["/nowhere".to_owned()];
        processes.start(container, reports.clone());
        assert_eq!(ended(&mut reported).await.reason, "ContainerCannotRun");
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let mut container = shell("");
        container.ports = vec![taken.local_addr().expect("an address").port()];
        processes.start(container, reports);
        let end = ended(&mut reported).await;
        assert_eq!(end.reason, "AddressTaken");
        assert!(end.message.contains("is taken"), "{}", end.message);
    }
}
