//! The settings of topics by one image. Working them out takes a while, so thousands of topics that
//! have none of their own share one value.

use std::sync::{Arc, OnceLock};

use millrace_config::TopicConfig;
use millrace_metadata::MetadataImage;
use millrace_metadata::image::configs::ResourceKind;

/// Finds the settings of a topic in an image.
pub type TopicConfigs = dyn Fn(&MetadataImage, &str) -> TopicConfig + Send + Sync;

/// No topic has this name.
const NOBODY: &str = "";

pub(super) struct TopicSettings<'a> {
    image: &'a MetadataImage,
    find: &'a TopicConfigs,
    shared: OnceLock<Arc<TopicConfig>>,
}

impl<'a> TopicSettings<'a> {
    pub(super) fn new(image: &'a MetadataImage, find: &'a TopicConfigs) -> Self {
        Self {
            image,
            find,
            shared: OnceLock::new(),
        }
    }

    pub(super) fn of(&self, topic: &str) -> Arc<TopicConfig> {
        let own = self.image.configs.of(ResourceKind::Topic, topic);
        if !own.is_empty() {
            return Arc::new((self.find)(self.image, topic));
        }
        let find = || Arc::new((self.find)(self.image, NOBODY));
        Arc::clone(self.shared.get_or_init(find))
    }
}
