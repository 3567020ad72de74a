//! The ratchet: known findings with their number, which may only go down.
//!
//! A line of `baseline.txt` is `<rule> <path> <number>`. A file better than its line fails too, so
//! that the gain is written down and kept.

use std::collections::BTreeMap;

use crate::Finding;
use crate::tree;

const FILE: &str = "tests/tidy/baseline.txt";

type Counts = BTreeMap<(String, String), usize>;

/// Findings that the baseline does not hold, and baseline lines that no longer tell the truth.
pub(crate) fn beyond(findings: &[Finding]) -> Vec<Finding> {
    let text = std::fs::read_to_string(tree::root().join(FILE)).expect("the baseline is readable");
    compare(findings, &parse(&text))
}

fn parse(text: &str) -> Counts {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split(' ');
            let mut word = || {
                words
                    .next()
                    .expect("a line is `rule path number`")
                    .to_owned()
            };
            let (rule, path) = (word(), word());
            (
                (rule, path),
                word().parse().expect("a number ends the line"),
            )
        })
        .collect()
}

fn compare(findings: &[Finding], allowed: &Counts) -> Vec<Finding> {
    let mut counts = Counts::new();
    for finding in findings {
        *counts
            .entry((finding.rule.to_owned(), finding.path.clone()))
            .or_default() += 1;
    }
    let mut beyond: Vec<Finding> = findings
        .iter()
        .filter(|finding| {
            let key = (finding.rule.to_owned(), finding.path.clone());
            counts[&key] > allowed.get(&key).copied().unwrap_or(0)
        })
        .cloned()
        .collect();
    for ((rule, path), &number) in allowed {
        let now = counts
            .get(&(rule.clone(), path.clone()))
            .copied()
            .unwrap_or(0);
        if now < number {
            let detail = format!("`{rule} {path} {number}` is now {now}: lower it");
            beyond.push(Finding::new("baseline", FILE, detail));
        }
    }
    beyond
}

#[test]
fn the_baseline_only_goes_down() {
    let finding = Finding::new("length", "a.rs", "510 lines");
    let allowed = |text| parse(text);
    assert_eq!(
        compare(std::slice::from_ref(&finding), &allowed("")),
        vec![finding.clone()]
    );
    assert!(compare(std::slice::from_ref(&finding), &allowed("length a.rs 1")).is_empty());
    assert_eq!(compare(&[], &allowed("# why\nlength a.rs 1")).len(), 1);
}
