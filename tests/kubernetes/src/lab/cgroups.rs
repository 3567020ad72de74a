//! A node's root in every cgroup hierarchy (version 1), and the freezer of its pods.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::deadline::wait_for;

use crate::lab::network::node_name;

const ROOT: &str = "/sys/fs/cgroup";
/// Hierarchies without which a kubelet refuses to start, and the one that freezes.
const NEEDED: &[&str] = &["cpu", "cpuset", "freezer", "memory", "pids"];
/// Version 2 beside version 1: containers' programs make groups there too.
const UNIFIED: &str = "unified";
const REMOVAL: Duration = Duration::from_secs(20);

/// Why nodes cannot have their cgroups here, if so.
pub(crate) fn missing() -> Option<String> {
    let lacking = NEEDED
        .iter()
        .find(|name| !Path::new(ROOT).join(name).join("cgroup.procs").exists())?;
    Some(format!(
        "no cgroup hierarchy `{lacking}` of version 1 below {ROOT}"
    ))
}

pub(crate) fn make(index: usize) -> Result<()> {
    for hierarchy in hierarchies()?
        .iter()
        .filter(|path| !path.ends_with(UNIFIED))
    {
        let own = hierarchy.join(node_name(index));
        fs::create_dir_all(&own).with_context(|| format!("no cgroup {}", own.display()))?;
        // A cpuset takes no process before it has processors and memory.
        for setting in ["cpuset.cpus", "cpuset.mems"] {
            if let Ok(inherited) = fs::read_to_string(hierarchy.join(setting)) {
                fs::write(own.join(setting), inherited.trim())?;
            }
        }
    }
    Ok(())
}

/// Removes what is left once all processes are gone, innermost first.
pub(crate) fn remove(index: usize) -> Result<()> {
    for hierarchy in hierarchies()? {
        let own = hierarchy.join(node_name(index));
        // The kernel lets go of a group a moment after its last process.
        wait_for(&format!("{} to be free", own.display()), REMOVAL, || {
            remove_tree(&own)?;
            Ok(Some(()))
        })?;
    }
    Ok(())
}

/// Frozen processes do not even die.
pub(crate) fn thaw_all(index: usize) {
    let own = Path::new(ROOT).join("freezer").join(node_name(index));
    for folder in tree(&own) {
        let _ = fs::write(folder.join("freezer.state"), "THAWED");
    }
}

pub(crate) fn freeze(index: usize, pod: &str) -> Result<()> {
    let group = pod_group("freezer", index, pod)?;
    fs::write(group.join("freezer.state"), "FROZEN")?;
    wait_for("the pod to stand still", REMOVAL, || {
        let state = fs::read_to_string(group.join("freezer.state"))?;
        Ok((state.trim() == "FROZEN").then_some(()))
    })
}

pub(crate) fn thaw(index: usize, pod: &str) -> Result<()> {
    let group = pod_group("freezer", index, pod)?;
    Ok(fs::write(group.join("freezer.state"), "THAWED")?)
}

/// Pids of a pod's containers, its sandbox included.
pub(crate) fn processes(index: usize, pod: &str) -> Result<Vec<u32>> {
    let group = pod_group("pids", index, pod)?;
    let lists = tree(&group)
        .into_iter()
        .filter_map(|folder| fs::read_to_string(folder.join("cgroup.procs")).ok());
    Ok(lists
        .flat_map(|list| list.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|pid| pid.parse().ok())
        .collect())
}

/// Kubelets name a pod's group after its uid, below one of the quality of service.
fn pod_group(hierarchy: &str, index: usize, pod: &str) -> Result<PathBuf> {
    let root = Path::new(ROOT).join(hierarchy).join(node_name(index));
    let name = format!("pod{pod}");
    tree(&root)
        .into_iter()
        .find(|folder| folder.ends_with(&name))
        .with_context(|| format!("no group {name} below {}", root.display()))
}

fn hierarchies() -> Result<Vec<PathBuf>> {
    Ok(fs::read_dir(ROOT)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("cgroup.procs").exists())
        .collect())
}

fn remove_tree(folder: &Path) -> Result<()> {
    for inner in children(folder) {
        remove_tree(&inner)?;
    }
    match fs::remove_dir(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cgroup {} stays", folder.display()))
        }
        _ => Ok(()),
    }
}

/// A group and all below it, outer ones first.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(inner) = all.get(next).map(|folder| children(folder)) {
        all.extend(inner);
        next += 1;
    }
    all
}

fn children(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            entry.file_type().ok()?.is_dir().then(|| entry.path())
        })
        .collect()
}
