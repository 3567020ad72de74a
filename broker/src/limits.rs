//! What the process may use of the system.

use std::fs;
use std::os::fd::RawFd;

use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::thread::disable_transparent_huge_pages;

/// Keeps the kernel from backing small heaps of many threads with pages of 2 MiB, most of which
/// nobody ever touches: they were the larger part of an idle broker's memory. To be called before
/// any other thread starts.
pub(crate) fn refuse_huge_pages() {
    // Nobody hears a complaint this early, and all that is lost is memory.
    let _refused = disable_transparent_huge_pages(true);
}

/// Raises the limit on open files to what the system allows: every partition keeps one open.
pub(crate) fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, allowed = ?before, "the limit on open files stays as it is");
    }
}

/// The share of its memory that a process gives to requests which are not answered yet, when
/// nobody said how much that is.
const REQUEST_SHARE: u64 = 8;

/// Less is not enough to be of use.
const REQUEST_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// `queued.max.request.bytes` when it is not set.
pub(crate) fn request_bytes() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").unwrap_or_default();
    share_of(&machine, &group).max(REQUEST_BYTES_MIN)
}

/// The machine's memory or the container's, whatever is smaller, divided.
fn share_of(machine: &str, group: &str) -> u64 {
    let kibibytes = machine
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok());
    let machine = kibibytes.map(|kibibytes: u64| kibibytes.saturating_mul(1024));
    let group: Option<u64> = group.trim().parse().ok();
    machine.into_iter().chain(group).min().unwrap_or(0) / REQUEST_SHARE
}

/// Descriptors that connections leave to the logs: this part of all, and no more than that many.
const RESERVED_PART: u64 = 8;
const RESERVED_MAX: u64 = 1024;

/// The first descriptor that no connection may have. The system gives out the lowest that is free,
/// so whoever gets this one came when that many were in use.
pub(crate) fn descriptors_for_connections() -> RawFd {
    let limit = getrlimit(Resource::Nofile).current;
    let limit = limit.unwrap_or(u64::MAX);
    let reserved = (limit / RESERVED_PART).min(RESERVED_MAX);
    RawFd::try_from(limit - reserved).unwrap_or(RawFd::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_get_their_share_of_what_the_process_may_use() {
        const MACHINE: &str = "MemTotal:        8388608 kB\nMemFree: 1 kB\n";
        let gib = 1024 * 1024 * 1024;
        let cases = [
            (MACHINE, "", gib),
            (MACHINE, "max\n", gib),
            (MACHINE, "4294967296\n", gib / 2),
            (MACHINE, "9223372036854771712\n", gib),
            ("", "4294967296\n", gib / 2),
            ("", "", 0),
        ];
        for (machine, group, share) in cases {
            assert_eq!(share_of(machine, group), share, "{machine} {group}");
        }
    }
}
