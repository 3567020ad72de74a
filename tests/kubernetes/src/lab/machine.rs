//! What a lab changes on the machine outside of its own folder, and how that is put back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::lab::{cgroups, home, process};

/// Settings that kubelet, kube-proxy or the lab itself change for the whole machine.
pub(crate) const SETTINGS: &[&str] = &[
    "vm/overcommit_memory",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/route_localnet",
    INOTIFY,
];

/// Every kubelet and containerd takes a few; the usual 128 is not enough for four nodes.
const INOTIFY: &str = "fs/inotify/max_user_instances";
const INOTIFY_WANTED: u64 = 1_024;

/// Programs from the machine's packages, and which package has them on Debian.
const PROGRAMS: &[(&str, &str)] = &[
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("ip", "iproute2"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("socat", "socat"),
    ("mkfs.ext4", "e2fsprogs"),
    ("nsenter", "util-linux"),
    ("openssl", "openssl"),
];

/// Why no lab can run here, if so.
pub fn obstacle() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("namespaces, mounts and cgroups need root".to_owned());
    }
    if let Some((program, package)) = PROGRAMS.iter().find(|(program, _)| !installed(program)) {
        return Some(format!("no program `{program}` (package {package})"));
    }
    if !Path::new("/usr/lib/cni/bridge").exists() {
        return Some("no /usr/lib/cni/bridge (package containernetworking-plugins)".to_owned());
    }
    cgroups::missing()
}

fn installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).exists())
    })
}

/// What was before the lab came; written before anything is changed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Before {
    settings: BTreeMap<String, String>,
    boot: String,
    /// Folders that nodes mount over and that were missing, outer ones first.
    missing: Vec<PathBuf>,
}

impl Before {
    pub(crate) fn take(folders: &[&str]) -> Result<Self> {
        let settings = SETTINGS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), read(name)?)))
            .collect();
        let mut missing: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| Path::new(folder).ancestors())
            .filter(|folder| !folder.exists())
            .map(Path::to_owned)
            .collect();
        missing.sort();
        missing.dedup();
        Ok(Self {
            settings,
            boot: process::boot()?,
            missing,
        })
    }

    pub(crate) fn put_back(&self) -> Result<()> {
        // A restarted machine has forgotten the lab's settings by itself.
        if self.boot == process::boot()? {
            for (name, value) in &self.settings {
                if read(name).as_ref() != Some(value) {
                    write(name, value)?;
                }
            }
        }
        for folder in self.missing.iter().rev().filter(|folder| folder.exists()) {
            // Somebody else may have come to use it.
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    }
}

/// Gives the nodes room, and makes the folders that they mount over.
pub(crate) fn prepare(folders: &[&str]) -> Result<()> {
    let allowed: u64 = read(INOTIFY)
        .and_then(|value| value.parse().ok())
        .unwrap_or(0);
    if allowed < INOTIFY_WANTED {
        write(INOTIFY, &INOTIFY_WANTED.to_string())?;
    }
    for folder in folders {
        fs::create_dir_all(folder)?;
    }
    for inner in ["process", "log", "etcd"] {
        fs::create_dir_all(home::path(inner))?;
    }
    Ok(())
}

fn read(setting: &str) -> Option<String> {
    let value = fs::read_to_string(Path::new("/proc/sys").join(setting)).ok()?;
    Some(value.trim().to_owned())
}

fn write(setting: &str, value: &str) -> Result<()> {
    fs::write(Path::new("/proc/sys").join(setting), value)
        .with_context(|| format!("sysctl {setting}"))
}
