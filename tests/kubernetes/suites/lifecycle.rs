//! A lab comes and goes without a trace, also when the one who brought it up died halfway.
//!
//! It wants the machine for itself: where a lab is up it is skipped.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::{Lab, Skip, footprint, obstacle, unless_skipped};
use millrace_tests::deadline::wait_for;

/// The kernel clears away the last namespace and its disk a moment after `down`.
const CLEARED: Duration = Duration::from_secs(20);

const POD: &str = r"
apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  containers:
  - name: one
    image: millrace.local/busybox:1
    imagePullPolicy: Never
    command: [sleep, '3600']
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
";

#[test]
fn nothing_is_left_of_a_lab() -> Result<()> {
    unless_skipped(come_and_go())
}

fn come_and_go() -> Result<()> {
    if let Some(obstacle) = obstacle() {
        return Err(Skip(obstacle).into());
    }
    if Lab::running()?.is_some() {
        return Err(Skip("a lab is up that others use".to_owned()).into());
    }
    Lab::down()?;
    let before = footprint()?;
    let went = with_a_pod().and_then(|()| {
        let again = Lab::up(1).err().context("two labs at once")?;
        ensure!(format!("{again:#}").contains("lab down"), "{again:#}");
        let there = footprint()?;
        let wanted = [
            "process", "network", "mount", "loop", "cgroup", "link", "route",
        ];
        for kind in wanted {
            ensure!(
                there.difference(&before).any(|line| line.starts_with(kind)),
                "the footprint does not see any {kind} of a lab"
            );
        }
        Ok(())
    });
    Lab::down()?;
    went?;
    cleared(&before)?;
    after_a_crash(&before)
}

fn with_a_pod() -> Result<()> {
    let lab = Lab::up(2)?;
    // The provisioner's pods and the claim's need the namespace's own account first.
    wait_for("the default account", CLEARED, || {
        lab.kubectl().find(&["serviceaccount", "default"])
    })?;
    lab.kubectl().apply(POD, &[])?;
    let ready = ["wait", "--for=condition=Ready", "pod/one", "--timeout=100s"];
    lab.kubectl().run(&ready)?;
    // Frozen processes do not die by themselves.
    lab.freeze("default", "one")
}

/// Programs that died and a record that was never written must not stop the next `down`.
fn after_a_crash(before: &BTreeSet<String>) -> Result<()> {
    let lab = Lab::up(1)?;
    lab.node(1).power_off()?;
    std::fs::remove_dir_all("/var/lib/millrace-lab/process")?;
    std::fs::remove_file("/var/lib/millrace-lab/ready")?;
    ensure!(Lab::running()?.is_none(), "half a lab runs");
    Lab::down()?;
    cleared(before)
}

fn cleared(before: &BTreeSet<String>) -> Result<()> {
    wait_for("the machine to be as before", CLEARED, || {
        let now = footprint()?;
        let left: Vec<&String> = now.symmetric_difference(before).collect();
        ensure!(left.is_empty(), "{left:#?}");
        Ok(Some(()))
    })
}
