//! What every pass needs: the client, the Kafka clusters, the settings, the metrics.

use std::sync::Arc;

use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::runtime::reflector::ObjectRef;
use millrace_admin::Clusters;

use crate::error::kubernetes;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::settings::Settings;

/// Who reports events.
const CONTROLLER: &str = "millrace-operator";

pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) kafka: Clusters,
    pub(crate) settings: Settings,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) health: Arc<Health>,
    recorder: Recorder,
}

impl Context {
    pub(crate) fn new(
        client: Client,
        kafka: Clusters,
        settings: Settings,
        health: Arc<Health>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let reporter = Reporter {
            controller: CONTROLLER.to_owned(),
            instance: Some(settings.instance.clone()),
        };
        Self {
            recorder: Recorder::new(client.clone(), reporter),
            client,
            kafka,
            settings,
            metrics,
            health,
        }
    }

    /// Tells users of a change. An event that cannot be written is not worth failing for: the status
    /// says the same.
    pub(crate) async fn tell<K>(
        &self,
        about: &ObjectRef<K>,
        warning: bool,
        reason: &str,
        note: &str,
    ) where
        K: kube::Resource<DynamicType = ()> + kube::runtime::reflector::Lookup<DynamicType = ()>,
    {
        let event = Event {
            type_: if warning {
                EventType::Warning
            } else {
                EventType::Normal
            },
            reason: reason.to_owned(),
            note: Some(note.chars().take(NOTE_LIMIT).collect()),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        let reference = about.clone().into();
        let request = self.recorder.publish(&event, &reference);
        if let Err(error) = kubernetes(|| "write an event".to_owned(), request).await {
            tracing::debug!(error = error.sentence(), reason, "an event was not written");
        }
    }
}

/// The API server takes no longer notes.
const NOTE_LIMIT: usize = 1_000;
