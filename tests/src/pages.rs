//! Pages of the documentation as tests see them: their blocks of commands, links, and a shell to run them in.
//!
//! A block of commands says behind its language what it needs, which readers do not see:
//!
//! ```text
//! sh needs=nothing             any machine with Rust
//! sh needs=broker              a broker on 127.0.0.1:9092 with metrics on 9404
//! sh needs=up                  the quick start, running
//! sh needs=kubernetes          a Kubernetes cluster; run by the part `kubernetes`
//! sh held=PATH                 nothing is run here: the test or script at PATH does the same
//! ```
//!
//! `needs` may name programs too (`needs=broker,kcat`). `stays="TEXT"`: the commands run until the page ends, and
//! what follows begins when they have said TEXT. `within=SECONDS`: more time than usual. A block of `text` right
//! below shows what the commands print: every line of it has to come, in this order; `…` stands for anything.

mod fence;
mod links;
mod output;
mod session;

use std::collections::BTreeMap;

pub use links::{anchors, links};
pub use output::missing;
pub use session::{Place, Session};

use fence::opening;

/// Languages of blocks that are for reading.
const READ_ONLY: &[&str] = &[
    "text",
    "yaml",
    "json",
    "properties",
    "promql",
    "python",
    "java",
    "rust",
    "toml",
];

/// The language of blocks that are run.
const COMMANDS: &str = "sh";

/// What a block may need besides programs.
const PLACES: &[&str] = &["nothing", "broker", "up", "kubernetes"];

/// What is between two fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it begins, counted from 1.
    pub line: usize,
    pub language: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
}

/// A block of commands and what the page says that they print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub block: Block,
    pub expected: Option<String>,
}

impl Block {
    pub fn is_commands(&self) -> bool {
        self.language == COMMANDS
    }

    /// What it needs: a place and programs.
    pub fn needs(&self) -> Vec<&str> {
        let needs = self.attributes.get("needs").map_or("", String::as_str);
        needs.split(',').filter(|need| !need.is_empty()).collect()
    }

    /// What is wrong with how it is classified.
    pub fn misclassified(&self) -> Option<String> {
        let (needs, held) = (self.needs(), self.attributes.get("held"));
        if READ_ONLY.contains(&self.language.as_str()) {
            return None;
        }
        if !self.is_commands() {
            let language = &self.language;
            return Some(format!(
                "a block of `{language}`: write sh, or one of {READ_ONLY:?}"
            ));
        }
        if needs.is_empty() == held.is_none() {
            return Some("commands say either `needs=…` or `held=PATH`".to_owned());
        }
        let places = needs.iter().filter(|need| PLACES.contains(need)).count();
        (held.is_none() && places != 1)
            .then(|| format!("needs one of {PLACES:?}, and programs beside it"))
    }
}

/// Every fenced block, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((line, fence)) = lines.next() {
        let Some((fence, info)) = opening(fence) else {
            continue;
        };
        let inside: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| line.trim() != fence)
            .collect();
        let (language, attributes) = information(info);
        blocks.push(Block {
            line,
            language,
            attributes,
            text: inside.join("\n"),
        });
    }
    blocks
}

/// The commands of a page, each with what the block below it shows.
pub fn steps(text: &str) -> Vec<Step> {
    let blocks = blocks(text);
    let below = blocks.iter().skip(1).map(Some).chain([None]);
    let pairs = blocks.iter().zip(below);
    pairs
        .filter(|(block, _)| block.is_commands())
        .map(|(block, below)| Step {
            block: block.clone(),
            expected: below
                .filter(|below| below.language == "text" && follows(text, block, below))
                .map(|below| below.text.clone()),
        })
        .collect()
}

/// Whether nothing stands between two blocks but a line or two of prose.
fn follows(text: &str, block: &Block, below: &Block) -> bool {
    const APART_MAX: usize = 4;
    let end = block.line + block.text.lines().count() + 1;
    let between = text
        .lines()
        .skip(end)
        .take(below.line.saturating_sub(end + 1));
    below.line - end <= APART_MAX && !between.clone().any(|line| line.starts_with('#'))
}

/// `sh needs=a,b stays="c d"` as a language and pairs.
fn information(info: &str) -> (String, BTreeMap<String, String>) {
    let (language, mut rest) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
    let mut attributes = BTreeMap::new();
    while let Some((name, after)) = rest.trim_start().split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        attributes.insert(name.to_owned(), value.to_owned());
        rest = next;
    }
    (language.to_owned(), attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# A `b` C!\n\n```sh needs=broker,kcat stays=\"up and running\"\necho one\n```\n\n\
                        prints\n\n```text\none\n```\n\n[x](a.md#b-c) `[y](z)` [w](https://example.com)\n\n## A `b` C!\n";

    #[test]
    fn a_page_falls_into_its_parts() {
        let steps = steps(PAGE);
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].block.needs(), ["broker", "kcat"]);
        assert_eq!(steps[0].block.attributes["stays"], "up and running");
        assert_eq!(steps[0].expected.as_deref(), Some("one"));
        assert_eq!(links(PAGE), [(13, "a.md#b-c".to_owned())]);
        let anchors: Vec<_> = anchors(PAGE).into_iter().collect();
        assert_eq!(anchors, ["a-b-c", "a-b-c-1"]);
    }

    #[test]
    fn what_is_not_classified_is_found() {
        for (info, wrong) in [
            ("sh needs=nothing", false),
            ("sh needs=broker,kcat", false),
            ("sh held=tests/run", false),
            ("text", false),
            ("sh", true),
            ("sh needs=kcat", true),
            ("sh needs=broker held=tests/run", true),
            ("console", true),
            ("", true),
        ] {
            let block = &blocks(&format!("```{info}\n```"))[0];
            assert_eq!(block.misclassified().is_some(), wrong, "{info}");
        }
    }

    #[test]
    fn output_is_compared_line_by_line() {
        let output = "NAME   READY\ndemo   True  1s\n";
        for (expected, lacks) in [
            ("NAME READY\ndemo True …", None),
            ("demo", Some("demo")),
            ("demo …", None),
            ("… 1s", None),
            ("…\n", None),
            ("demo …\nNAME READY", Some("NAME READY")),
        ] {
            assert_eq!(missing(expected, output), lacks, "{expected}");
        }
    }
}
