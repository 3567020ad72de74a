//! One node: its namespaces, its disk, its containerd, kubelet and kube-proxy, and what can happen to it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::deadline::wait_for;

use crate::binaries::Binaries;
use crate::command::{output, program};
use crate::lab::network::{self, CONTROL_PLANE, Slow};
use crate::lab::{cgroups, home, members, process};
use crate::template::render;

/// Paths of which every node has its own, by mounts that only the node sees.
const OWN: &[&str] = &[
    "/var/lib/kubelet",
    "/var/lib/cni",
    "/var/log/pods",
    "/var/log/containers",
    "/run/containerd",
    "/run/netns",
];

/// Where the provisioner puts volumes: a file system of its own, so that it can be full.
pub(crate) const VOLUMES: &str = "/var/local-path";
/// Folders of the machine that nodes mount over.
pub(crate) fn mounted_over() -> Vec<&'static str> {
    let mut folders = OWN.to_vec();
    folders.push(VOLUMES);
    folders
}

/// Takes room on the machine only as it is used.
const DISK: u64 = 8 << 30;

const START: Duration = Duration::from_secs(60);

const KUBELET_HEALTH: &str = "http://127.0.0.1:10248/healthz";

const CONTAINERD: &str = include_str!("../../config/containerd.toml");
const BRIDGE: &str = include_str!("../../config/bridge.conflist");
const KUBELET: &str = include_str!("../../config/kubelet.yaml");
const KUBE_PROXY: &str = include_str!("../../config/kube-proxy.yaml");

/// A program of the node that can be killed and started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Containerd,
    Kubelet,
    KubeProxy,
}

/// Node `index` of the running lab; the first is 1.
#[derive(Debug, Clone)]
pub struct Node {
    pub(crate) index: usize,
    pub(crate) binaries: Binaries,
}

impl Node {
    pub fn name(&self) -> String {
        network::node_name(self.index)
    }

    /// Where NodePorts are.
    pub fn address(&self) -> String {
        network::node_address(self.index)
    }

    pub fn zone(&self) -> String {
        format!("zone-{}", (self.index - 1) % 3 + 1)
    }

    /// Pulls the node's cable: neither control plane nor other nodes nor the host reach it or its pods.
    pub fn cut(&self) -> Result<()> {
        network::cut(self.index)
    }

    pub fn heal(&self) -> Result<()> {
        network::heal(self.index)
    }

    pub fn slow_link(&self, how: Slow) -> Result<()> {
        network::slow(self.index, how)
    }

    pub fn full_speed(&self) -> Result<()> {
        network::full_speed(self.index)
    }

    pub fn kill(&self, service: Service) -> Result<()> {
        let name = self.label(service);
        process::find(&name)
            .with_context(|| format!("{name} does not run"))?
            .kill()
    }

    /// Everything on the node ends at once, pods included. Its disk keeps what it has.
    pub fn power_off(&self) -> Result<()> {
        cgroups::thaw_all(self.index);
        members::kill_all(&self.name(), || members::of_node(self.index))
    }

    /// As a machine that starts: nothing of `/run` is left.
    pub fn power_on(&self) -> Result<()> {
        self.hold_namespaces()?;
        for service in [Service::Containerd, Service::Kubelet, Service::KubeProxy] {
            self.start(service)?;
        }
        Ok(())
    }

    pub fn start(&self, service: Service) -> Result<()> {
        let mut command = match service {
            Service::Containerd => self.inside("containerd")?,
            Service::Kubelet => self.inside(self.binaries.program("kubelet"))?,
            Service::KubeProxy => self.inside(self.binaries.program("kube-proxy"))?,
        };
        match service {
            Service::Containerd => {
                command.arg("--config").arg(self.folder("containerd.toml"));
            }
            Service::Kubelet => {
                let file = |name: &str, path: PathBuf| format!("--{name}={}", path.display());
                command
                    .arg(file("config", self.folder("kubelet.yaml")))
                    .arg(file("kubeconfig", home::kubeconfig(&self.name())))
                    .arg(format!("--hostname-override={}", self.name()))
                    .arg(format!("--node-ip={}", self.address()))
                    .arg(format!(
                        "--node-labels=topology.kubernetes.io/zone={}",
                        self.zone()
                    ));
            }
            Service::KubeProxy => {
                command.arg("--config").arg(self.folder("kube-proxy.yaml"));
            }
        }
        let label = self.label(service);
        process::start(&label, &command)?;
        match service {
            Service::Containerd => {
                wait_for(&label, START, || self.run(&["ctr", "version"]).map(Some))?;
            }
            // It gives up on a containerd that answers and is not ready; a machine starts it anew.
            Service::Kubelet => {
                wait_for(&label, START, || {
                    if process::find(&label).is_none() {
                        process::start(&label, &command)?;
                    }
                    self.run(&["busybox", "wget", "-q", "-O", "-", KUBELET_HEALTH])
                        .map(Some)
                })?;
            }
            Service::KubeProxy => {}
        }
        Ok(())
    }

    /// Runs a command with the node's network and files.
    pub fn run(&self, words: &[&str]) -> Result<String> {
        let holder = self.holder()?;
        output(
            program("nsenter")
                .args(["-t", &holder, "-m", "-n"])
                .args(words),
        )
    }

    pub(crate) fn import(&self, archive: &Path) -> Result<()> {
        let archive =
            fs::canonicalize(archive).with_context(|| format!("no image {}", archive.display()))?;
        let archive = archive.to_str().context("the image's path is not text")?;
        self.run(&["ctr", "-n", "k8s.io", "images", "import", archive])
            .map(drop)
    }

    /// From nothing to a kubelet that reports. The network is laid before.
    pub(crate) fn set_up(&self) -> Result<()> {
        fs::create_dir_all(self.folder("etc"))?;
        self.write_configuration()?;
        self.make_disk()?;
        cgroups::make(self.index)?;
        self.hold_namespaces()?;
        self.start(Service::Containerd)?;
        for image in self.binaries.images() {
            self.import(&image)?;
        }
        self.start(Service::Kubelet)?;
        self.start(Service::KubeProxy)
    }

    fn write_configuration(&self) -> Result<()> {
        let (dir, pki) = (home::node(self.index), home::path("pki"));
        let (dir, pki) = (dir.display().to_string(), pki.display().to_string());
        let (name, pods) = (self.name(), network::pods(self.index));
        let values = [
            ("DIR", dir.as_str()),
            ("PKI", &pki),
            ("LAB", home::HOME),
            ("NAME", &name),
            ("PODS", &pods),
            ("CONTROL_PLANE", CONTROL_PLANE),
        ];
        for (file, template) in [
            ("containerd.toml", CONTAINERD),
            ("etc/10-bridge.conflist", BRIDGE),
            ("kubelet.yaml", KUBELET),
            ("kube-proxy.yaml", KUBE_PROXY),
        ] {
            fs::write(self.folder(file), render(template, &values)?)?;
        }
        Ok(())
    }

    fn make_disk(&self) -> Result<()> {
        let image = self.folder("disk");
        fs::File::create(&image)?.set_len(DISK)?;
        // Nothing is kept back for root: full means full.
        output(program("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image)).map(drop)
    }

    /// A process that does nothing but keep the node's mounts and network.
    fn hold_namespaces(&self) -> Result<()> {
        let mut command = network::inside(&self.name(), "unshare");
        command.args(["--mount", "--propagation", "private", "sleep", "infinity"]);
        let holder = process::start(&self.name(), &command)?;
        let space =
            |pid: u32| -> Result<u64> { Ok(fs::metadata(format!("/proc/{pid}/ns/mnt"))?.ino()) };
        let own = space(std::process::id())?;
        wait_for(&self.name(), START, || {
            Ok((space(holder.pid)? != own).then_some(()))
        })?;
        self.run(&["mount", "--make-rshared", "/"])?;
        for path in OWN {
            let source = self.folder("own").join(path.trim_start_matches('/'));
            if path.starts_with("/run/") && source.exists() {
                fs::remove_dir_all(&source)?;
            }
            fs::create_dir_all(&source)?;
            let source = source.display().to_string();
            self.run(&["mount", "--bind", &source, path])?;
        }
        let disk = self.folder("disk").display().to_string();
        self.run(&["mount", "-o", "loop", &disk, VOLUMES]).map(drop)
    }

    fn inside(&self, program: impl AsRef<Path>) -> Result<Command> {
        let mut command = Command::new("nsenter");
        command
            .args(["-t", &self.holder()?, "-m", "-n"])
            .arg(program.as_ref());
        Ok(command)
    }

    fn holder(&self) -> Result<String> {
        let holder =
            process::find(&self.name()).with_context(|| format!("{} is off", self.name()))?;
        Ok(holder.pid.to_string())
    }

    fn folder(&self, inside: &str) -> PathBuf {
        home::node(self.index).join(inside)
    }

    /// What a program of this node is recorded and logged as.
    fn label(&self, service: Service) -> String {
        let program = match service {
            Service::Containerd => "containerd",
            Service::Kubelet => "kubelet",
            Service::KubeProxy => "kube-proxy",
        };
        format!("{program}-n{}", self.index)
    }
}
