//! What pods change in the cluster, request by request as it is answered: the API server's audit log.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::lab::control_plane::AUDIT_LOG;
use crate::lab::home;

/// Requests that nobody has asked for yet; more of them wait in the pipe.
const BUFFERED: usize = 1_024;

/// Requests from now on that changed objects of one namespace, by service accounts of another.
///
/// Leases and events are left out: they come and go by time.
#[derive(Debug)]
pub struct Changes {
    tail: Child,
    seen: Receiver<Change>,
}

/// An answered request that changed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Such as `patch`.
    pub verb: String,
    /// Such as `kafkaclusters/status fleet`.
    pub object: String,
}

impl Changes {
    pub(crate) fn follow(namespace: &str, by: &str) -> Result<Self> {
        let log = home::path(AUDIT_LOG);
        let written = fs::metadata(&log).map_or(0, |log| log.len());
        let mut tail = Command::new("tail")
            .arg(format!("--bytes=+{}", written + 1))
            .arg("-F")
            .arg(log)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("tail does not start")?;
        let lines = tail.stdout.take().context("the pipe was asked for")?;
        let (sender, seen) = sync_channel(BUFFERED);
        let (namespace, by) = (namespace.to_owned(), format!("system:serviceaccount:{by}:"));
        std::thread::spawn(move || pass_on(BufReader::new(lines), &namespace, &by, &sender));
        Ok(Self { tail, seen })
    }

    /// The next change, at once when it is answered; `None` when there is none within `limit`.
    pub fn next(&self, limit: Duration) -> Result<Option<Change>> {
        match self.seen.recv_timeout(limit) {
            Ok(change) => Ok(Some(change)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("the audit log is not followed any more"),
        }
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        let _ = self.tail.kill();
        let _ = self.tail.wait();
    }
}

/// Ends when the log does, or when nobody listens.
fn pass_on(lines: impl BufRead, namespace: &str, by: &str, sender: &SyncSender<Change>) {
    for line in lines.lines().map_while(Result::ok) {
        let Some(change) = change(&line, namespace, by) else {
            continue;
        };
        if sender.send(change).is_err() {
            return;
        }
    }
}

/// A line of the log, if it tells of a change that succeeded and is wanted.
fn change(line: &str, namespace: &str, by: &str) -> Option<Change> {
    let event: Value = serde_json::from_str(line).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let about = &event["objectRef"];
    let wanted = about["namespace"] == namespace
        && event["user"]["username"].as_str()?.starts_with(by)
        && event["responseStatus"]["code"].as_i64()? < 300;
    let resource = [text(&about["resource"]), text(&about["subresource"])];
    let resource: Vec<String> = resource.into_iter().flatten().collect();
    let name = text(&about["name"]).unwrap_or_default();
    wanted.then_some(Change {
        verb: text(&event["verb"])?,
        object: format!("{} {name}", resource.join("/")),
    })
}

#[test]
fn only_changes_that_are_wanted_are_told() {
    let line = |namespace: &str, user: &str, code: i32| {
        serde_json::json!({
            "verb": "patch", "user": {"username": format!("system:serviceaccount:{user}")},
            "objectRef": {"resource": "pods", "subresource": "status", "namespace": namespace, "name": "a"},
            "responseStatus": {"code": code},
        })
        .to_string()
    };
    let told = |line: &str| change(line, "here", "system:serviceaccount:ops:");
    let expected = Change {
        verb: "patch".to_owned(),
        object: "pods/status a".to_owned(),
    };
    assert_eq!(told(&line("here", "ops:one", 200)), Some(expected));
    for other in [
        line("there", "ops:one", 200),
        line("here", "kube-system:one", 200),
        line("here", "ops:one", 409),
        "{".to_owned(),
    ] {
        assert_eq!(told(&other), None, "{other}");
    }
}
