//! Lets the rest of the broker act on committed metadata, step by step and in order. A step counts
//! as published when every subscriber is done with it; only then do clients see its image.

use std::sync::Arc;

use millrace_metadata::{MetadataDelta, MetadataImage};
use tokio::sync::watch;

use crate::metadata::machine::Committed;

/// A part of the broker that acts on metadata. Called off the workers that serve clients, so it
/// may use the disk.
pub trait Subscriber: Send + Sync {
    fn metadata_changed(&self, delta: &MetadataDelta, image: &Arc<MetadataImage>);
}

/// Walks from step to step.
pub struct Publisher {
    committed: Arc<Committed>,
    subscribers: Vec<Arc<dyn Subscriber>>,
    published: watch::Sender<u64>,
}

impl Publisher {
    /// Subscribers are told in the order given.
    #[must_use]
    pub fn new(
        committed: Arc<Committed>,
        subscribers: Vec<Arc<dyn Subscriber>>,
        published: watch::Sender<u64>,
    ) -> Self {
        Self {
            committed,
            subscribers,
            published,
        }
    }

    pub async fn run(self) {
        let subscribers = Arc::new(self.subscribers);
        loop {
            let steps = self.committed.next_steps().await;
            let Some(last) = steps.last().map(|step| step.index) else {
                continue;
            };
            let subscribers = Arc::clone(&subscribers);
            let told = tokio::task::spawn_blocking(move || {
                for step in &steps {
                    for subscriber in &*subscribers {
                        subscriber.metadata_changed(&step.delta, &step.image);
                    }
                }
            });
            if let Err(error) = told.await {
                tracing::error!(%error, "acting on metadata failed");
                return;
            }
            self.published.send_replace(last);
        }
    }
}
