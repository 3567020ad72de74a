//! A process whose kubelet died. It notices and stops by itself; until then it has the ports and the
//! volume of its container, so the next start waits for it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

/// It has that long to stop by itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between looks: nobody is told when a process ends that is not one's own.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Notes which process runs a container.
pub(crate) fn note(path: &Path, pid: u32) -> std::io::Result<()> {
    let began = began(pid).unwrap_or_default();
    fs::write(path, format!("{pid} {began}"))
}

/// Waits until the process that was noted is gone. One that does not stop is ended.
pub(crate) async fn wait(path: &Path) {
    let Some((pid, began_at)) = noted(path) else {
        return;
    };
    // Another process may have its number by now.
    let lives = || began(pid).is_some_and(|began| began == began_at);
    let end = Instant::now() + PATIENCE;
    while lives() {
        if Instant::now() >= end {
            let raw = pid.try_into().ok().and_then(Pid::from_raw);
            if let Some(pid) = raw {
                // It may just have gone.
                let _gone = kill_process(pid, Signal::KILL);
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

fn noted(path: &Path) -> Option<(u32, u64)> {
    let text = fs::read_to_string(path).ok()?;
    let (pid, began) = text.split_once(' ')?;
    Some((pid.parse().ok()?, began.parse().ok()?))
}

/// When a process began, in a measure that tells it from others of the same number; `None` when there is
/// no such process, and on systems that do not say.
fn began(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may hold anything, even brackets.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let (state, began) = (fields.first()?, fields.get(19)?);
    if *state == "Z" {
        return None;
    }
    began.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn a_process_that_is_left_behind_is_waited_for() {
        let root = tempfile::TempDir::new().expect("a directory");
        let path = root.path().join("pid");
        wait(&path).await;
        let mut child = Command::new("sleep")
            .arg("1000")
            .spawn()
            .expect("a process");
        note(&path, child.id()).expect("written");
        let waiting = tokio::time::timeout(Duration::from_millis(50), wait(&path)).await;
        assert!(waiting.is_err(), "it runs");
        child.kill().expect("killed");
        wait(&path).await;
        child.wait().expect("its end");
    }
}
