//! What the API server makes of the custom resources: it takes every valid example, and refuses each
//! invalid one for the reason that its first line gives.
//!
//! An example of two documents is an edit: the first is there already, the second is tried.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use millrace_kubernetes_tests::{Cluster, scenario};

const CRDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crds");

struct Example {
    name: String,
    /// What its first line says, without the comment's mark.
    reason: String,
    before: Option<String>,
    tried: String,
}

#[test]
fn valid_examples_are_accepted() -> Result<()> {
    scenario("admission-valid", |cluster, namespace| {
        cluster.kubectl().define()?;
        for example in examples("valid")? {
            attempt(cluster, namespace, &example).with_context(|| example.name.clone())?;
        }
        Ok(())
    })
}

#[test]
fn invalid_examples_are_refused_for_their_reason() -> Result<()> {
    scenario("admission-invalid", |cluster, namespace| {
        cluster.kubectl().define()?;
        let wrong: Vec<String> = examples("invalid")?
            .iter()
            .filter_map(|example| wrongly_answered(cluster, namespace, example))
            .collect();
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    })
}

fn wrongly_answered(cluster: &Cluster, namespace: &str, example: &Example) -> Option<String> {
    let Err(refusal) = attempt(cluster, namespace, example) else {
        return Some(format!("{}: accepted", example.name));
    };
    let message = format!("{refusal:#}");
    let expected = message.contains(&example.reason);
    (!expected).then(|| format!("{}: not for its reason: {message}", example.name))
}

/// Puts the document before it in place, if there is one, and tries the edit without keeping it.
fn attempt(cluster: &Cluster, namespace: &str, example: &Example) -> Result<()> {
    let kubectl = cluster.kubectl();
    let here = ["--namespace", namespace];
    if let Some(before) = &example.before {
        kubectl.apply(before, &here)?;
    }
    let answer = kubectl.apply(&example.tried, &[here[0], here[1], "--dry-run=server"]);
    if example.before.is_some() {
        let all = ["delete", "kafkaclusters,kafkatopics", "--all"];
        kubectl.run(&[&all[..], &here[..]].concat())?;
    }
    answer
}

fn examples(folder: &str) -> Result<Vec<Example>> {
    let mut examples = fs::read_dir(format!("{CRDS}/examples/{folder}"))?
        .map(|entry| example(&entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    ensure!(!examples.is_empty(), "no examples of {folder} resources");
    examples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(examples)
}

fn example(path: &Path) -> Result<Example> {
    let text = fs::read_to_string(path)?;
    let first = text.lines().next().unwrap_or_default();
    let documents: Vec<&str> = text.split("---\n").collect();
    let (before, tried) = match documents.as_slice() {
        [tried] => (None, *tried),
        [before, tried] => (Some((*before).to_owned()), *tried),
        _ => bail!("{}: more than two documents", path.display()),
    };
    Ok(Example {
        name: path.display().to_string(),
        reason: first.trim_start_matches("# ").to_owned(),
        before,
        tried: tried.to_owned(),
    })
}
