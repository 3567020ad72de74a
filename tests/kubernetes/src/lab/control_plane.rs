//! etcd, API server, controllers, scheduler, name server and provisioner, in one network namespace.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::deadline::wait_for;

use crate::binaries::{BUSYBOX, Binaries};
use crate::kubectl::Kubectl;
use crate::lab::network::{self, CONTROL_PLANE, CONTROL_PLANE_NAME, SERVICES};
use crate::lab::{home, process};
use crate::template::render;

/// What people and tests see of it, for `collect` and for `status`.
pub(crate) const ETCD: &str = "etcd";
pub(crate) const API_SERVER: &str = "kube-apiserver";

/// What pods changed, below the lab's home.
pub(crate) const AUDIT_LOG: &str = "log/audit.log";

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config");
const COREFILE: &str = include_str!("../../config/Corefile");
const KUBE_PROXY: &str = include_str!("../../config/kube-proxy.yaml");

const READY: Duration = Duration::from_secs(120);

pub(crate) fn start(binaries: &Binaries, kubectl: &Kubectl) -> Result<()> {
    start_etcd(binaries)?;
    start_api_server(binaries)?;
    wait_for("the API server", READY, || {
        process::find(API_SERVER).context("it ended: see its log")?;
        kubectl.run(&["get", "--raw", "/readyz"]).map(Some)
    })?;
    start_controllers(binaries)?;
    start_names(binaries)?;
    wait_for("the first objects", READY, || {
        let manifest = format!("{CONFIG}/bootstrap.yaml");
        kubectl.run(&["apply", "-f", &manifest]).map(Some)
    })?;
    start_provisioner(binaries)
}

/// Its own way to the services, so that the host need not go through a node. It borrows node 1's name.
pub(crate) fn start_proxy(binaries: &Binaries) -> Result<()> {
    let pki = home::path("pki").display().to_string();
    let name = network::node_name(1);
    let config = home::path("kube-proxy.yaml");
    fs::write(
        &config,
        render(KUBE_PROXY, &[("PKI", &pki), ("NAME", &name)])?,
    )?;
    let mut proxy = inside(binaries, "kube-proxy");
    proxy.arg(option("config", &config));
    begin("kube-proxy-cp", &proxy)
}

fn start_etcd(binaries: &Binaries) -> Result<()> {
    let (clients, peers) = ("http://127.0.0.1:2379", "http://127.0.0.1:2380");
    let mut etcd = inside(binaries, ETCD);
    etcd.arg(option("data-dir", &home::path("etcd"))).args([
        "--name=lab",
        // A power cut of the whole machine is no test here, and syncing costs every write.
        "--unsafe-no-fsync",
        &format!("--listen-client-urls={clients}"),
        &format!("--advertise-client-urls={clients}"),
        &format!("--listen-peer-urls={peers}"),
        &format!("--initial-advertise-peer-urls={peers}"),
        &format!("--initial-cluster=lab={peers}"),
    ]);
    begin(ETCD, &etcd)
}

fn start_api_server(binaries: &Binaries) -> Result<()> {
    let mut server = inside(binaries, API_SERVER);
    server.args([
        "--etcd-servers=http://127.0.0.1:2379",
        &format!("--advertise-address={CONTROL_PLANE}"),
        "--bind-address=0.0.0.0",
        "--secure-port=6443",
        &format!("--service-cluster-ip-range={SERVICES}"),
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--anonymous-auth=false",
        "--allow-privileged=true",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    ]);
    server.args([
        key("client-ca-file", "ca.crt"),
        key("tls-cert-file", "apiserver.crt"),
        key("tls-private-key-file", "apiserver.key"),
        key("kubelet-client-certificate", "apiserver-kubelet-client.crt"),
        key("kubelet-client-key", "apiserver-kubelet-client.key"),
        key("service-account-key-file", "sa.pub"),
        key("service-account-signing-key-file", "sa.key"),
    ]);
    server
        .arg(format!("--audit-policy-file={CONFIG}/audit.yaml"))
        .arg(option("audit-log-path", &home::path(AUDIT_LOG)))
        .args(["--audit-log-maxsize=64", "--audit-log-maxbackup=1"]);
    begin(API_SERVER, &server)
}

fn start_controllers(binaries: &Binaries) -> Result<()> {
    let mut manager = inside(binaries, "kube-controller-manager");
    manager.args([
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        "--allocate-node-cidrs=false",
        // A test waits for a cut node to be noticed: not the usual forty seconds.
        "--node-monitor-period=2s",
        "--node-monitor-grace-period=16s",
    ]);
    manager.args([
        key("kubeconfig", "controller-manager.kubeconfig"),
        key("root-ca-file", "ca.crt"),
        key("service-account-private-key-file", "sa.key"),
        key("cluster-signing-cert-file", "ca.crt"),
        key("cluster-signing-key-file", "ca.key"),
    ]);
    begin("kube-controller-manager", &manager)?;
    let mut scheduler = inside(binaries, "kube-scheduler");
    scheduler
        .args(["--bind-address=127.0.0.1", "--leader-elect=false"])
        .arg(key("kubeconfig", "scheduler.kubeconfig"));
    begin("kube-scheduler", &scheduler)
}

fn start_names(binaries: &Binaries) -> Result<()> {
    let pki = home::path("pki").display().to_string();
    let values = [("CONTROL_PLANE", CONTROL_PLANE), ("PKI", &pki)];
    let config = home::path("Corefile");
    fs::write(&config, render(COREFILE, &values)?)?;
    let mut coredns = inside(binaries, "coredns");
    coredns.arg("-conf").arg(&config);
    begin("coredns", &coredns)
}

fn start_provisioner(binaries: &Binaries) -> Result<()> {
    let mut provisioner = inside(binaries, "local-path-provisioner");
    provisioner
        .args([
            "start",
            "--namespace=lab-storage",
            "--provisioner-name=millrace.local/path",
        ])
        .arg(option("kubeconfig", &home::kubeconfig("admin")))
        .arg(format!("--config={CONFIG}/provisioner.json"))
        .arg(format!("--helper-pod-file={CONFIG}/provisioner-pod.yaml"))
        .arg(format!("--helper-image={BUSYBOX}"));
    begin("local-path-provisioner", &provisioner)
}

fn inside(binaries: &Binaries, name: &str) -> Command {
    network::inside(CONTROL_PLANE_NAME, binaries.program(name))
}

fn begin(name: &str, command: &Command) -> Result<()> {
    process::start(name, command).map(drop)
}

fn key(name: &str, file: &str) -> String {
    option(name, &home::path("pki").join(file))
}

fn option(name: &str, path: &Path) -> String {
    format!("--{name}={}", OsStr::to_string_lossy(path.as_os_str()))
}
