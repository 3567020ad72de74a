//! The examples of custom resources: what the API answers to each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use kube::Client;
use serde_json::{Map, Value};

use crate::answer::{Answer, text};
use crate::ground::Ground;

/// Why each invalid example is refused, by its name; the valid ones must not be. The examples lie in
/// the folders `valid` and `invalid`.
///
/// # Errors
/// When an example is answered otherwise, or cannot be read.
pub async fn refusals(client: Client, namespace: &str, examples: &Path) -> Result<Value> {
    let ground = Ground::new(client, namespace);
    let mut refusals = Map::new();
    for (folder, is_valid) in [("valid", true), ("invalid", false)] {
        let mut files: Vec<_> = fs::read_dir(examples.join(folder))?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        for file in files {
            let name = file.file_name().to_string_lossy().into_owned();
            let text = fs::read_to_string(file.path())?;
            let answer = attempt(&ground, &text).await;
            let answer = answer.with_context(|| name.clone())?;
            match (answer.code, is_valid) {
                (200 | 201, true) => {}
                (422, false) => drop(refusals.insert(name, told(&answer.body))),
                (code, _) => bail!("{name}: {code} {}", answer.body),
            }
        }
    }
    Ok(Value::Object(refusals))
}

/// An example of two documents is an edit: the first is there already, the second is tried.
async fn attempt(ground: &Ground, yaml: &str) -> Result<Answer> {
    let documents = yaml.split("---\n").map(serde_yaml::from_str::<Value>);
    let documents: Vec<Value> = documents.collect::<Result<_, _>>()?;
    let plural = |object: &Value| match object["kind"].as_str() {
        Some("KafkaTopic") => "kafkatopics",
        _ => "kafkaclusters",
    };
    match documents.as_slice() {
        [tried] => {
            ground
                .post(&format!("{}?dryRun=All", plural(tried)), tried)
                .await
        }
        [before, tried] => {
            let made = ground.post(plural(before), before).await?.done()?;
            let name = text(&made["metadata"]["name"]);
            let path = format!("{}/{name}", plural(before));
            let mut tried = tried.clone();
            tried["metadata"]["resourceVersion"] = made["metadata"]["resourceVersion"].clone();
            let answer = ground.put(&format!("{path}?dryRun=All"), &tried).await?;
            ground.delete(&path, &Value::Null).await?.done()?;
            Ok(answer)
        }
        _ => bail!("more than two documents"),
    }
}

/// Field, reason and message of every mistake, in the order of the fields.
fn told(status: &Value) -> Value {
    let causes = status["details"]["causes"].as_array();
    let mut causes = causes.cloned().unwrap_or_default();
    causes.sort_by_key(|cause| (cause["field"].to_string(), cause["message"].to_string()));
    causes.into()
}
