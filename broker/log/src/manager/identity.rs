//! Whose a data directory is, and whether the last owner left it in order.

use std::io;
use std::path::{Path, PathBuf};

use millrace_types::{NodeId, Uuid};

use crate::checkpoint::MetaProperties;
use crate::disk::{Disk, read_file, replace_file};
use crate::error::{IoContext, LogError};

const META_PROPERTIES: &str = "meta.properties";
const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// The marker is a line.
const MAX_MARKER_BYTES: u64 = 4096;

#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process uses the directory.
    #[error("{} is used by another process", path.display())]
    Locked { path: PathBuf },
    #[error("{} belongs to cluster {found}, not to {expected}", path.display())]
    WrongCluster {
        path: PathBuf,
        found: String,
        expected: String,
    },
    #[error("{} belongs to node {found}, not to {expected}", path.display())]
    WrongNode {
        path: PathBuf,
        found: NodeId,
        expected: NodeId,
    },
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Who wants to use a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub cluster_id: String,
    pub node_id: NodeId,
}

/// Sees to it that the directory is ours; an empty one becomes ours.
pub(crate) fn check_or_format(
    disk: &dyn Disk,
    dir: &Path,
    identity: &Identity,
    new_id: Uuid,
) -> Result<MetaProperties, DataDirError> {
    let path = dir.join(META_PROPERTIES);
    let Some(found) = MetaProperties::read(disk, &path)? else {
        let properties = MetaProperties {
            cluster_id: identity.cluster_id.clone(),
            node_id: identity.node_id,
            directory_id: new_id,
        };
        properties.write(disk, &path)?;
        return Ok(properties);
    };
    if found.cluster_id != identity.cluster_id {
        return Err(DataDirError::WrongCluster {
            path: dir.to_owned(),
            found: found.cluster_id,
            expected: identity.cluster_id.clone(),
        });
    }
    if found.node_id != identity.node_id {
        return Err(DataDirError::WrongNode {
            path: dir.to_owned(),
            found: found.node_id,
            expected: identity.node_id,
        });
    }
    Ok(found)
}

/// Reads the marker and removes it, so that a crash from now on counts as one.
pub(crate) fn take_clean_shutdown(disk: &dyn Disk, dir: &Path) -> Result<Option<i64>, LogError> {
    const NOT_NOTED: i64 = -1;
    let path = dir.join(CLEAN_SHUTDOWN);
    let content = match read_file(disk, &path, MAX_MARKER_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        content => content.context("read", &path)?,
    };
    disk.remove_file(&path).context("remove", &path)?;
    disk.sync_dir(dir).context("sync", dir)?;
    let text = String::from_utf8_lossy(&content);
    let epoch = text.split_once("\"brokerEpoch\":").map(|(_, rest)| {
        let digits = rest.trim_start_matches([' ', '"']);
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '-');
        &digits[..end.unwrap_or(digits.len())]
    });
    Ok(Some(
        epoch
            .and_then(|epoch| epoch.parse().ok())
            .unwrap_or(NOT_NOTED),
    ))
}

/// Notes that all logs of the directory were closed.
pub(crate) fn write_clean_shutdown(
    disk: &dyn Disk,
    dir: &Path,
    broker_epoch: i64,
) -> Result<(), LogError> {
    let path = dir.join(CLEAN_SHUTDOWN);
    let text = format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}");
    replace_file(disk, &path, text.as_bytes()).context("write", &path)
}
