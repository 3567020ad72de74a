//! The parts of the broker that act on metadata: the replicas, and what handlers see.

use std::sync::Arc;

use millrace_config::{BrokerConfig, BrokerLayers, RawConfig, TopicConfig};
use millrace_metadata::image::configs::{ALL_BROKERS, ResourceKind};
use millrace_metadata::{MetadataDelta, MetadataImage};
use millrace_replication::Replicas;
use millrace_types::NodeId;

use crate::context::Context;
use crate::metadata::publisher::Subscriber;

/// Opens, changes and deletes logs.
pub struct ReplicaKeeper(pub Arc<Replicas>);

impl Subscriber for ReplicaKeeper {
    fn metadata_changed(&self, delta: &MetadataDelta, image: &Arc<MetadataImage>) {
        self.0.apply(delta, image);
    }

    fn retry(&self, image: &Arc<MetadataImage>) -> bool {
        self.0.retry(image)
    }
}

/// Shows handlers the new image. Comes last: what a client sees is there.
pub struct ImageKeeper(pub Arc<Context>);

impl Subscriber for ImageKeeper {
    fn metadata_changed(&self, delta: &MetadataDelta, image: &Arc<MetadataImage>) {
        if delta
            .configs
            .iter()
            .any(|resource| resource.kind == ResourceKind::Broker)
        {
            let config = current_config(image, &self.0.config.load(), &self.0.statics);
            self.0.config.store(Arc::new(config));
        }
        self.0.image.store(Arc::clone(image));
    }
}

/// A broker's settings with what an image says was changed while it ran.
#[must_use]
pub fn current_config(
    image: &MetadataImage,
    config: &BrokerConfig,
    statics: &RawConfig,
) -> BrokerConfig {
    let own = image
        .configs
        .of(ResourceKind::Broker, &config.node.id.to_string());
    let all = image.configs.of(ResourceKind::Broker, ALL_BROKERS);
    config.with_updates(statics, all, own)
}

/// What a topic's settings are by an image, on one node.
#[must_use]
pub fn topic_config(
    image: &MetadataImage,
    topic: &str,
    node: NodeId,
    statics: &RawConfig,
) -> TopicConfig {
    let layers = BrokerLayers {
        broker: image.configs.of(ResourceKind::Broker, &node.to_string()),
        cluster: image.configs.of(ResourceKind::Broker, ALL_BROKERS),
        statics,
    };
    TopicConfig::resolve(image.configs.of(ResourceKind::Topic, topic), &layers)
}
