//! Finds the schema files: in jars, or as files in a folder.
//! Says where each came from, not what it means.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::schema::{Kind, Schema};

/// The part of the product whose records a schema describes; names the module it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    Messages,
    Control,
    Group,
    Transaction,
    Share,
    Metadata,
    Storage,
}

impl Origin {
    pub(crate) const RECORDS: [Self; 6] = [
        Self::Control,
        Self::Group,
        Self::Metadata,
        Self::Share,
        Self::Storage,
        Self::Transaction,
    ];

    pub(crate) fn module(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Control => "control",
            Self::Group => "group",
            Self::Transaction => "transaction",
            Self::Share => "share",
            Self::Metadata => "metadata",
            Self::Storage => "storage",
        }
    }

    /// Told by the name of the jar, or of the folder that stands for it.
    fn of(path: &Path, schema: &Schema) -> Self {
        let path = path.to_string_lossy();
        let artifacts = [
            ("kafka-group-coordinator", Self::Group),
            ("kafka-transaction-coordinator", Self::Transaction),
            ("kafka-share-coordinator", Self::Share),
            ("kafka-metadata", Self::Metadata),
            ("kafka-storage", Self::Storage),
            ("kafka-raft", Self::Storage),
        ];
        let named = artifacts
            .iter()
            .find(|(artifact, _)| path.contains(artifact));
        match named {
            Some(&(_, origin)) => origin,
            None if is_control_record(schema) => Self::Control,
            None => Self::Messages,
        }
    }
}

/// The clients' jar mixes what travels with what stands in control batches.
fn is_control_record(schema: &Schema) -> bool {
    schema.kind == Kind::Data
        && ["Record", "Marker", "LeaderChangeMessage"]
            .iter()
            .any(|ending| schema.name.ends_with(ending))
}

pub(crate) struct Source {
    pub(crate) origin: Origin,
    pub(crate) schema: Schema,
    /// The file without its comments.
    pub(crate) json: String,
}

/// Every schema below `root`, by origin and name.
pub(crate) fn read_all(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(children(&path)?);
            continue;
        }
        match path.extension().and_then(OsStr::to_str) {
            Some("jar") => read_jar(&path, &mut sources)?,
            Some("json") => add(&path, &fs::read_to_string(&path)?, &mut sources)?,
            _ => {}
        }
    }
    sources.sort_by(|a, b| (a.origin, &a.schema.name).cmp(&(b.origin, &b.schema.name)));
    let twice = sources.windows(2).find(|pair| {
        pair[0].origin == pair[1].origin && pair[0].schema.name == pair[1].schema.name
    });
    ensure!(
        twice.is_none(),
        "{} is there twice",
        twice.map_or("", |pair| &pair[0].schema.name)
    );
    Ok(sources)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

fn read_jar(path: &Path, sources: &mut Vec<Source>) -> Result<()> {
    let mut jar = zip::ZipArchive::new(fs::File::open(path)?)
        .with_context(|| format!("open {}", path.display()))?;
    for index in 0..jar.len() {
        let mut entry = jar.by_index(index)?;
        let name = entry.name()?.into_owned();
        if !is_schema(&name) {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text)?;
        add(&path.join(name), &text, sources)?;
    }
    Ok(())
}

fn is_schema(name: &str) -> bool {
    const FOLDERS: [&str; 3] = ["common/message/", "common/metadata/", "message/"];
    name.ends_with(".json") && FOLDERS.iter().any(|folder| name.starts_with(folder))
}

/// Headers are written by hand in the crate, and what has no versions has left the protocol.
fn add(path: &Path, text: &str, sources: &mut Vec<Source>) -> Result<()> {
    let json = without_comments(text);
    let schema = Schema::parse(&json).with_context(|| format!("parse {}", path.display()))?;
    if schema.kind != Kind::Header && !schema.versions()?.is_empty() {
        let origin = Origin::of(path, &schema);
        sources.push(Source {
            origin,
            schema,
            json,
        });
    }
    Ok(())
}

/// The files are JSON with whole-line comments.
fn without_comments(text: &str) -> String {
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    text.lines()
        .filter(|line| !is_comment(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}
