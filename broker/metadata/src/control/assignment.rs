//! From brokers to partitions: replicas that a client names are checked, and every new partition
//! starts with those in sync that are up.

use millrace_types::{ErrorCode, NodeId, Uuid};

use crate::control::decision::Refusal;
use crate::control::placement::{PlacementError, Placer};
use crate::image::MetadataImage;
use crate::image::partition::{DIRECTORY_UNASSIGNED, Nodes, Partition};

/// A partition on these replicas; `None` when none of them is up.
fn new_partition(image: &MetadataImage, replicas: &[NodeId]) -> Option<Partition> {
    let isr: Nodes = replicas
        .iter()
        .copied()
        .filter(|&node| image.brokers.is_active(node))
        .collect();
    let directories = replicas.iter().map(|&node| directory(image, node));
    (!isr.is_empty()).then(|| Partition::new(replicas.into(), directories.collect(), isr))
}

/// A broker with one directory has no choice; one with several says later which it took.
fn directory(image: &MetadataImage, node: NodeId) -> Uuid {
    match image
        .brokers
        .get(node)
        .map(|broker| broker.log_dirs.as_slice())
    {
        Some(&[only]) => only,
        _ => DIRECTORY_UNASSIGNED,
    }
}

/// Replicas that the client chose. `replication_factor` is that of the topic's other partitions.
pub(crate) fn manual(
    image: &MetadataImage,
    index: usize,
    broker_ids: &[i32],
    replication_factor: Option<usize>,
) -> Result<Partition, Refusal> {
    let refuse = |message: String| Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, message));
    if broker_ids.is_empty() {
        return refuse("The manual partition assignment includes an empty replica list.".into());
    }
    if let Some(expected) = replication_factor
        && expected != broker_ids.len()
    {
        return refuse(format!(
            "The manual partition assignment includes a partition with {} replica(s), but this is \
             not consistent with previous partitions, which have {expected} replica(s).",
            broker_ids.len()
        ));
    }
    let mut replicas = Vec::new();
    for &id in broker_ids {
        let node = NodeId(id);
        if image.brokers.get(node).is_none() {
            return refuse(format!(
                "The manual partition assignment includes broker {id}, but no such broker is \
                 registered."
            ));
        }
        if replicas.contains(&node) {
            return refuse(format!(
                "The manual partition assignment includes the broker {id} more than once."
            ));
        }
        replicas.push(node);
    }
    new_partition(image, &replicas).map_or_else(
        || {
            refuse(format!(
                "All brokers specified in the manual partition assignment for partition {index} \
                 are fenced or in controlled shutdown."
            ))
        },
        Ok,
    )
}

/// Partitions on brokers that the placer chose.
pub(crate) fn automatic(
    image: &MetadataImage,
    placer: &Placer<'_>,
    count: usize,
    replication_factor: usize,
    start: usize,
) -> Result<Vec<Partition>, Refusal> {
    let refuse = |reason: PlacementError| {
        let message =
            format!("Unable to replicate the partition {replication_factor} time(s): {reason}");
        Refusal::new(ErrorCode::InvalidReplicationFactor, message)
    };
    let placed = placer
        .place(count, replication_factor, start)
        .map_err(refuse)?;
    let partitions = placed.iter().map(|replicas| new_partition(image, replicas));
    let partitions: Option<Vec<_>> = partitions.collect();
    partitions.ok_or_else(|| refuse(PlacementError::NoActiveBroker))
}
