//! Processes and what they have used, as the kernel counts it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Ticks of `/proc` per second; fixed on Linux.
const TICKS_PER_SECOND: f64 = 100.0;
const BYTES_PER_KILOBYTE: f64 = 1024.0;

/// Fields of `stat` behind the name.
const PARENT: usize = 1;
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// Every process of this machine.
pub fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Processes that this one started.
pub fn children(pid: u32) -> Vec<u32> {
    let is_child = |child: &u32| stat(*child, PARENT).is_ok_and(|parent| parent == f64::from(pid));
    processes().filter(is_child).collect()
}

/// The name of the program that a process was started as.
pub fn program(pid: u32) -> Option<String> {
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let first = arguments.split(|byte| *byte == 0).next()?;
    let name = Path::new(std::str::from_utf8(first).ok()?).file_name()?;
    Some(name.to_str()?.to_owned())
}

/// Processor seconds a process has used in all its threads, in user and kernel mode.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    // Scheduler statistics count nanoseconds, `stat` only ticks: prefer what is exact.
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).context("the process has ended")?;
    let mut nanoseconds: u64 = 0;
    for task in tasks {
        let path = task?.path().join("schedstat");
        let Ok(text) = fs::read_to_string(path) else {
            return cpu_ticks(pid);
        };
        let first = text
            .split_whitespace()
            .next()
            .context("schedstat is empty")?;
        nanoseconds += first.parse::<u64>()?;
    }
    // Threads that have ended are in the ticks only.
    let exact = nanoseconds as f64 / 1e9;
    Ok(exact.max(cpu_ticks(pid)?))
}

fn cpu_ticks(pid: u32) -> Result<f64> {
    Ok((stat(pid, USER_TICKS)? + stat(pid, SYSTEM_TICKS)?) / TICKS_PER_SECOND)
}

/// Bytes of memory that are resident.
pub fn resident(pid: u32) -> Result<f64> {
    bytes(pid, "status", "VmRSS:")
}

/// The same, where a page that several processes share counts to each of them in part.
pub fn proportional(pid: u32) -> Result<f64> {
    bytes(pid, "smaps_rollup", "Pss:")
}

fn bytes(pid: u32, file: &str, field: &str) -> Result<f64> {
    let text =
        fs::read_to_string(format!("/proc/{pid}/{file}")).context("the process has ended")?;
    let kilobytes = text
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.split_whitespace().next())
        .with_context(|| format!("no {field} in /proc {file}"))?;
    Ok(kilobytes.parse::<f64>()? * BYTES_PER_KILOBYTE)
}

/// A number that `stat` has behind the name, which may hold anything.
fn stat(pid: u32, field: usize) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
    let value = stat
        .rsplit_once(") ")
        .and_then(|(_, fields)| fields.split(' ').nth(field))
        .context("unexpected form of /proc stat")?;
    Ok(value.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_and_uses_memory() {
        let own = std::process::id();
        assert!(processes().any(|pid| pid == own));
        assert!(children(std::os::unix::process::parent_id()).contains(&own));
        assert!(program(own).is_some_and(|name| name.contains("millrace_bench_shared")));
        assert!(cpu_seconds(own).unwrap() >= 0.0);
        let (resident, proportional) = (resident(own).unwrap(), proportional(own).unwrap());
        assert!(proportional > 0.0 && proportional <= resident * 1.5);
    }
}
