//! What the kernel says of this process. A figure it does not give is left out.

use std::fs;

use crate::metrics::catalog as names;
use crate::metrics::families::Families;

/// `USER_HZ`: the unit of time in `/proc`, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Fields of `/proc/self/stat`, counted behind the process name.
const USER_TICKS: usize = 11;
const KERNEL_TICKS: usize = 12;
const START_TICKS: usize = 19;

pub fn scrape(families: &mut Families) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let system = fs::read_to_string("/proc/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
    let ticks = |field| tick_field(&stat, field).map(|ticks| ticks / TICKS_PER_SECOND);
    let boot = number_after(&system, "btime ");
    let open = fs::read_dir("/proc/self/fd").map(|entries| entries.count() as f64);
    let cpu = ticks(USER_TICKS).zip(ticks(KERNEL_TICKS));
    let start = boot.zip(ticks(START_TICKS));
    let kilobytes = |prefix| number_after(&status, prefix).map(|value| value * 1024.0);
    let figures = [
        (&names::CPU_SECONDS, cpu.map(|(user, kernel)| user + kernel)),
        (&names::START_TIME, start.map(|(boot, since)| boot + since)),
        (&names::RESIDENT_BYTES, kilobytes("VmRSS:")),
        (&names::VIRTUAL_BYTES, kilobytes("VmSize:")),
        (&names::THREADS, number_after(&status, "Threads:")),
        (&names::OPEN_FILES, open.ok()),
        (
            &names::OPEN_FILES_MAX,
            number_after(&limits, "Max open files"),
        ),
        (&names::DISK_READ_BYTES, number_after(&io, "read_bytes:")),
        (&names::DISK_WRITE_BYTES, number_after(&io, "write_bytes:")),
    ];
    for (metric, value) in figures {
        if let Some(value) = value {
            families.value(metric, value);
        }
    }
}

/// The process name is the one field that may hold blanks, so fields are counted from its end.
fn tick_field(stat: &str, field: usize) -> Option<f64> {
    let (_, behind_name) = stat.rsplit_once(") ")?;
    behind_name.split(' ').nth(field)?.parse().ok()
}

/// The first number of the line that starts with `prefix`.
fn number_after(text: &str, prefix: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(prefix))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 1234 5 6";
        assert_eq!(tick_field(stat, USER_TICKS), Some(250.0));
        assert_eq!(tick_field(stat, START_TICKS), Some(1234.0));
        assert_eq!(
            number_after("VmSize: 9 kB\nVmRSS:\t  12 kB\n", "VmRSS:"),
            Some(12.0)
        );
        assert_eq!(
            number_after(
                "Max open files            1024  4096  files",
                "Max open files"
            ),
            Some(1024.0)
        );
        assert_eq!(number_after("", "VmRSS:"), None);
    }

    #[test]
    fn this_process_has_every_figure() {
        let mut families = Families::default();
        scrape(&mut families);
        assert_eq!(families.into_text().matches("# TYPE").count(), 9);
    }
}
