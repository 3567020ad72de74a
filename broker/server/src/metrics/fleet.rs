//! The fleet, as this node's image and quorum describe it.

use millrace_metadata::MetadataImage;
use millrace_quorum::QuorumStatus;
use millrace_types::NodeId;

use crate::metrics::catalog as names;
use crate::metrics::families::{Families, SERIES_TOPICS_MAX};

/// What the controller knows; the image says the same on every node.
pub fn controller(image: &MetadataImage, is_active: bool, families: &mut Families) {
    let partitions = || image.topics.iter().flat_map(|topic| &topic.partitions);
    let leaderless = partitions().filter(|partition| partition.leader.is_none());
    let imbalanced =
        partitions().filter(|partition| partition.leader != partition.preferred_leader());
    let fenced = image.brokers.iter().filter(|broker| broker.fenced).count();
    families.value(&names::ACTIVE_CONTROLLER, f64::from(u8::from(is_active)));
    families.value(&names::OFFLINE_PARTITIONS, leaderless.count() as f64);
    families.value(&names::PREFERRED_IMBALANCE, imbalanced.count() as f64);
    families.value(&names::TOPICS, image.topics.len() as f64);
    families.value(&names::PARTITIONS, image.topics.partition_count() as f64);
    families.value(
        &names::ACTIVE_BROKERS,
        (image.brokers.len() - fenced) as f64,
    );
    families.value(&names::FENCED_BROKERS, fenced as f64);
    // With one replica each there is nobody to elect uncleanly.
    families.value(&names::UNCLEAN_ELECTIONS, 0.0);
}

/// The brokers and topics, by the names that Kafka Exporter gives them.
pub fn members(image: &MetadataImage, families: &mut Families) {
    families.value(&names::BROKERS, image.brokers.len() as f64);
    let mut info = families.of(&names::BROKER_INFO);
    for broker in image.brokers.iter() {
        let address = broker
            .endpoints
            .first()
            .map(|endpoint| format!("{}:{}", endpoint.host, endpoint.port))
            .unwrap_or_default();
        info.sample(&[&broker.id.to_string(), &address], 1.0);
    }
    drop(info);
    let mut partitions = families.of(&names::TOPIC_PARTITIONS);
    for topic in image.topics.iter().take(SERIES_TOPICS_MAX) {
        partitions.sample(&[&topic.name], topic.partitions.len() as f64);
    }
}

/// This node's part in the metadata quorum.
pub fn raft(me: NodeId, status: &QuorumStatus, families: &mut Families) {
    let is_voter = status.voters.iter().any(|voter| voter.node == me);
    let state = match (status.leadership.is_self, is_voter) {
        (true, _) => "leader",
        (false, true) => "follower",
        (false, false) => "observer",
    };
    let behind = |index: Option<u64>| index.map_or(0, |index| index + 1) as f64;
    families.of(&names::RAFT_STATE).sample(&[state], 1.0);
    let leader = status.leadership.leader.unwrap_or(NodeId::NONE);
    families.value(&names::RAFT_LEADER, f64::from(leader.0));
    let vote = status.vote.unwrap_or(NodeId::NONE);
    families.value(&names::RAFT_VOTE, f64::from(vote.0));
    families.value(&names::RAFT_EPOCH, status.leadership.term as f64);
    families.value(
        &names::RAFT_HIGH_WATERMARK,
        behind(status.committed.map(|at| at.index)),
    );
    families.value(&names::RAFT_LOG_END, behind(status.last_index));
    families.value(&names::RAFT_VOTERS, status.voters.len() as f64);
    // A quorum of one sends itself nothing.
    for metric in [
        &names::RAFT_BYTES_IN,
        &names::RAFT_BYTES_OUT,
        &names::RAFT_REQUESTS,
        &names::RAFT_RESPONSES,
    ] {
        families.value(metric, 0.0);
    }
    if let Some(applied) = status.applied {
        families.value(&names::METADATA_APPLIED, applied.index as f64);
    }
}
