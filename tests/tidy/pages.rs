//! Pages of the documentation: every block of commands says what it needs, and every link leads somewhere.

use std::collections::{BTreeMap, BTreeSet};

use millrace_tests::pages::{anchors, blocks, links};

use crate::Finding;
use crate::tree::TextFile;

/// Pages whose commands are run; others belong to a chart or to a suite.
fn is_run(path: &str) -> bool {
    path == "README.md" || path.starts_with("docs/")
}

/// `paths` are all files of the tree.
pub(crate) fn check(files: &[TextFile], paths: &[String]) -> Vec<Finding> {
    let pages: Vec<&TextFile> = files
        .iter()
        .filter(|file| file.path.ends_with(".md"))
        .collect();
    let anchors: BTreeMap<&str, BTreeSet<String>> = pages
        .iter()
        .map(|page| (page.path.as_str(), anchors(&page.text)))
        .collect();
    let tree = Tree {
        paths,
        anchors: &anchors,
    };
    let commands = pages
        .iter()
        .filter(|page| is_run(&page.path))
        .flat_map(|page| check_blocks(page, &tree));
    let links = pages.iter().flat_map(|page| check_links(page, &tree));
    commands.chain(links).collect()
}

struct Tree<'a> {
    paths: &'a [String],
    anchors: &'a BTreeMap<&'a str, BTreeSet<String>>,
}

impl Tree<'_> {
    /// A file, or a folder with files in it.
    fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.paths
            .iter()
            .any(|known| known == path || known.starts_with(&folder))
    }
}

fn check_blocks(page: &TextFile, tree: &Tree<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for block in blocks(&page.text) {
        let mut found = |what: String| {
            let detail = format!("line {}: {what}", block.line);
            findings.push(Finding::new("commands", &page.path, detail));
        };
        if let Some(what) = block.misclassified() {
            found(what);
        }
        if let Some(held) = block.attributes.get("held").filter(|held| !tree.has(held)) {
            found(format!("held by {held}, which does not exist"));
        }
    }
    findings
}

fn check_links(page: &TextFile, tree: &Tree<'_>) -> Vec<Finding> {
    let broken = |(line, target): (usize, String)| {
        let why = why_broken(&page.path, &target, tree)?;
        let detail = format!("line {line}: {target}: {why}");
        Some(Finding::new("link", &page.path, detail))
    };
    links(&page.text).into_iter().filter_map(broken).collect()
}

fn why_broken(page: &str, target: &str, tree: &Tree<'_>) -> Option<&'static str> {
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let path = if path.is_empty() {
        page.to_owned()
    } else {
        resolve(page, path)
    };
    if !tree.has(&path) {
        return Some("no such file");
    }
    let there = tree.anchors.get(path.as_str());
    let anchor = anchor.filter(|anchor| there.is_none_or(|there| !there.contains(*anchor)));
    anchor.map(|_| "no such heading")
}

/// `target` as seen from `page`, from the root.
fn resolve(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn broken_links_and_unclassified_commands_are_found() {
    let page = |path: &str, text: &str| TextFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let files = [
        page(
            "README.md",
            "# Here\n[a](docs/a.md#there) [b](docs/b.md) [c](#here) [d](docs/a.md#gone)\n```sh\nls\n```",
        ),
        page(
            "docs/a.md",
            "## There\n[up](../README.md#here) [out](../../x)\n```sh held=gone\nls\n```",
        ),
        page("charts/README.md", "```\nls\n```"),
    ];
    let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let found = check(&files, &paths);
    let rules: Vec<(&str, &str)> = found.iter().map(|f| (f.path.as_str(), f.rule)).collect();
    let expected = [
        ("README.md", "commands"),
        ("docs/a.md", "commands"),
        ("README.md", "link"),
        ("README.md", "link"),
        ("docs/a.md", "link"),
    ];
    assert_eq!(rules, expected, "{found:?}");
}
