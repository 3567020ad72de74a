//! How an image lies in its archive: layer, configuration, manifest and index, after the OCI image format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

#[derive(Debug, Clone)]
pub(crate) enum Entry {
    File(Vec<u8>, u32),
    Folder(u32),
    Link(String),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) entrypoint: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) labels: BTreeMap<String, String>,
}

/// Writes the archive of one image and tells the digest of its manifest.
pub(crate) fn write(
    archive: &Path,
    name: &str,
    entries: &BTreeMap<String, Entry>,
    settings: &Settings,
) -> Result<String> {
    let layer = layer(entries)?;
    let config = config(settings, &digest(&layer))?;
    let manifest = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": media("manifest.v1+json"),
        "config": describe("config.v1+json", &config),
        "layers": [describe("layer.v1.tar", &layer)],
    }))?;
    let mut described = describe("manifest.v1+json", &manifest);
    let tag = name.rsplit(':').next().unwrap_or_default();
    described["annotations"] = json!({
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": tag,
    });
    let index = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": media("index.v1+json"),
        "manifests": [described],
    }))?;

    let mut tar = Builder::new(File::create(archive)?);
    file(
        &mut tar,
        "oci-layout",
        br#"{"imageLayoutVersion":"1.0.0"}"#,
        0o644,
    )?;
    file(&mut tar, "index.json", &index, 0o644)?;
    for blob in [&layer, &config, &manifest] {
        let path = format!("blobs/{}", digest(blob).replace(':', "/"));
        file(&mut tar, &path, blob, 0o644)?;
    }
    tar.into_inner()?.flush()?;
    Ok(digest(&manifest))
}

fn config(settings: &Settings, layer: &str) -> Result<Vec<u8>> {
    let mut run = json!({
        "Entrypoint": settings.entrypoint,
        "Env": ["PATH=/bin:/usr/bin"],
        "Labels": settings.labels,
    });
    if let Some(user) = &settings.user {
        run["User"] = json!(user);
    }
    Ok(serde_json::to_vec(&json!({
        "architecture": architecture(),
        "os": "linux",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": [layer]},
    }))?)
}

/// Go's name for the processor, which is what images use.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn layer(entries: &BTreeMap<String, Entry>) -> Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for folder in parents(entries) {
        append(&mut tar, &format!("{folder}/"), &Entry::Folder(0o755))?;
    }
    for (path, entry) in entries {
        let path = path.trim_start_matches('/');
        match entry {
            Entry::Folder(_) => append(&mut tar, &format!("{path}/"), entry)?,
            Entry::File(..) | Entry::Link(_) => append(&mut tar, path, entry)?,
        }
    }
    Ok(tar.into_inner()?)
}

/// Folders that nobody asked for and that files stand in, outer ones first.
fn parents(entries: &BTreeMap<String, Entry>) -> BTreeSet<String> {
    entries
        .keys()
        .flat_map(|path| Path::new(path).ancestors().skip(1))
        .filter_map(|folder| folder.to_str())
        .filter(|folder| !entries.contains_key(*folder))
        .map(|folder| folder.trim_start_matches('/').to_owned())
        .filter(|folder| !folder.is_empty())
        .collect()
}

fn append(tar: &mut Builder<Vec<u8>>, path: &str, entry: &Entry) -> Result<()> {
    let mut header = Header::new_gnu();
    header.set_mtime(0);
    header.set_size(0);
    match entry {
        Entry::File(bytes, mode) => return file(tar, path, bytes, *mode),
        Entry::Folder(mode) => {
            header.set_entry_type(EntryType::Directory);
            header.set_mode(*mode);
            tar.append_data(&mut header, path, &[][..])?;
        }
        Entry::Link(to) => {
            header.set_entry_type(EntryType::Symlink);
            header.set_mode(0o777);
            tar.append_link(&mut header, path, to)?;
        }
    }
    Ok(())
}

fn file<W: Write>(tar: &mut Builder<W>, path: &str, bytes: &[u8], mode: u32) -> Result<()> {
    let mut header = Header::new_gnu();
    header.set_mtime(0);
    header.set_mode(mode);
    header.set_size(bytes.len() as u64);
    Ok(tar.append_data(&mut header, path, bytes)?)
}

fn digest(blob: &[u8]) -> String {
    let hex: String = Sha256::digest(blob)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

fn describe(kind: &str, blob: &[u8]) -> Value {
    json!({"mediaType": media(kind), "digest": digest(blob), "size": blob.len()})
}

fn media(kind: &str) -> String {
    format!("application/vnd.oci.image.{kind}")
}

/// The names in the layer of an archive: its biggest blob.
#[cfg(test)]
pub(crate) fn names(archive: &[u8]) -> Vec<String> {
    use std::io::Read;

    let mut blobs = Vec::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut blob = Vec::new();
        entry.unwrap().read_to_end(&mut blob).unwrap();
        blobs.push(blob);
    }
    let layer = blobs.into_iter().max_by_key(Vec::len).unwrap();
    tar::Archive::new(&layer[..])
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string())
        .collect()
}
