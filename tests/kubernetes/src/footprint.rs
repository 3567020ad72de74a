//! What stands on the machine that a lab could leave behind, as lines that can be compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::command::run;
use crate::lab::home::HOME;
use crate::lab::machine::SETTINGS;
use crate::lab::node::mounted_over;

/// Names that only a lab gives.
const OWN: &[&str] = &["millrace-", "mill-n"];

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
    for folder in folders().filter(|folder| Path::new(folder).exists()) {
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

fn folders() -> impl Iterator<Item = &'static str> {
    // Any use of network namespaces makes that one.
    let own = mounted_over().into_iter().chain([HOME]);
    own.filter(|folder| *folder != "/run/netns")
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
