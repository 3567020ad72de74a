//! Container images from files: one layer, one configuration, an OCI archive, always the same bytes.
//!
//! No registry and no container engine takes part. An image holds what it was given and the shared
//! libraries of its programs; no shell, no users, no certificates.

mod archive;
mod libraries;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::image::archive::{Entry, Settings};

/// An image to be written: see [`Image::write`].
#[derive(Debug, Clone)]
pub struct Image {
    name: String,
    programs: BTreeMap<String, PathBuf>,
    entries: BTreeMap<String, Entry>,
    settings: Settings,
}

impl Image {
    /// An image that pods will ask for as `name`, which is `REPOSITORY:TAG`.
    pub fn new(name: impl Into<String>) -> Self {
        // Without it glibc asks the name server before it looks for the pod's own name in its hosts.
        let hosts = Entry::File(b"hosts: files dns\n".to_vec(), 0o644);
        Self {
            name: name.into(),
            programs: BTreeMap::new(),
            entries: BTreeMap::from([("/etc/nsswitch.conf".to_owned(), hosts)]),
            settings: Settings::default(),
        }
        .folder("/tmp", 0o755)
    }

    /// A file of this machine; when it is a program, its shared libraries come along.
    #[must_use]
    pub fn file(mut self, source: impl Into<PathBuf>, target: &str) -> Self {
        self.programs.insert(target.to_owned(), source.into());
        self
    }

    #[must_use]
    pub fn text(mut self, target: &str, text: &str) -> Self {
        let entry = Entry::File(text.as_bytes().to_vec(), 0o644);
        self.entries.insert(target.to_owned(), entry);
        self
    }

    #[must_use]
    pub fn folder(mut self, target: &str, mode: u32) -> Self {
        self.entries.insert(target.to_owned(), Entry::Folder(mode));
        self
    }

    #[must_use]
    pub fn link(mut self, to: &str, target: &str) -> Self {
        self.entries
            .insert(target.to_owned(), Entry::Link(to.to_owned()));
        self
    }

    #[must_use]
    pub fn entrypoint<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.settings.entrypoint = words.into_iter().map(Into::into).collect();
        self
    }

    /// Runs as this user and group, which need no name.
    #[must_use]
    pub fn user(mut self, id: u32) -> Self {
        self.settings.user = Some(format!("{id}:{id}"));
        self
    }

    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.settings
            .labels
            .insert(key.to_owned(), value.to_owned());
        self
    }

    /// Writes the archive and tells the digest of its manifest.
    pub fn write(&self, archive: &Path) -> Result<String> {
        let (_, tag) = self.name.rsplit_once(':').context("an image has a tag")?;
        ensure!(!tag.contains('/'), "{}: an image has a tag", self.name);
        let mut entries = self.entries.clone();
        for (target, source) in &self.programs {
            for library in libraries::of(source)? {
                entries.insert(library.clone(), read(Path::new(&library))?);
            }
            entries.insert(target.clone(), read(source)?);
        }
        archive::write(archive, &self.name, &entries, &self.settings)
            .with_context(|| format!("{} is not written", archive.display()))
    }
}

fn read(source: &Path) -> Result<Entry> {
    let bytes = fs::read(source).with_context(|| format!("no file {}", source.display()))?;
    Ok(Entry::File(bytes, 0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(image: &Image, folder: &Path, name: &str) -> (String, Vec<u8>) {
        let archive = folder.join(name);
        let digest = image.write(&archive).unwrap();
        (digest, fs::read(archive).unwrap())
    }

    #[test]
    fn the_same_files_make_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let image = || {
            Image::new("millrace.local/probe:dev")
                .file("/bin/sh", "/bin/sh")
                .label("b", "2")
                .label("a", "1")
                .user(65532)
                .entrypoint(["/bin/sh"])
        };
        let first = written(&image(), folder.path(), "first.tar");
        assert_eq!(first, written(&image(), folder.path(), "second.tar"));
        let other = written(&image().label("c", "3"), folder.path(), "third.tar");
        assert_ne!(first.0, other.0);
    }

    #[test]
    fn a_program_brings_its_libraries() {
        let folder = tempfile::tempdir().unwrap();
        let image = Image::new("millrace.local/probe:dev").file("/bin/sh", "/bin/sh");
        let names = archive::names(&written(&image, folder.path(), "image.tar").1);
        assert!(
            names.iter().any(|name| name.contains("libc.so")),
            "{names:?}"
        );
        let at = |wanted: &str| names.iter().position(|name| name == wanted);
        assert!(at("bin/").unwrap() < at("bin/sh").unwrap());
        assert!(
            at("tmp/").is_some() && at("etc/passwd").is_none(),
            "{names:?}"
        );
    }

    #[test]
    fn a_name_without_tag_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = Image::new("host:5000/probe")
            .write(&folder.path().join("image.tar"))
            .unwrap_err();
        assert_eq!(error.to_string(), "host:5000/probe: an image has a tag");
    }
}
