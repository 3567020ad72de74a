//! Files with resources: read, located, and checked as a whole before anything is done, so that their
//! author hears of every mistake at once. Nothing is written here.

mod check;
mod fields;
mod kinds;
mod manifest;
mod mistake;
mod positions;

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use serde_json::Value;

pub(crate) use check::{Checked, check};
pub(crate) use kinds::{KINDS, UserKind};
pub(crate) use manifest::Manifest;
pub(crate) use mistake::Mistake;
use positions::positions;

/// What a cluster and two topics look like.
const QUICKSTART: &str = include_str!("../../../../charts/examples/quickstart.yaml");
const QUICKSTART_NAME: &str = "quickstart.yaml";
/// Where objects are that do not say.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";
/// Larger files are no resources.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Where resources come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Comes with the program.
    Quickstart,
    StandardInput,
    File(PathBuf),
}

impl Source {
    pub(crate) fn of(path: PathBuf) -> Self {
        match path.as_os_str() == "-" {
            true => Self::StandardInput,
            false => Self::File(path),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Quickstart => QUICKSTART_NAME.to_owned(),
            Self::StandardInput => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    fn text(&self) -> io::Result<String> {
        match self {
            Self::Quickstart => Ok(QUICKSTART.to_owned()),
            Self::StandardInput => whole(io::stdin().lock()),
            Self::File(path) => whole(fs::File::open(path)?),
        }
    }
}

/// A text from its beginning to its end: half of one may mean something else.
fn whole(from: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let message = format!("it has more than {} MiB", FILE_BYTES_MAX / 1024 / 1024);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Reads every resource of every source.
pub(crate) fn read(sources: &[Source]) -> Result<Vec<Manifest>, Vec<Mistake>> {
    let mut manifests = Vec::new();
    let mut mistakes = Vec::new();
    for source in sources {
        match read_one(source) {
            Ok(read) => manifests.extend(read),
            Err(mistake) => mistakes.push(*mistake),
        }
    }
    if mistakes.is_empty() {
        Ok(manifests)
    } else {
        Err(mistakes)
    }
}

fn read_one(source: &Source) -> Result<Vec<Manifest>, Box<Mistake>> {
    let file = source.name();
    let text = source
        .text()
        .map_err(|error| Box::new(Mistake::of_file(&file, &error)))?;
    let positions =
        positions(&text).map_err(|error| Box::new(Mistake::of_syntax(&file, &error)))?;
    let objects: Vec<Value> = serde_yaml::from_multiple(&text)
        .map_err(|error| Box::new(Mistake::of_yaml(&file, &error)))?;
    let objects = objects.into_iter().filter(|object| !object.is_null());
    let manifests = positions.into_iter().zip(objects);
    let manifests = manifests.map(|(positions, mut object)| {
        let kind = KINDS.iter().find(|kind| object["kind"] == kind.kind);
        let unsaid = object["metadata"].get("namespace").is_none();
        if kind.is_some_and(|kind| kind.namespaced) && unsaid && object["metadata"].is_object() {
            object["metadata"]["namespace"] = DEFAULT_NAMESPACE.into();
        }
        Manifest {
            file: file.clone(),
            positions,
            object,
        }
    });
    Ok(manifests.collect())
}

/// What others refer to first; else as it was written.
pub(crate) fn in_order(mut manifests: Vec<Manifest>) -> Vec<Manifest> {
    let rank = |manifest: &Manifest| KINDS.iter().position(|kind| kind.kind == manifest.kind());
    manifests.sort_by_key(rank);
    manifests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_file_that_is_too_long_is_not_taken_for_all_of_it() {
        let long = |bytes| whole(io::repeat(b' ').take(bytes));
        assert_eq!(
            long(FILE_BYTES_MAX).map(|text| text.len() as u64).ok(),
            Some(FILE_BYTES_MAX)
        );
        let refused = long(FILE_BYTES_MAX + 1).expect_err("it is too long");
        assert_eq!(refused.to_string(), "it has more than 16 MiB");
    }
}
