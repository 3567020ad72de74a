//! `meta.properties`: whose data a directory holds.

use std::fmt::Write as _;
use std::path::Path;

use millrace_types::{NodeId, Uuid};

use crate::checkpoint::text::{MAX_METADATA_BYTES, malformed, read_text};
use crate::disk::{Disk, replace_file};
use crate::error::{IoContext, Result};

const VERSION: &str = "1";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    pub cluster_id: String,
    pub node_id: NodeId,
    pub directory_id: Uuid,
}

impl MetaProperties {
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, disk: &dyn Disk, path: &Path) -> Result<()> {
        let mut text = format!("#\nversion={VERSION}\ncluster.id={}\n", self.cluster_id);
        let (node, directory) = (self.node_id, self.directory_id);
        write!(text, "node.id={node}\ndirectory.id={directory}\n")
            .expect("a string takes any text");
        replace_file(disk, path, text.as_bytes()).context("write", path)
    }

    /// Nothing when there is no such file.
    ///
    /// # Errors
    /// When the file is unreadable or malformed.
    pub fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Self>> {
        let Some(text) = read_text(disk, path, MAX_METADATA_BYTES)? else {
            return Ok(None);
        };
        let field = |name: &str| {
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            let value = lines
                .filter_map(|line| line.split_once('='))
                .find(|(key, _)| key.trim() == name);
            let value = value.map(|(_, value)| value.trim());
            value.ok_or_else(|| malformed(path, format!("{name} is missing")))
        };
        if field("version")? != VERSION {
            return Err(malformed(path, "the version is not 1"));
        }
        let node_id = field("node.id")?.parse();
        let directory_id = field("directory.id")?.parse();
        Ok(Some(Self {
            cluster_id: field("cluster.id")?.to_owned(),
            node_id: NodeId(node_id.map_err(|_| malformed(path, "node.id is not a number"))?),
            directory_id: directory_id.map_err(|_| malformed(path, "directory.id is not an id"))?,
        }))
    }
}
