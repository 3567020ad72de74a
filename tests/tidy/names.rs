//! What may stand at the top of the repository, and how files may be named.

use crate::Finding;

/// Besides these, only hidden files.
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    // Written by cargo beside its manifest; it can stand nowhere else.
    "Cargo.lock",
    "README.md",
    "LICENSE",
    "operator",
    "broker",
    "crds",
    "charts",
    "tests",
    "docs",
];

pub(crate) fn check(paths: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in paths {
        let top = path.split('/').next().unwrap_or(path);
        if !top.starts_with('.') && !TOP_LEVEL.contains(&top) {
            findings.push(Finding::new(
                "top level",
                path,
                format!("`{top}` has no place here"),
            ));
        }
        if path.ends_with("/mod.rs") {
            findings.push(Finding::new(
                "mod.rs",
                path,
                "a module is `foo.rs` beside `foo/`",
            ));
        }
    }
    findings
}

#[test]
fn a_stray_file_is_found() {
    let paths = |list: &[&str]| list.iter().map(|&path| path.to_owned()).collect::<Vec<_>>();
    assert!(check(&paths(&["Cargo.lock", ".ci/run", "broker/log/src/lib.rs"])).is_empty());
    assert_eq!(
        check(&paths(&["NOTES.md", "broker/log/src/segment/mod.rs"])).len(),
        2
    );
}
