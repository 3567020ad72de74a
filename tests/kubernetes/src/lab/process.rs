//! Programs that outlive the one who starts them, known by pid and start, never by name.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::deadline::wait_for;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::lab::home;

const DEATH: Duration = Duration::from_secs(20);

/// A pid alone may by now be somebody else's: the start, and the boot it counts from, are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    started: u64,
    boot: String,
}

impl Process {
    fn of(pid: u32) -> Result<Self> {
        let started = started(pid).context("it ended at once")?;
        Ok(Self {
            pid,
            started,
            boot: boot()?,
        })
    }

    pub(crate) fn is_alive(&self) -> bool {
        started(self.pid) == Some(self.started) && boot().is_ok_and(|boot| boot == self.boot)
    }

    /// Ends it at once and waits until it is gone.
    pub(crate) fn kill(&self) -> Result<()> {
        wait_for(&format!("the end of process {}", self.pid), DEATH, || {
            if self.is_alive() {
                kill(self.pid);
            }
            Ok((!self.is_alive()).then_some(()))
        })
    }
}

/// Starts `command` in a session of its own; it writes to `log/NAME.log` and is recorded as NAME.
pub(crate) fn start(name: &str, command: &Command) -> Result<Process> {
    let log = home::path(format!("log/{name}.log"));
    let output = File::options().create(true).append(true).open(&log)?;
    let mut child = Command::new("setsid")
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .with_context(|| format!("{name} does not start"))?;
    let process = Process::of(child.id()).with_context(|| format!("{name}: see {}", log.display()));
    // Whoever started it may live long: it must not keep a corpse.
    std::thread::spawn(move || child.wait());
    let process = process?;
    fs::write(record(name), serde_json::to_vec(&process)?)?;
    Ok(process)
}

/// The process that was started last as NAME, if it is still there.
pub(crate) fn find(name: &str) -> Option<Process> {
    let process: Process = serde_json::from_slice(&fs::read(record(name)).ok()?).ok()?;
    process.is_alive().then_some(process)
}

/// Every name that something was started as.
pub(crate) fn names() -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(home::path("process"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn record(name: &str) -> PathBuf {
    home::path("process").join(name)
}

pub(crate) fn kill(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // Gone already is as good.
        let _ = kill_process(pid, Signal::KILL);
    }
}

pub(crate) fn boot() -> Result<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(id.trim().to_owned())
}

/// Clock ticks from boot to the start of a process that is neither gone nor a corpse.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    parse_started(&stat)
}

/// The name stands in brackets and may hold anything, so fields count from the last bracket.
fn parse_started(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let (state, started) = (fields.first()?, fields.get(19)?);
    if matches!(*state, "Z" | "X") {
        return None;
    }
    started.parse().ok()
}

#[test]
fn the_start_is_read_past_a_hostile_name() {
    let fields = "1 ".repeat(18);
    assert_eq!(parse_started(&format!("7 (a) b) S {fields}42 0")), Some(42));
    assert_eq!(parse_started(&format!("7 (a) Z {fields}42 0")), None);
}

#[test]
fn a_foreign_start_is_not_ours() {
    let own = Process::of(std::process::id()).unwrap();
    assert!(own.is_alive());
    let earlier = Process {
        started: own.started - 1,
        ..own.clone()
    };
    let other_boot = Process {
        boot: "another".to_owned(),
        ..own
    };
    assert!(!earlier.is_alive() && !other_boot.is_alive());
}
