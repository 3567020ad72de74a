//! What a process has used, as the kernel counts it.

use std::fs;

use anyhow::{Context, Result};

/// Ticks of `/proc` per second; fixed on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor seconds a process has used in all its threads, in user and kernel mode.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
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
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
    let behind_name = stat
        .rsplit_once(") ")
        .context("unexpected form of /proc stat")?
        .1;
    let fields: Vec<_> = behind_name.split(' ').collect();
    let ticks = |index: usize| -> Result<f64> {
        Ok(fields
            .get(index)
            .context("unexpected form of /proc stat")?
            .parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// Resident memory in megabytes.
pub(crate) fn rss_megabytes(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("no VmRSS")?;
    let kilobytes: f64 = line
        .split_whitespace()
        .nth(1)
        .context("no VmRSS")?
        .parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
