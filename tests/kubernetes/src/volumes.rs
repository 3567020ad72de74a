//! What can happen to a volume: it is lost, its disk is full, somebody grows it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::kubectl::Kubectl;
use crate::lab::node::VOLUMES;
use crate::lab::{Lab, Node};

/// Takes the room on a node's disk that nobody else has.
const FILLER: &str = "/var/local-path/filler";

/// Pieces that a full disk is filled with: the last ones are small.
const PIECES: &[&str] = &["1G", "64M", "1M", "4K"];

/// So many of each piece at most; a disk is smaller than that.
const MAX_PIECES: usize = 64;

impl Lab {
    /// The disk behind `volume` (a PersistentVolume) is gone and an empty one in its place. A pod that
    /// still runs has the lost one open.
    pub fn lose_volume(&self, volume: &str) -> Result<()> {
        let (node, path) = self.place(volume)?;
        let path = path.to_str().context("the path is not text")?;
        node.run(&["rm", "-rf", "--one-file-system", path])?;
        node.run(&["mkdir", "-m", "0777", path]).map(drop)
    }

    /// The disk that `volume` lies on has no byte left. All volumes of the node lie on it.
    pub fn fill_volume(&self, volume: &str) -> Result<()> {
        let (node, _) = self.place(volume)?;
        for piece in PIECES {
            let fill = format!(
                "for i in $(seq {MAX_PIECES}); do fallocate -o $(stat -c %s {FILLER} 2>/dev/null || echo 0) \
                 -l {piece} {FILLER} 2>/dev/null || break; done"
            );
            node.run(&["sh", "-c", &fill])?;
        }
        Ok(())
    }

    /// Gives back what [`Lab::fill_volume`] took.
    pub fn free_volume(&self, volume: &str) -> Result<()> {
        let (node, _) = self.place(volume)?;
        node.run(&["rm", "-f", FILLER]).map(drop)
    }

    /// The node that holds `volume`, and the volume's folder there.
    fn place(&self, volume: &str) -> Result<(Node, PathBuf)> {
        let object = self.kubectl().json(&["get", "pv", volume])?;
        let spec = &object["spec"];
        let path = ["hostPath", "local"]
            .iter()
            .find_map(|kind| spec[kind]["path"].as_str())
            .with_context(|| format!("{volume} is not on a node's disk"))?;
        anyhow::ensure!(path.starts_with(VOLUMES), "{volume}: foreign path {path}");
        let node = node_of(spec).with_context(|| format!("{volume} names no node"))?;
        Ok((self.node_named(node)?, PathBuf::from(path)))
    }
}

fn node_of(spec: &Value) -> Option<&str> {
    let terms = &spec["nodeAffinity"]["required"]["nodeSelectorTerms"];
    terms[0]["matchExpressions"][0]["values"][0].as_str()
}

/// Plays the resizer of a class with `allowVolumeExpansion`: what `claim` asks for, it has.
///
/// The order is the real one's: first the volume, then the claim's status.
pub fn grow_volume(kubectl: &Kubectl, namespace: &str, claim: &str) -> Result<()> {
    let claim_arguments = ["-n", namespace, "pvc", claim];
    let object = kubectl
        .find(&claim_arguments)?
        .with_context(|| format!("no claim {namespace}/{claim}"))?;
    let wanted = object["spec"]["resources"]["requests"]["storage"].clone();
    let volume = object["spec"]["volumeName"]
        .as_str()
        .with_context(|| format!("{claim} has no volume yet"))?;
    let capacity = json!({"storage": wanted});
    kubectl.patch(&["pv", volume], &json!({"spec": {"capacity": capacity}}))?;
    let mut status = vec!["--subresource=status"];
    status.extend(claim_arguments);
    kubectl.patch(
        &status,
        &json!({"status": {"capacity": capacity, "conditions": null}}),
    )
}
