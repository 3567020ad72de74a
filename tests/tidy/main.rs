//! Style as a test: layers, file headers and lengths, words and names that must not appear.
//!
//! Only what neither rustc nor clippy can say is checked here. Rules that the tree does not meet
//! yet are held by `baseline.txt`, which may only shrink.

mod baseline;
mod layers;
mod manifests;
mod names;
mod pages;
mod sources;
mod tree;
mod words;

/// One broken rule, as the reader of a failed build sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) path: String,
    pub(crate) detail: String,
}

impl Finding {
    pub(crate) fn new(rule: &'static str, path: &str, detail: impl Into<String>) -> Self {
        Self {
            rule,
            path: path.to_owned(),
            detail: detail.into(),
        }
    }
}

fn expect_none(findings: &[Finding]) {
    let lines: Vec<String> = findings
        .iter()
        .map(|f| format!("{}: {}: {}", f.path, f.rule, f.detail))
        .collect();
    assert!(
        lines.is_empty(),
        "{} finding(s)\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[test]
fn every_edge_goes_to_a_lower_layer() {
    expect_none(&layers::check(&layers::packages()));
}

#[test]
fn manifests_inherit_the_workspace() {
    expect_none(&manifests::check(&tree::tracked()));
}

#[test]
fn sources_keep_the_style() {
    let findings: Vec<Finding> = tree::rust_files()
        .iter()
        .flat_map(|file| sources::check(&file.path, &file.text))
        .collect();
    expect_none(&baseline::beyond(&findings));
}

#[test]
fn nothing_foreign_is_named() {
    let findings: Vec<Finding> = tree::text_files()
        .iter()
        .flat_map(|file| words::check(&file.path, &file.text))
        .collect();
    expect_none(&findings);
}

#[test]
fn pages_lead_somewhere_and_their_commands_are_classified() {
    expect_none(&pages::check(&tree::text_files(), &tree::tracked()));
}

#[test]
fn top_level_holds_only_what_it_may() {
    expect_none(&names::check(&tree::tracked()));
}
