//! Lets the rest of the broker act on committed metadata, step by step and in order. A step counts
//! as published when every subscriber is done with it; only then do clients see its image.

use std::sync::Arc;
use std::time::Duration;

use millrace_metadata::{MetadataDelta, MetadataImage};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::metadata::machine::{Committed, Step};

/// A part of the broker that acts on metadata. Called off the workers that serve clients, so it
/// may use the disk.
pub trait Subscriber: Send + Sync {
    fn metadata_changed(&self, delta: &MetadataDelta, image: &Arc<MetadataImage>);

    /// Called now and then to do what could not be done when the metadata changed. Says whether it
    /// could now, so that all are to look again.
    fn retry(&self, _image: &Arc<MetadataImage>) -> bool {
        false
    }
}

/// How often subscribers may try again; what they try has pauses of its own.
const RETRY_EVERY: Duration = Duration::from_secs(1);

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
        let subscribers: Arc<[_]> = self.subscribers.into();
        let mut retries = interval(RETRY_EVERY);
        retries.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut image = None;
        loop {
            let subscribers = Arc::clone(&subscribers);
            let (told, index) = tokio::select! {
                steps = self.committed.next_steps() => {
                    let Some(last) = steps.last() else { continue };
                    image = Some(Arc::clone(&last.image));
                    let index = last.index;
                    (tokio::task::spawn_blocking(move || tell(&subscribers, &steps)), Some(index))
                }
                _ = retries.tick() => {
                    let Some(image) = image.clone() else { continue };
                    (tokio::task::spawn_blocking(move || retry(&subscribers, &image)), None)
                }
            };
            if let Err(error) = told.await {
                self.committed.meters().apply_errors.increment();
                tracing::error!(%error, "acting on metadata failed; the broker has to be started again");
                return;
            }
            if let Some(index) = index {
                self.committed.acted();
                self.published.send_replace(index);
            }
        }
    }
}

fn tell(subscribers: &[Arc<dyn Subscriber>], steps: &[Step]) {
    for step in steps {
        for subscriber in subscribers {
            subscriber.metadata_changed(&step.delta, &step.image);
        }
    }
}

fn retry(subscribers: &[Arc<dyn Subscriber>], image: &Arc<MetadataImage>) {
    let mut is_any_done = false;
    for subscriber in subscribers {
        is_any_done |= subscriber.retry(image);
    }
    if is_any_done {
        let nothing = MetadataDelta::default();
        for subscriber in subscribers {
            subscriber.metadata_changed(&nothing, image);
        }
    }
}
