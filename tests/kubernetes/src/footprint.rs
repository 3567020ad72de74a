//! What stands on the machine that a lab could leave behind, as lines that can be compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::command::run;

/// Names that only a lab gives.
const OWN: &[&str] = &["millrace-", "mill-n"];

const SETTINGS: &[&str] = &[
    "vm/overcommit_memory",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/route_localnet",
    "fs/inotify/max_user_instances",
];

/// Folders that nodes mount over.
const FOLDERS: &[&str] = &[
    "/var/lib/millrace-lab",
    "/var/lib/kubelet",
    "/var/lib/cni",
    "/var/log/pods",
    "/var/log/containers",
    "/var/local-path",
    "/run/containerd",
];

/// Namespaces, links, routes, mounts, loop devices, cgroups, folders, settings and processes of a lab.
pub fn footprint() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut add = |kind: &str, what: &str| found.insert(format!("{kind} {what}"));
    for space in names_in("/run/netns").filter(|name| is_own(name)) {
        add("network", &space);
    }
    for link in names_in("/sys/class/net").filter(|name| is_own(name)) {
        add("link", &link);
    }
    for route in run("ip route")?
        .lines()
        .filter(|line| line.starts_with("10."))
    {
        add("route", route);
    }
    for mount in lines_of("/proc/self/mountinfo")
        .iter()
        .filter(|line| is_own(line))
    {
        add("mount", mount);
    }
    for device in run("losetup --list --noheadings --output BACK-FILE")?.lines() {
        if is_own(device) {
            add("loop", device);
        }
    }
    for hierarchy in names_in("/sys/fs/cgroup") {
        let folder = format!("/sys/fs/cgroup/{hierarchy}");
        for group in names_in(&folder).filter(|name| is_own(name)) {
            add("cgroup", &format!("{hierarchy}/{group}"));
        }
    }
    for folder in FOLDERS.iter().filter(|folder| Path::new(folder).exists()) {
        add("folder", folder);
    }
    for name in SETTINGS {
        let value = lines_of(&format!("/proc/sys/{name}")).join(" ");
        add("setting", &format!("{name}={value}"));
    }
    for process in processes() {
        add("process", &process);
    }
    Ok(found)
}

/// Processes that name the lab's folder or have its files mounted.
fn processes() -> impl Iterator<Item = String> {
    names_in("/proc")
        .filter(|pid| pid.chars().all(|c| c.is_ascii_digit()))
        .filter_map(|pid| {
            let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            let mounts = fs::read_to_string(format!("/proc/{pid}/mountinfo")).unwrap_or_default();
            let own = command.contains("/millrace-lab/") || mounts.contains("/millrace-lab/");
            own.then(|| format!("{pid} {command}"))
        })
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| name.contains(own))
}

fn names_in(folder: &str) -> impl Iterator<Item = String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

fn lines_of(file: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
