//! Rules on the text of one Rust file.

use crate::Finding;

/// What a reader can hold; a file that grows past it wants to be two.
const MAX_LINES: usize = 500;

/// Written by a generator from tables: nobody reads them top-down.
const GENERATED: &[&str] = &[
    "broker/wire/src/messages/",
    "broker/wire/src/messages.rs",
    "broker/wire/src/records/",
    "broker/wire/src/records.rs",
];

pub(crate) fn check(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text.starts_with("//!") && !GENERATED.iter().any(|prefix| path.starts_with(prefix)) {
        findings.push(Finding::new("header", path, "does not open with `//!`"));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES && !GENERATED.iter().any(|prefix| path.starts_with(prefix)) {
        findings.push(Finding::new(
            "length",
            path,
            format!("{lines} lines, limit {MAX_LINES}"),
        ));
    }
    findings.extend(ignored_without_reason(path, text));
    findings.extend(names_its_parent(path, text));
    findings
}

fn ignored_without_reason(path: &str, text: &str) -> Vec<Finding> {
    const BARE: &str = concat!("#[", "ignore]");
    numbered(text)
        .filter(|(_, line)| line.trim_start().starts_with(BARE))
        .map(|(number, _)| Finding::new("ignore", path, format!("line {number}: say why")))
        .collect()
}

/// A parent may use its children, a child never its parent: what both need is a leaf beside them.
/// Unit tests read their parent, that is what they are for.
fn names_its_parent(path: &str, text: &str) -> Vec<Finding> {
    if is_test_file(path) {
        return Vec::new();
    }
    let parent = parent_module(path);
    let names_it = |code: &String| {
        code.contains("super::") || parent.as_deref().is_some_and(|p| names_item_of(code, p))
    };
    statements(product_part(text))
        .into_iter()
        .filter(|(_, code)| match is_import(code) {
            true => imported(code).iter().any(names_it),
            false => names_it(code),
        })
        .map(|(number, code)| Finding::new("parent", path, format!("line {number}: {code}")))
        .collect()
}

/// Lines without comments, with the number of each; an import that goes over several is one.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut statements: Vec<(usize, String)> = Vec::new();
    for (number, line) in numbered(text) {
        let code = line.split("//").next().unwrap_or(line).trim();
        match statements.last_mut() {
            Some((_, begun)) if is_import(begun) && !begun.contains(';') => begun.push_str(code),
            _ => statements.push((number, code.to_owned())),
        }
    }
    statements
}

fn is_import(code: &str) -> bool {
    code.starts_with("use ") || (code.starts_with("pub") && code.contains(" use "))
}

/// Every path of an import: `use a::b` and `use a::c::D` for `use a::{b, c::{D}};`.
fn imported(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let mut depth = 0;
    let parts = inside.split(|character| {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        character == ',' && depth == 0
    });
    parts
        .flat_map(|part| imported(&format!("{prefix}{}", part.trim())))
        .collect()
}

/// `crate::foo` for `…/src/foo/bar.rs`; the crate root has re-exports that anyone may use.
fn parent_module(path: &str) -> Option<String> {
    let (_, inside) = path.split_once("/src/")?;
    let (parents, _) = inside.rsplit_once('/')?;
    (!parents.starts_with("bin")).then(|| format!("crate::{}", parents.replace('/', "::")))
}

/// Types and constants begin with a capital, modules do not.
fn names_item_of(code: &str, parent: &str) -> bool {
    code.split(parent).skip(1).any(|rest| {
        rest.strip_prefix("::")
            .is_some_and(|item| item.starts_with(char::is_uppercase))
    })
}

/// Everything before the unit tests, which close a file.
fn product_part(text: &str) -> &str {
    text.split_once("#[cfg(test)]")
        .map_or(text, |(product, _)| product)
}

fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("tests/")
        || path.contains("/tests/")
        || name == "tests.rs"
        || name.ends_with("_tests.rs")
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines())
}

#[test]
fn each_rule_finds_its_case() {
    let header = "//! Reads.\n";
    let long = format!("{header}{}", "\n".repeat(MAX_LINES));
    let bare = concat!("//! Reads.\n#[", "ignore]\nfn slow() {}\n");
    let cases = [
        ("broker/log/src/a.rs", header, vec![]),
        ("broker/log/src/a.rs", "fn main() {}", vec!["header"]),
        ("broker/log/src/a.rs", &long, vec!["length"]),
        ("broker/wire/src/messages/a.rs", &long, vec![]),
        ("broker/log/src/a.rs", bare, vec!["ignore"]),
        (
            "broker/log/src/a/b.rs",
            "//! R.\nuse super::*;\n",
            vec!["parent"],
        ),
        (
            "broker/log/src/a/b.rs",
            "//! R.\nuse crate::a::Item;\n",
            vec!["parent"],
        ),
        (
            "broker/log/src/a/b.rs",
            "//! R.\nuse crate::a::c::Item;\n",
            vec![],
        ),
        (
            "broker/log/src/a/b.rs",
            "//! R.\nuse crate::a::{c, Item};\n",
            vec!["parent"],
        ),
        (
            "broker/log/src/a/b.rs",
            "//! R.\npub(crate) use crate::{\n    a::{self, c::Other,\n    Item},\n    d,\n};\n",
            vec!["parent"],
        ),
        (
            "broker/log/src/a/b.rs",
            "//! R.\nuse crate::{d::Item, a::{c::{self, Item, Other}, d}};\nuse crate::Item;\n",
            vec![],
        ),
        (
            "broker/log/src/a/b.rs",
            "//! R.\n#[cfg(test)]\nmod tests { use super::*; }\n",
            vec![],
        ),
        (
            "broker/log/src/a/tests.rs",
            "//! R.\nuse super::*;\n",
            vec![],
        ),
    ];
    for (path, text, expected) in cases {
        let rules: Vec<&str> = check(path, text)
            .iter()
            .map(|finding| finding.rule)
            .collect();
        assert_eq!(rules, expected, "{path}: {text:.60}");
    }
}
