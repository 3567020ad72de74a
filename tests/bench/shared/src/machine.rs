//! The machine and the build that figures are of, in words.

use std::fs;
use std::process::Command;

/// Named by what builds and starts a benchmark.
const COMMIT: &str = "MILLRACE_BENCH_COMMIT";

/// The machine with what else is to be said of it, the build, and the time of day.
pub fn describe(besides: &str, build: &str) -> String {
    let cpu =
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let commit = std::env::var(COMMIT).unwrap_or_else(|_| "unknown".to_owned());
    format!(
        "* Machine: {cpu}, {cores} cores, {memory} memory, Linux {}{besides}; load average at the start {}.\n\
         * Commit: `{commit}`, {build}.\n\
         * When: {}.\n",
        kernel.trim(),
        load.split_whitespace().next().unwrap_or("unknown"),
        first_line("date", &["-u", "+%F %H:%M UTC"]),
    )
}

/// What a program says of itself.
pub fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text)
        .lines()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
