//! Who uses the processors of a machine on which the whole cluster runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Ticks of `/proc` per second; fixed on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

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
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            if let Some((program, seconds)) = of(&entry.path()) {
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

fn of(process: &Path) -> Option<(&'static str, f64)> {
    let arguments = fs::read(process.join("cmdline")).ok()?;
    let first = arguments.split(|byte| *byte == 0).next()?;
    let name = Path::new(std::str::from_utf8(first).ok()?).file_name()?;
    let program = PROGRAMS.iter().find(|program| name == **program)?;
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // Fields begin behind the name, which may hold anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((program, (user + system) / TICKS_PER_SECOND))
}
