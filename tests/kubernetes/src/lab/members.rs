//! Which processes belong to a lab: those that live in its namespaces, whoever started them.
//!
//! A pod's processes, their shims and what a crashed run left are found the same way: no record is needed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use millrace_tests::deadline::wait_for;

use crate::lab::{home, network, process};

const DEATH: Duration = Duration::from_secs(30);

/// Processes of the control plane: they share the machine's files, but not its network.
pub(crate) fn of_control_plane() -> Vec<u32> {
    let Ok(space) = fs::metadata(network::namespace_file(network::CONTROL_PLANE_NAME)) else {
        return Vec::new();
    };
    pids()
        .filter(|pid| inode(*pid, "net") == Some(space.ino()))
        .collect()
}

/// Processes of node `index` and of its pods: their mounts show the node's folder, and they are not the machine's.
pub(crate) fn of_node(index: usize) -> Vec<u32> {
    let folder = home::node(index);
    // A mount's source is told from the root of its file system, wherever that is mounted.
    let mark = folder
        .strip_prefix("/var/lib")
        .unwrap_or(&folder)
        .display()
        .to_string();
    let mark = format!("{mark}/");
    let own = inode(std::process::id(), "mnt");
    pids()
        .filter(|pid| inode(*pid, "mnt") != own && shows(*pid, &mark))
        .collect()
}

/// Ends every process that `members` finds, until it finds none.
pub(crate) fn kill_all(what: &str, members: impl Fn() -> Vec<u32>) -> Result<()> {
    wait_for(&format!("the end of {what}"), DEATH, || {
        let left = members();
        left.iter().for_each(|pid| process::kill(*pid));
        Ok(left.is_empty().then_some(()))
    })
}

fn pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn inode(pid: u32, kind: &str) -> Option<u64> {
    let file = format!("/proc/{pid}/ns/{kind}");
    Some(fs::metadata(Path::new(&file)).ok()?.ino())
}

fn shows(pid: u32, mark: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/mountinfo")).is_ok_and(|mounts| mounts.contains(mark))
}
