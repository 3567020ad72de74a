//! Writes the wire crate's messages from Kafka's own schemas: a pure function from the schema
//! files to the text of the crate's generated files.
//!
//! The schemas are in the jars of Kafka 4.2.0, which Maven fetches:
//! `mvn dependency:copy -DoutputDirectory=<dir> -Dartifact=org.apache.kafka:<name>:4.2.0` for
//! kafka-clients, kafka-group-coordinator, kafka-transaction-coordinator,
//! kafka-share-coordinator, kafka-metadata, kafka-storage and kafka-raft.

mod model;
mod names;
mod render;
mod schema;
mod sources;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::model::Message;
use crate::sources::{Origin, Source};

/// Folders of the crate that hold nothing but generated files.
const GENERATED_FOLDERS: [&str; 2] = ["src/messages", "src/records"];

/// Generates the messages and tables of `broker/wire` from Kafka's message schemas.
#[derive(Parser)]
struct Arguments {
    /// Folder with Kafka's jars, or with their JSON files in one folder for each jar.
    #[arg(long)]
    schemas: PathBuf,

    /// Write nothing; fail when a committed file differs.
    #[arg(long)]
    check: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = formatted(&generate(&sources::read_all(&arguments.schemas)?)?)?;
    if arguments.check {
        check(&target, &files)
    } else {
        write(&target, &files)
    }
}

/// Text of each file by its path in the crate.
type Files = BTreeMap<PathBuf, String>;

fn generate(sources: &[Source]) -> Result<Files> {
    let mut messages = Vec::new();
    for Source { origin, schema, .. } in sources {
        messages.push((*origin, Message::resolve(schema)?, &schema.listeners));
    }
    let mut files = Files::new();
    for (origin, message, _) in &messages {
        let file = folder(*origin)
            .join(names::snake(&message.name))
            .with_extension("rs");
        files.insert(file, render::module(message));
    }
    for origin in [&[Origin::Messages], &Origin::RECORDS[..]].concat() {
        let names: Vec<String> = messages
            .iter()
            .filter(|(of, ..)| *of == origin)
            .map(|(_, message, _)| names::snake(&message.name))
            .collect();
        let list = tables::modules(names.iter().map(String::as_str));
        files.insert(folder(origin).with_extension("rs"), list);
    }
    let records = tables::modules(Origin::RECORDS.iter().map(|origin| origin.module()));
    files.insert("src/records.rs".into(), records);

    let apis: Vec<_> = messages
        .iter()
        .map(|(_, message, listeners)| (message, listeners.as_slice()))
        .collect();
    files.insert("src/api_key/table.rs".into(), tables::api_keys(&apis)?);
    let all: Vec<_> = messages
        .iter()
        .map(|(origin, message, _)| (*origin, message))
        .collect();
    files.insert("src/every_message.rs".into(), tables::for_each(&all));
    let lines = tables::schema_lines(sources.iter().map(|source| source.json.as_str()))?;
    files.insert("tests/schemas.jsonl".into(), lines);
    Ok(files)
}

fn folder(origin: Origin) -> PathBuf {
    match origin {
        Origin::Messages => "src/messages".into(),
        origin => Path::new("src/records").join(origin.module()),
    }
}

/// Passes the Rust files through rustfmt with the repository's settings.
fn formatted(files: &Files) -> Result<Files> {
    let scratch = tempfile::tempdir()?;
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = scratch.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(scratch.path()))?;
        fs::write(&path, text)?;
        if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../.rustfmt.toml");
    let status = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(settings)
        .args(&paths)
        .status()
        .context("run rustfmt")?;
    ensure!(status.success(), "rustfmt refused the generated text");
    files
        .keys()
        .map(|name| Ok((name.clone(), fs::read_to_string(scratch.path().join(name))?)))
        .collect()
}

fn write(target: &Path, files: &Files) -> Result<()> {
    for stale in stale_files(target, files)? {
        fs::remove_file(stale)?;
    }
    for (name, text) in files {
        let path = target.join(name);
        fs::create_dir_all(path.parent().unwrap_or(target))?;
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            fs::write(&path, text)?;
        }
    }
    Ok(())
}

fn check(target: &Path, files: &Files) -> Result<()> {
    let mut different = stale_files(target, files)?;
    for (name, text) in files {
        let path = target.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            different.push(path);
        }
    }
    ensure!(
        different.is_empty(),
        "not what the schemas say: {different:?}"
    );
    Ok(())
}

/// Files in the generated folders that no schema asks for any more.
fn stale_files(target: &Path, files: &Files) -> Result<Vec<PathBuf>> {
    let mut stale = Vec::new();
    let mut pending: Vec<PathBuf> = GENERATED_FOLDERS
        .iter()
        .map(|name| target.join(name))
        .collect();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                pending.push(entry?.path());
            }
        } else if !path
            .strip_prefix(target)
            .is_ok_and(|name| files.contains_key(name))
        {
            stale.push(path);
        }
    }
    stale.retain(|path| path.exists());
    Ok(stale)
}
