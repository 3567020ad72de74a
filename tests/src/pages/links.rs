//! Links of a page, and what links can point to.

use std::collections::BTreeSet;

use crate::pages::fence::opening;

/// Targets of links to other places of the repository, with their lines.
pub fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, prose) in prose(text) {
        for rest in prose.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with("mailto:") {
                found.push((line, target.to_owned()));
            }
        }
    }
    found
}

/// What `#…` can point to: headings as hosts of repositories turn them into anchors.
pub fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in prose(text) {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let base: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let again = (1..).map(|number| format!("{base}-{number}"));
        let free = [base.clone()]
            .into_iter()
            .chain(again)
            .find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

/// Lines outside of blocks, without what stands in backticks.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fenced: Option<&str> = None;
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        match (fenced, opening(line)) {
            (Some(fence), _) => {
                if line.trim() == fence {
                    fenced = None;
                }
                return None;
            }
            (None, Some((fence, _))) => {
                fenced = Some(fence);
                return None;
            }
            (None, None) => {}
        }
        let spoken = if line.starts_with('#') {
            line.replace('`', "")
        } else {
            line.split('`').step_by(2).collect()
        };
        Some((number, spoken))
    })
}
