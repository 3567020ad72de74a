//! The layer of every package, and the check that each dependency goes strictly downwards.

use std::process::Command;

use serde_json::Value;

use crate::Finding;
use crate::tree;

/// Which half of the product a package belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Broker,
    Operator,
    /// Types both may name, and the tests above both.
    Shared,
}

/// Every package of the workspace: a new one is added here together with its manifest.
const LAYERS: &[(&str, Side, u8)] = &[
    ("millrace-types", Side::Shared, 0),
    ("millrace-http", Side::Shared, 0),
    ("millrace-golden", Side::Shared, 0),
    ("millrace-bench-shared", Side::Shared, 0),
    ("millrace-wire-codegen", Side::Broker, 0),
    // In the place of a crate that openraft names.
    ("base2histogram", Side::Broker, 0),
    ("millrace-config", Side::Broker, 1),
    ("millrace-records", Side::Broker, 1),
    ("millrace-security", Side::Broker, 1),
    ("millrace-wire", Side::Shared, 1),
    ("millrace-log", Side::Broker, 2),
    ("millrace-metadata", Side::Broker, 2),
    ("millrace-client", Side::Shared, 2),
    ("millrace-coordinator", Side::Broker, 3),
    ("millrace-quorum", Side::Broker, 3),
    ("millrace-tiered", Side::Broker, 3),
    ("millrace-replication", Side::Broker, 4),
    ("millrace-server", Side::Broker, 5),
    ("millrace-broker", Side::Broker, 6),
    ("millrace-crds", Side::Operator, 0),
    ("millrace-conformance", Side::Shared, 0),
    ("millrace-model", Side::Operator, 1),
    ("millrace-render", Side::Operator, 2),
    ("millrace-plan", Side::Operator, 2),
    ("millrace-admin", Side::Operator, 3),
    ("millrace-reconcile", Side::Operator, 4),
    ("millrace-operator", Side::Operator, 5),
    ("millrace-local", Side::Operator, 5),
    ("millrace-loopback", Side::Operator, 6),
    ("millrace-machines", Side::Operator, 6),
    // The command line tool stands outside the fleet like any client, but may read record batches.
    ("millrace", Side::Operator, 7),
    ("millrace-tests", Side::Shared, 8),
    // Measures with the harness.
    ("millrace-bench", Side::Shared, 9),
    ("millrace-operator-bench", Side::Operator, 9),
    ("millrace-up-bench", Side::Operator, 9),
    ("millrace-kubernetes-tests", Side::Shared, 9),
];

/// Beyond the shared ones, the command line tool prints batches, so it names their reader; and it is
/// the one program that a fleet on one machine needs, so it is the broker, too.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("millrace", "millrace-records"),
    ("millrace", "millrace-broker"),
];

pub(crate) struct Package {
    name: String,
    manifest: String,
    dependencies: Vec<String>,
}

/// The workspace's packages with the names of what they are built from (tests' own needs excepted).
pub(crate) fn packages() -> Vec<Package> {
    let out = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(tree::root())
        .output()
        .expect("cargo describes the workspace");
    assert!(
        out.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo writes JSON");
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(package)
        .collect()
}

fn package(value: &Value) -> Package {
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    Package {
        name: text(&value["name"]),
        manifest: text(&value["manifest_path"]),
        dependencies: value["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .map(|dependency| text(&dependency["name"]))
            .collect(),
    }
}

fn layer(name: &str) -> Option<(Side, u8)> {
    LAYERS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|&(_, side, layer)| (side, layer))
}

pub(crate) fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let Some((side, own)) = layer(&package.name) else {
        return vec![Finding::new(
            "layers",
            &package.manifest,
            "not in the table of layers",
        )];
    };
    let mut findings = Vec::new();
    for dependency in package
        .dependencies
        .iter()
        .filter(|name| name.starts_with("millrace"))
    {
        let edge = format!("{} -> {dependency}", package.name);
        let Some((other_side, other)) = layer(dependency) else {
            findings.push(Finding::new(
                "layers",
                &package.manifest,
                format!("{edge}: unknown"),
            ));
            continue;
        };
        if other >= own {
            let detail = format!("{edge} goes from layer {own} to layer {other}");
            findings.push(Finding::new("layers", &package.manifest, detail));
        }
        let foreign = side != other_side && side != Side::Shared && other_side != Side::Shared;
        if foreign && !EXCEPTIONS.contains(&(package.name.as_str(), dependency.as_str())) {
            let detail = format!("{edge} crosses from {side:?} to {other_side:?}");
            findings.push(Finding::new("sides", &package.manifest, detail));
        }
    }
    findings
}

#[test]
fn an_upward_edge_and_a_crossing_edge_are_found() {
    let package = |name: &str, dependency: &str| Package {
        name: name.to_owned(),
        manifest: "Cargo.toml".to_owned(),
        dependencies: vec![dependency.to_owned()],
    };
    let cases = [
        ("millrace-log", "millrace-records", 0),
        ("millrace-log", "tokio", 0),
        ("millrace-log", "millrace-metadata", 1),
        ("millrace-types", "millrace-server", 1),
        ("millrace-operator", "millrace-client", 0),
        ("millrace-operator", "millrace-server", 1),
        ("millrace-broker", "millrace-crds", 1),
        ("millrace", "millrace-records", 0),
        ("millrace", "millrace-log", 1),
        ("millrace-unheard-of", "tokio", 1),
    ];
    for (name, dependency, expected) in cases {
        let found = check(&[package(name, dependency)]);
        assert_eq!(
            found.is_empty(),
            expected == 0,
            "{name} -> {dependency}: {found:?}"
        );
    }
}
