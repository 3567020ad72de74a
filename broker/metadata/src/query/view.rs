//! What a client may see: brokers that it can reach, and partitions as they look from there.

use std::sync::Arc;

use millrace_types::{ErrorCode, NodeId};

use crate::image::MetadataImage;
use crate::image::brokers::{Broker, Endpoint};
use crate::image::partition::{Partition, ids};

/// What an answer depends on besides the image and the question.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The listener that the question came in on.
    pub listener: &'a str,
    /// A broker that takes administrative requests; in the fleet of one, that one.
    pub controller: Option<NodeId>,
}

/// The brokers that may serve and that the asker can reach.
pub(crate) fn reachable<'a>(
    image: &'a MetadataImage,
    listener: &'a str,
) -> impl Iterator<Item = (&'a Arc<Broker>, &'a Endpoint)> {
    let serving = image.brokers.iter().filter(|broker| !broker.fenced);
    serving.filter_map(move |broker| Some((broker, broker.endpoint(listener)?)))
}

fn can_reach(image: &MetadataImage, node: NodeId, listener: &str) -> bool {
    let broker = image.brokers.get(node);
    broker.is_some_and(|broker| !broker.fenced && broker.endpoint(listener).is_some())
}

/// A partition as clients see it.
pub(crate) struct PartitionView {
    pub error: ErrorCode,
    pub leader: NodeId,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub offline: Vec<i32>,
}

impl PartitionView {
    pub(crate) fn of(image: &MetadataImage, partition: &Partition, listener: &str) -> Self {
        let is_offline = |node: &NodeId| !can_reach(image, *node, listener);
        let offline: Vec<_> = partition
            .replicas
            .iter()
            .copied()
            .filter(is_offline)
            .collect();
        let (error, leader) = match partition.leader {
            Some(leader) if can_reach(image, leader, listener) => (ErrorCode::None, leader),
            Some(leader) if image.brokers.is_active(leader) => {
                (ErrorCode::ListenerNotFound, NodeId::NONE)
            }
            _ => (ErrorCode::LeaderNotAvailable, NodeId::NONE),
        };
        Self {
            error,
            leader,
            replicas: ids(&partition.replicas),
            isr: ids(&partition.isr),
            offline: ids(&offline),
        }
    }
}
