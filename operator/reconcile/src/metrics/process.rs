//! What the kernel says of the operator's process. Where it says nothing, the last figures stay.

use std::fs;

use prometheus::core::Collector;
use prometheus::{Counter, Gauge, Registry};

/// `USER_HZ`: the unit of time in `/proc`, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Fields of `/proc/self/stat`, counted behind the process name.
const USER_TICKS: usize = 11;
const KERNEL_TICKS: usize = 12;

#[derive(Debug)]
pub(crate) struct ProcessMetrics {
    cpu: Counter,
    resident: Gauge,
    threads: Gauge,
}

impl ProcessMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let gauge = |name: &str, help: &str| {
            let gauge = Gauge::new(name, help).expect("metric names are legal");
            register(registry, &gauge);
            gauge
        };
        let cpu = Counter::new(
            "process_cpu_seconds_total",
            "Processor time used, in user and kernel mode",
        );
        let cpu = cpu.expect("metric names are legal");
        register(registry, &cpu);
        Self {
            cpu,
            resident: gauge("process_resident_memory_bytes", "Memory that is resident"),
            threads: gauge("process_threads", "Threads"),
        }
    }

    pub(crate) fn refresh(&self) {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        if let (Some(user), Some(kernel)) = (
            tick_field(&stat, USER_TICKS),
            tick_field(&stat, KERNEL_TICKS),
        ) {
            let used = (user + kernel) / TICKS_PER_SECOND;
            self.cpu.inc_by((used - self.cpu.get()).max(0.0));
        }
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        if let Some(kilobytes) = number_after(&status, "VmRSS:") {
            self.resident.set(kilobytes * 1024.0);
        }
        if let Some(threads) = number_after(&status, "Threads:") {
            self.threads.set(threads);
        }
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: &C) {
    registry
        .register(Box::new(metric.clone()))
        .expect("every name is registered once");
}

/// The process name is the one field that may hold blanks, so fields are counted from its end.
fn tick_field(stat: &str, field: usize) -> Option<f64> {
    let (_, behind_name) = stat.rsplit_once(") ")?;
    behind_name.split(' ').nth(field)?.parse().ok()
}

fn number_after(text: &str, prefix: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(prefix))?;
    rest.split_whitespace().next()?.parse().ok()
}
