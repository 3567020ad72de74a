//! Who uses the processors of a machine on which the whole cluster runs.

use std::collections::BTreeMap;

use millrace_bench_shared::usage;

/// Whoever takes part, by the name of its program.
const PROGRAMS: &[&str] = &[
    "kube-apiserver",
    "etcd",
    "millrace-operator",
    "millrace-broker",
    "millrace-operator-bench",
];

/// Processor seconds of each program up to now; none for those that run elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used(BTreeMap<&'static str, f64>);

impl Used {
    pub(crate) fn now() -> Self {
        let mut used = BTreeMap::new();
        for pid in usage::processes() {
            if let Some((program, seconds)) = of(pid) {
                *used.entry(program).or_default() += seconds;
            }
        }
        Self(used)
    }

    /// What each used since `earlier`, in words.
    pub(crate) fn since(&self, earlier: &Self) -> String {
        let shares = self.0.iter().map(|(program, seconds)| {
            let before = earlier.0.get(program).copied().unwrap_or_default();
            format!("{program} {:.1} s", seconds - before)
        });
        let shares: Vec<String> = shares.collect();
        shares.join(", ")
    }
}

fn of(pid: u32) -> Option<(&'static str, f64)> {
    let name = usage::program(pid)?;
    let program = PROGRAMS.iter().find(|program| name == **program)?;
    Some((program, usage::cpu_seconds(pid).ok()?))
}
