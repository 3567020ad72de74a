//! Every package inherits the lints and the package table of the workspace.

use crate::Finding;
use crate::tree;

const INHERITED: &[&str] = &[
    "edition.workspace = true",
    "license.workspace = true",
    "publish.workspace = true",
];

pub(crate) fn check(paths: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in paths.iter().filter(|path| is_member(path)) {
        let text = std::fs::read_to_string(tree::root().join(path)).expect("manifest is readable");
        findings.extend(check_manifest(path, &text));
    }
    findings
}

/// The fuzz targets are a workspace of their own: they need another compiler.
fn is_member(path: &str) -> bool {
    path.ends_with("/Cargo.toml") && !path.starts_with("tests/fuzz/")
}

fn check_manifest(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text.contains("[lints]\nworkspace = true") {
        findings.push(Finding::new(
            "lints",
            path,
            "does not inherit [workspace.lints]",
        ));
    }
    for key in INHERITED.iter().filter(|key| !text.contains(**key)) {
        findings.push(Finding::new("package", path, format!("lacks `{key}`")));
    }
    findings
}

#[test]
fn a_manifest_of_its_own_mind_is_found() {
    let good = "edition.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\
                [lints]\nworkspace = true\n";
    assert!(check_manifest("a/Cargo.toml", good).is_empty());
    assert_eq!(
        check_manifest("a/Cargo.toml", "edition = \"2021\"").len(),
        4
    );
}
