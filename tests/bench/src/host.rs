//! The machine and the version that figures are of.

use std::fs;
use std::process::Command;

/// One line on the machine, one on what was measured.
pub(crate) fn describe() -> String {
    let cpu =
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load
        .split_whitespace()
        .next()
        .unwrap_or("unknown")
        .to_owned();
    let commit = std::env::var("MILLRACE_BENCH_COMMIT").unwrap_or_else(|_| "unknown".to_owned());
    format!(
        "* Machine: {cpu}, {cores} cores, {memory} memory, Linux {}; load average at the start {load}.\n\
         * Commit: `{commit}`, release build; Apache Kafka 4.2.0 (KRaft) on {}, with its start script's options.\n\
         * When: {}.\n",
        kernel.trim(),
        first_line("java", &["--version"]),
        first_line("date", &["-u", "+%F %H:%M UTC"]),
    )
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text)
        .lines()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}
