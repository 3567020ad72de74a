//! Files with resources: read, located, and checked as a whole before anything is done, so that their
//! author hears of every mistake at once. Nothing is written here.

mod check;
mod fields;
mod mistake;
mod positions;

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;

pub(crate) use check::{Checked, check};
pub(crate) use mistake::Mistake;
use positions::{Positions, positions};

/// What a cluster and two topics look like.
const QUICKSTART: &str = include_str!("../../../../charts/examples/quickstart.yaml");
const QUICKSTART_NAME: &str = "quickstart.yaml";
/// Where objects are that do not say.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";
/// Larger files are no resources.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A kind that users write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UserKind {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) namespaced: bool,
}

/// In the order in which they are applied: what others refer to comes first.
pub(crate) const KINDS: &[UserKind] = &[
    kind("v1", "Namespace", "namespaces", false),
    kind("v1", "ConfigMap", "configmaps", true),
    kind("v1", "Secret", "secrets", true),
    kind(
        "millrace.dev/v1alpha1",
        "KafkaCluster",
        "kafkaclusters",
        true,
    ),
    kind("millrace.dev/v1alpha1", "KafkaTopic", "kafkatopics", true),
];

const fn kind(
    api_version: &'static str,
    kind: &'static str,
    plural: &'static str,
    namespaced: bool,
) -> UserKind {
    UserKind {
        api_version,
        kind,
        plural,
        namespaced,
    }
}

/// Where resources come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Comes with the program.
    Quickstart,
    StandardInput,
    File(PathBuf),
}

/// One resource as its author wrote it.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    file: String,
    positions: Positions,
    pub(crate) object: Value,
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

    fn text(&self) -> std::io::Result<String> {
        match self {
            Self::Quickstart => Ok(QUICKSTART.to_owned()),
            Self::StandardInput => {
                let mut text = String::new();
                let mut input = std::io::stdin().lock().take(FILE_BYTES_MAX);
                input.read_to_string(&mut text)?;
                Ok(text)
            }
            Self::File(path) => {
                let mut text = String::new();
                let mut file = fs::File::open(path)?.take(FILE_BYTES_MAX);
                file.read_to_string(&mut text)?;
                Ok(text)
            }
        }
    }
}

impl Manifest {
    pub(crate) fn kind(&self) -> &str {
        self.object["kind"].as_str().unwrap_or_default()
    }

    pub(crate) fn namespace(&self) -> &str {
        let said = self.object["metadata"]["namespace"].as_str();
        said.unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.object["metadata"]["name"].as_str().unwrap_or_default()
    }

    pub(crate) fn user_kind(&self) -> Option<&'static UserKind> {
        KINDS.iter().find(|known| {
            known.kind == self.kind() && self.object["apiVersion"] == known.api_version
        })
    }

    /// Something is wrong with a field.
    fn mistake(&self, field: &str, reason: &str, message: String, fix: String) -> Mistake {
        Mistake {
            file: self.file.clone(),
            position: self.positions.of(field),
            field: field.to_owned(),
            reason: reason.to_owned(),
            message,
            fix,
        }
    }
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
