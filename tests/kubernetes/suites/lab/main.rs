//! The lab keeps its promises: what suites build on is tried here, on the cluster that is up.

mod web;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::{Cluster, Service, Slow, grow_volume, scenario};
use millrace_tests::deadline::wait_for;

use crate::web::{SOON, Web, text, wait_node, wait_served, who_serves};

#[test]
fn servers_with_volumes_stand_in_every_zone() -> Result<()> {
    scenario("zones", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let mut zones = BTreeSet::new();
        for pod in ["web-0", "web-1", "web-2"] {
            zones.insert(web.node_of(lab, pod)?.zone());
        }
        let there: BTreeSet<String> = lab.nodes().map(|node| node.zone()).collect();
        assert_eq!(zones, there);
        Ok(())
    })
}

#[test]
fn names_and_services_answer_inside() -> Result<()> {
    scenario("inside", |cluster, space| {
        let web = Web::start(cluster, space)?;
        let name = format!("web-1.web.{space}.svc.cluster.local");
        let address = web.pod_address("web-1")?.ip().to_string();
        wait_for("the pod's name", SOON, || {
            let answer = web.shell("web-0", &format!("nslookup {name}"))?;
            Ok(answer.contains(&address).then_some(()))
        })?;
        let ask = |host: &str, port: u16| {
            format!("printf 'GET /name HTTP/1.0\\r\\n\\r\\n' | nc {host} {port}")
        };
        let by_name = web.shell("web-0", &ask(&name, 8080))?;
        assert!(by_name.ends_with("web-1\n"), "{by_name}");
        wait_for("the service", SOON, || {
            let answer = web.shell("web-0", &ask("web-outside", 80))?;
            Ok(answer.contains(" 200 ").then_some(()))
        })
    })
}

#[test]
fn pods_services_and_node_ports_answer_outside() -> Result<()> {
    scenario("outside", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        for pod in ["web-0", "web-1", "web-2"] {
            assert_eq!(wait_served(web.pod_address(pod)?)?, pod);
        }
        let service = web.json(&["get", "service", "web-outside"])?;
        let ip = text(&service["spec"]["clusterIP"])?;
        assert!(wait_served(format!("{ip}:80").parse()?)?.starts_with("web-"));
        let port = &service["spec"]["ports"][0]["nodePort"];
        for node in lab.nodes() {
            let answer = wait_served(format!("{}:{port}", node.address()).parse()?)?;
            assert!(answer.starts_with("web-"), "{answer}");
        }
        Ok(())
    })
}

#[test]
fn a_cut_node_is_missed_and_heals() -> Result<()> {
    scenario("cut", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let (node, address) = (web.node_of(lab, "web-1")?, web.pod_address("web-1")?);
        wait_served(address)?;
        node.cut()?;
        let missed = wait_node(cluster, &node, false);
        let silent = who_serves(address).is_err();
        node.heal()?;
        missed?;
        assert!(silent, "the pods of a cut node are reached");
        wait_node(cluster, &node, true)?;
        wait_served(address).map(drop)
    })
}

#[test]
fn pods_leave_a_drained_node() -> Result<()> {
    scenario("drain", |cluster, space| {
        let lab = cluster.lab()?;
        let manifest = include_str!("movable.yaml");
        cluster.kubectl().apply(manifest, &["-n", space])?;
        let roll_out = [
            "-n",
            space,
            "rollout",
            "status",
            "deployment/movable",
            "--timeout=110s",
        ];
        cluster.kubectl().run(&roll_out)?;
        let places = || places(cluster, space);
        let name = places()?.into_iter().next().context("pods run somewhere")?;
        let node = lab.node_named(&name)?;
        let drained = lab.drain(&node).and_then(|()| {
            cluster.kubectl().run(&roll_out)?;
            wait_for("the pods elsewhere", SOON, || {
                Ok((!places()?.contains(&name)).then_some(()))
            })
        });
        lab.uncordon(&node)?;
        drained
    })
}

/// The nodes that have pods of the namespace.
fn places(cluster: &Cluster, space: &str) -> Result<BTreeSet<String>> {
    let pods = cluster.kubectl().json(&["-n", space, "get", "pods"])?;
    let pods = pods["items"].as_array().context("a list")?;
    pods.iter()
        .map(|pod| text(&pod["spec"]["nodeName"]))
        .collect()
}

#[test]
fn a_lost_volume_comes_back_empty() -> Result<()> {
    scenario("lost", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        web.shell("web-0", "echo precious >/data/keepsake && sync")?;
        web.kubectl(&["delete", "pod", "web-0"])?;
        web.wait_ready()?;
        let kept = web.shell("web-0", "cat /data/keepsake")?;
        assert_eq!(kept, "precious\n", "a volume outlives its pod");
        lab.lose_volume(&web.volume_of("web-0")?)?;
        web.kubectl(&["delete", "pod", "web-0"])?;
        web.wait_ready()?;
        assert_eq!(web.shell("web-0", "ls /data")?, "name\n");
        Ok(())
    })
}

#[test]
fn a_grown_volume_shows_in_its_claim() -> Result<()> {
    scenario("grown", |cluster, space| {
        cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let wish = r#"{"spec":{"resources":{"requests":{"storage":"3Gi"}}}}"#;
        web.kubectl(&["patch", "pvc", "data-web-2", "--type=merge", "-p", wish])?;
        let capacity = || -> Result<String> {
            let claim = web.json(&["get", "pvc", "data-web-2"])?;
            text(&claim["status"]["capacity"]["storage"])
        };
        assert_eq!(capacity()?, "1Gi", "nobody but the test grows it");
        grow_volume(cluster.kubectl(), space, "data-web-2")?;
        assert_eq!(capacity()?, "3Gi");
        Ok(())
    })
}

#[test]
fn a_full_disk_takes_no_byte_until_it_is_freed() -> Result<()> {
    scenario("full", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let volume = web.volume_of("web-0")?;
        let write = || web.shell("web-0", "dd if=/dev/zero of=/data/more bs=64k count=16");
        write()?;
        web.shell("web-0", "rm /data/more")?;
        lab.fill_volume(&volume)?;
        let refused = write();
        lab.free_volume(&volume)?;
        let refused = refused.expect_err("the disk is full").to_string();
        ensure!(refused.contains("No space left"), "{refused}");
        write().map(drop)
    })
}

#[test]
fn a_frozen_pod_is_silent_until_it_thaws() -> Result<()> {
    scenario("frozen", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let address = web.pod_address("web-0")?;
        wait_served(address)?;
        lab.freeze(space, "web-0")?;
        let silent = who_serves(address).is_err();
        lab.thaw(space, "web-0")?;
        assert!(silent, "a frozen pod answers");
        wait_served(address).map(drop)
    })
}

#[test]
fn a_killed_process_is_restarted_in_its_pod() -> Result<()> {
    scenario("killed", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let before = web.restarts("web-0")?;
        lab.kill_processes(space, "web-0")?;
        wait_for("the restart", SOON, || {
            Ok((web.restarts("web-0")? > before).then_some(()))
        })?;
        web.wait_ready()
    })
}

#[test]
fn a_node_survives_the_death_of_its_services() -> Result<()> {
    scenario("services", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let (node, address) = (web.node_of(lab, "web-1")?, web.pod_address("web-1")?);
        node.kill(Service::Kubelet)?;
        node.kill(Service::Containerd)?;
        let missed = wait_node(cluster, &node, false);
        let served = who_serves(address);
        node.start(Service::Containerd)?;
        node.start(Service::Kubelet)?;
        missed?;
        assert_eq!(served?, "web-1", "pods live on without their kubelet");
        wait_node(cluster, &node, true)
    })
}

#[test]
fn a_node_without_power_comes_back_with_its_disk() -> Result<()> {
    scenario("power", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        web.shell("web-2", "echo precious >/data/keepsake && sync")?;
        let node = web.node_of(lab, "web-2")?;
        node.power_off()?;
        let missed = wait_node(cluster, &node, false);
        node.power_on()?;
        missed?;
        wait_node(cluster, &node, true)?;
        wait_for("the pod to run again", SOON, || {
            let kept = web.shell("web-2", "cat /data/keepsake")?;
            Ok((kept == "precious\n").then_some(()))
        })?;
        web.wait_ready()
    })
}

#[test]
fn a_link_can_be_slow() -> Result<()> {
    scenario("rate", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let node = web.node_of(lab, "web-0")?;
        node.slow_link(Slow::Rate(1_000_000))?;
        let served = wait_served(web.pod_address("web-0")?);
        node.full_speed()?;
        served.map(drop)
    })
}

#[test]
fn a_link_can_be_late() -> Result<()> {
    scenario("late", |cluster, space| {
        let lab = cluster.lab()?;
        let web = Web::start(cluster, space)?;
        let node = web.node_of(lab, "web-0")?;
        node.slow_link(Slow::Delay(Duration::from_millis(50)))?;
        let served = wait_served(web.pod_address("web-0")?);
        node.full_speed()?;
        served.map(drop)
    })
}
