//! What a topic looks like that nobody created: a client asked for it, or the fleet needs it for
//! its own state.

use std::sync::Arc;

use millrace_types::{CONSUMER_OFFSETS_TOPIC, SHARE_GROUP_STATE_TOPIC, TRANSACTION_STATE_TOPIC};
use millrace_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};

use crate::control::context::Context;

/// Broker settings that say how a state topic is made; the value of a topic setting that starts
/// with `$` is that of the broker setting named after it.
struct StateTopic {
    name: &'static str,
    partitions: &'static str,
    replication_factor: &'static str,
    configs: &'static [(&'static str, &'static str)],
}

const STATE_TOPICS: [StateTopic; 3] = [
    StateTopic {
        name: CONSUMER_OFFSETS_TOPIC,
        partitions: "offsets.topic.num.partitions",
        replication_factor: "offsets.topic.replication.factor",
        configs: &[
            ("cleanup.policy", "compact"),
            ("compression.type", "producer"),
            ("segment.bytes", "$offsets.topic.segment.bytes"),
        ],
    },
    StateTopic {
        name: TRANSACTION_STATE_TOPIC,
        partitions: "transaction.state.log.num.partitions",
        replication_factor: "transaction.state.log.replication.factor",
        configs: &[
            ("cleanup.policy", "compact"),
            ("compression.type", "uncompressed"),
            ("min.insync.replicas", "$transaction.state.log.min.isr"),
            ("segment.bytes", "$transaction.state.log.segment.bytes"),
            ("unclean.leader.election.enable", "false"),
        ],
    },
    StateTopic {
        name: SHARE_GROUP_STATE_TOPIC,
        partitions: "share.coordinator.state.topic.num.partitions",
        replication_factor: "share.coordinator.state.topic.replication.factor",
        configs: &[
            ("cleanup.policy", "delete"),
            ("compression.type", "uncompressed"),
            (
                "min.insync.replicas",
                "$share.coordinator.state.topic.min.isr",
            ),
            ("retention.ms", "-1"),
            (
                "segment.bytes",
                "$share.coordinator.state.topic.segment.bytes",
            ),
        ],
    },
];

/// The topic as CreateTopics would be asked for it.
#[must_use]
pub fn auto_created(context: Context<'_>, name: &Arc<str>) -> CreatableTopic {
    let state = STATE_TOPICS.iter().find(|state| state.name == &**name);
    let Some(state) = state else {
        return CreatableTopic {
            name: Arc::clone(name),
            num_partitions: -1,
            replication_factor: -1,
            ..CreatableTopic::default()
        };
    };
    let configs = state
        .configs
        .iter()
        .map(|&(name, value)| CreatableTopicConfig {
            name: name.into(),
            value: Some(match value.strip_prefix('$') {
                Some(setting) => context.broker_number(setting).to_string().into(),
                None => value.into(),
            }),
        });
    CreatableTopic {
        name: Arc::clone(name),
        num_partitions: i32::try_from(context.broker_number(state.partitions)).unwrap_or(-1),
        replication_factor: i16::try_from(context.broker_number(state.replication_factor))
            .unwrap_or(-1),
        configs: configs.collect(),
        ..CreatableTopic::default()
    }
}
