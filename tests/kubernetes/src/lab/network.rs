//! The lab's networks: one bridge for control plane, nodes and host, a subnet of pods for each node.
//!
//! No route leaves the machine. A node's cable is a pair of interfaces: one end in the node, one at the bridge.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::command::{output, program, run};
use crate::skip::skip;

pub(crate) const CONTROL_PLANE_NAME: &str = "millrace-cp";
pub(crate) const CONTROL_PLANE: &str = "10.67.0.1";
/// The first address of the services is the API server's.
pub(crate) const SERVICES: &str = "10.96.0.0/16";
pub(crate) const API_SERVICE: &str = "10.96.0.1";

const HOST: &str = "10.67.0.254";
/// On the host; the other end is in the control plane's namespace.
const HOST_CABLE: &str = "millrace-host";

/// Also what Kubernetes, the namespace and the cgroups call it.
pub(crate) fn node_name(index: usize) -> String {
    format!("millrace-n{index}")
}

pub(crate) fn node_address(index: usize) -> String {
    format!("10.67.0.{}", 10 + index)
}

/// The first three numbers of the pods' addresses on a node.
pub(crate) fn pods(index: usize) -> String {
    format!("10.66.{index}")
}

fn cable(index: usize) -> String {
    format!("mill-n{index}")
}

pub(crate) fn namespace_file(name: &str) -> PathBuf {
    Path::new("/run/netns").join(name)
}

/// `program` inside a network namespace. `ip netns exec` would remount /sys and hide the cgroups.
pub(crate) fn inside(namespace: &str, program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("nsenter");
    command
        .arg(format!("--net={}", namespace_file(namespace).display()))
        .arg(program.as_ref());
    command
}

fn run_inside(namespace: &str, line: &str) -> Result<()> {
    let mut words = line.split_whitespace();
    let first = words.next().context("an empty command line")?;
    let mut command = program("nsenter");
    command
        .arg(format!("--net={}", namespace_file(namespace).display()))
        .arg(first)
        .args(words);
    output(&mut command).map(drop)
}

fn at_bridge(line: &str) -> Result<()> {
    run_inside(CONTROL_PLANE_NAME, line)
}

/// The bridge with the control plane's address, and the host's cable to it.
pub(crate) fn lay_bridge() -> Result<()> {
    run(&format!("ip netns add {CONTROL_PLANE_NAME}"))?;
    run(&format!(
        "ip link add {HOST_CABLE} type veth peer name host netns {CONTROL_PLANE_NAME}"
    ))?;
    for line in [
        "ip link set lo up",
        "ip link add br0 type bridge",
        &format!("ip addr add {CONTROL_PLANE}/24 dev br0"),
        "ip link set br0 up",
        "ip link set host master br0 up",
        "sysctl -qw net.ipv4.ip_forward=1",
    ] {
        at_bridge(line)?;
    }
    run(&format!("ip addr add {HOST}/24 dev {HOST_CABLE}"))?;
    run(&format!("ip link set {HOST_CABLE} up"))?;
    // By the control plane's kube-proxy, so that no node need be up for the host to reach a service.
    run(&format!("ip route add {SERVICES} via {CONTROL_PLANE}"))?;
    Ok(())
}

/// A namespace for node `index` of `nodes`, its cable, and every route to and from its pods.
pub(crate) fn lay_node(index: usize, nodes: usize) -> Result<()> {
    let (name, cable, address) = (node_name(index), cable(index), node_address(index));
    run(&format!("ip netns add {name}"))?;
    run(&format!(
        "ip link add {cable} netns {CONTROL_PLANE_NAME} type veth peer name eth0 netns {name}"
    ))?;
    at_bridge(&format!("ip link set {cable} master br0 up"))?;
    for line in [
        "ip link set lo up",
        &format!("ip addr add {address}/24 dev eth0"),
        "ip link set eth0 up",
        &format!("ip route add default via {CONTROL_PLANE}"),
        "sysctl -qw net.ipv4.ip_forward=1",
    ] {
        run_inside(&name, line)?;
    }
    for other in (1..=nodes).filter(|other| *other != index) {
        run_inside(
            &name,
            &format!(
                "ip route add {}.0/24 via {}",
                pods(other),
                node_address(other)
            ),
        )?;
    }
    let route = format!("ip route add {}.0/24 via {address}", pods(index));
    at_bridge(&route)?;
    run(&route)?;
    Ok(())
}

pub(crate) fn remove_node(index: usize) -> Result<()> {
    remove_namespace(&node_name(index))
}

/// With the host's cable go its routes, with the namespace bridge and cables.
pub(crate) fn remove_bridge() -> Result<()> {
    if Path::new("/sys/class/net").join(HOST_CABLE).exists() {
        run(&format!("ip link del {HOST_CABLE}"))?;
    }
    remove_namespace(CONTROL_PLANE_NAME)
}

fn remove_namespace(name: &str) -> Result<()> {
    if namespace_file(name).exists() {
        run(&format!("ip netns del {name}"))?;
    }
    Ok(())
}

pub(crate) fn cut(index: usize) -> Result<()> {
    at_bridge(&format!("ip link set {} down", cable(index)))
}

pub(crate) fn heal(index: usize) -> Result<()> {
    at_bridge(&format!("ip link set {} up", cable(index)))
}

/// What can be wrong with a cable that is not cut. It holds for what goes to the node.
#[derive(Debug, Clone, Copy)]
pub enum Slow {
    /// Every packet comes later; only kernels with `sch_netem` can.
    Delay(Duration),
    /// So many bits a second and no more.
    Rate(u64),
}

pub(crate) fn slow(index: usize, how: Slow) -> Result<()> {
    let how = match how {
        Slow::Delay(delay) => format!("netem delay {}us", delay.as_micros()),
        Slow::Rate(bits) => format!("tbf rate {bits}bit burst 64k latency 500ms"),
    };
    let set = at_bridge(&format!("tc qdisc replace dev {} root {how}", cable(index)));
    match set {
        Err(error) if error.to_string().contains("qdisc kind is unknown") => {
            Err(skip(format!("this kernel has no `{how}`")))
        }
        set => set,
    }
}

pub(crate) fn full_speed(index: usize) -> Result<()> {
    at_bridge(&format!("tc qdisc del dev {} root", cable(index)))
}
