//! The programs of a cluster, built from their Go modules once per machine.
//!
//! A finished cache is one that was renamed into place: what stands under its name is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::command::{output, program_within};
use crate::image::Image;

/// The newest minor that takes cgroup v1 as it is and the containerd 1.6 of Debian 12.
const KUBERNETES: &str = "1.34.10";

/// Commands with a module of their own, at a fixed version.
const MODULES: &[&str] = &[
    "github.com/coredns/coredns@v1.12.4",
    "github.com/rancher/local-path-provisioner@v0.0.30",
    "helm.sh/helm/v4/cmd/helm@v4.3.1",
];

/// Pins Kubernetes and etcd: the etcd is exactly the one that the API server is built with.
const RECIPE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recipe");

/// A cold build takes minutes, on a busy machine many.
const BUILD_LIMIT: u32 = 3_600;

pub(crate) const PAUSE: &str = "millrace.local/pause:1";
pub const BUSYBOX: &str = "millrace.local/busybox:1";

/// What the shell of [`BUSYBOX`] finds by name.
const APPLETS: &[&str] = &[
    "cat", "dd", "df", "echo", "hostname", "httpd", "ls", "mkdir", "nc", "nslookup", "rm", "sh",
    "sleep", "sync", "touch", "true", "wget",
];

/// A folder with every program and the two images that a node cannot do without.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Binaries {
    home: PathBuf,
}

impl Binaries {
    pub fn program(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    pub(crate) fn images(&self) -> [PathBuf; 2] {
        ["pause.tar", "busybox.tar"].map(|name| self.home.join(name))
    }

    pub fn home(&self) -> &Path {
        &self.home
    }
}

/// The programs, from the cache or built now, which takes minutes.
pub fn need_binaries() -> Result<Binaries> {
    let cache = cache().join("kubernetes");
    let home = cache.join(fingerprint()?);
    if !home.exists() {
        fs::create_dir_all(&cache)?;
        let building = tempfile::Builder::new()
            .prefix("building-")
            .tempdir_in(&cache)?;
        build(building.path()).context("the programs of Kubernetes are not built")?;
        let kept = building.keep();
        // Another builder may have been faster; theirs is as good.
        if fs::rename(&kept, &home).is_err() && home.exists() {
            fs::remove_dir_all(&kept)?;
        }
    }
    Ok(Binaries { home })
}

/// Where tests keep what they download and build, as `tests/run` does.
pub(crate) fn cache() -> PathBuf {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    set("MILLRACE_CACHE").unwrap_or_else(|| {
        set("XDG_CACHE_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("millrace")
    })
}

/// Changes with whatever decides what is built.
fn fingerprint() -> Result<String> {
    let mut hash = Sha256::new();
    for file in ["go.mod", "go.sum", "pause.c"] {
        hash.update(fs::read(Path::new(RECIPE).join(file))?);
    }
    hash.update(MODULES.join("\n"));
    hash.update(APPLETS.join("\n"));
    hash.update(link_flags());
    let digest = hash.finalize();
    Ok(digest[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn build(home: &Path) -> Result<()> {
    output(go_install(home).args(["-ldflags", &link_flags(), "tool"]))?;
    // Its module calls the command by another name.
    fs::rename(home.join("server"), home.join("etcd"))?;
    for module in MODULES {
        output(go_install(home).args(["-ldflags", "-s -w", module]))?;
    }
    let pause = home.join("pause");
    output(
        program_within(BUILD_LIMIT, "cc")
            .args(["-O2", "-static", "-o"])
            .arg(&pause)
            .arg(Path::new(RECIPE).join("pause.c")),
    )?;
    Image::new(PAUSE)
        .file(&pause, "/pause")
        .entrypoint(["/pause"])
        .write(&home.join("pause.tar"))?;
    busybox()?.write(&home.join("busybox.tar"))?;
    Ok(())
}

fn go_install(home: &Path) -> Command {
    let mut command = program_within(BUILD_LIMIT, "go");
    command
        .args(["-C", RECIPE, "install", "-trimpath"])
        .env("CGO_ENABLED", "0")
        .env("GOBIN", home);
    command
}

fn busybox() -> Result<Image> {
    let found = ["/bin/busybox", "/usr/bin/busybox"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .context("no busybox on this machine")?;
    let image = Image::new(BUSYBOX)
        .file(found, "/bin/busybox")
        .folder("/www", 0o755)
        .entrypoint(["/bin/sh"]);
    Ok(APPLETS.iter().fold(image, |image, applet| {
        image.link("busybox", &format!("/bin/{applet}"))
    }))
}

/// The version in both packages that report it, or servers and clients call themselves v0.0.0.
fn link_flags() -> String {
    let minor = KUBERNETES.split('.').nth(1).unwrap_or_default();
    let mut flags = "-s -w".to_owned();
    for package in [
        "k8s.io/component-base/version",
        "k8s.io/client-go/pkg/version",
    ] {
        for (name, value) in [
            ("gitVersion", format!("v{KUBERNETES}").as_str()),
            ("gitMajor", "1"),
            ("gitMinor", minor),
            ("gitTreeState", "clean"),
            ("gitCommit", &"0".repeat(40)),
            ("buildDate", "2026-01-01T00:00:00Z"),
        ] {
            flags.push_str(&format!(" -X {package}.{name}={value}"));
        }
    }
    flags
}
