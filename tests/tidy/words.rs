//! Words that have no place in the repository: one machine's paths, registries, unfinished work.

use crate::Finding;
use crate::tree;

/// First labels of host names that serve packages: sources come from where the reader's tools look.
const REGISTRY_LABELS: &[&str] = &["repo", "registry", "proxy", "index", "static", "deb"];

/// In pieces, so that this file does not contain them.
const FOREIGN: &[&str] = &[
    concat!("sub", "agent"),
    concat!("before", "-stop"),
    concat!("last", " session"),
];

const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX:"),
];

/// Lock files name where each entry came from; that is their work.
fn is_lock(path: &str) -> bool {
    path.ends_with(".lock") || path.ends_with("go.sum") || path.ends_with("package-lock.json")
}

pub(crate) fn check(path: &str, text: &str) -> Vec<Finding> {
    if is_lock(path) {
        return Vec::new();
    }
    let machine = machine_path();
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let mut found = |rule, what: &str| {
            findings.push(Finding::new(rule, path, format!("line {number}: {what}")));
        };
        if let Some(machine) = machine.as_deref().filter(|machine| line.contains(machine)) {
            found("machine path", machine);
        }
        if let Some(host) = registry_host(line) {
            found("registry host", host);
        }
        for word in FOREIGN.iter().filter(|word| line.contains(**word)) {
            found("foreign word", word);
        }
        for word in UNFINISHED.iter().filter(|word| names_word(line, word)) {
            found("unfinished", word);
        }
    }
    findings
}

/// Where this checkout lies, when that is telling: a checkout below `/` has no name to leak.
fn machine_path() -> Option<String> {
    let parent = tree::root().parent()?.to_str()?.to_owned();
    (parent.len() > 2).then(|| format!("{parent}/"))
}

fn registry_host(line: &str) -> Option<&str> {
    line.split("://").skip(1).find_map(|rest| {
        let host = rest.split(['/', '"', '\'', ' ', ')', '>']).next()?;
        let label = host
            .split('.')
            .next()?
            .trim_end_matches(|c: char| c.is_ascii_digit());
        (host.contains('.') && REGISTRY_LABELS.contains(&label)).then_some(host)
    })
}

/// `word` not as a part of a longer one.
fn names_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[test]
fn each_kind_of_word_is_found_once() {
    let scheme = "https:/";
    let cases = [
        (format!("see {scheme}/registry.example.org/x"), 1),
        (format!("see {scheme}/repo1.example.org/x"), 1),
        (format!("see {scheme}/kafka.apache.org/protocol"), 0),
        (format!("// {}: later", UNFINISHED[0]), 1),
        ("mastodons eat leaves".to_owned(), 0),
        (format!("asked a {}", FOREIGN[0]), 1),
    ];
    for (line, expected) in cases {
        assert_eq!(check("a.rs", &line).len(), expected, "{line}");
    }
    assert!(check("go.sum", UNFINISHED[0]).is_empty());
}
