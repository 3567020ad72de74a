//! How this broker becomes part of the fleet: it registers, and serves from then on.

use std::sync::Arc;

use millrace_metadata::control::brokers::register_serving_broker;
use millrace_metadata::control::features::{FEATURES, initial_features};
use millrace_metadata::control::{Context as Deciding, Decision};
use millrace_types::{ErrorCode, NodeId, Uuid};
use millrace_wire::messages::broker_registration_request::{
    BrokerRegistrationRequest, Feature, Listener,
};
use thiserror::Error;

use crate::metadata::controller::{Controller, ControllerError};

/// Who registers.
#[derive(Clone, Debug)]
pub struct Registration {
    pub node: NodeId,
    pub cluster_id: Arc<str>,
    pub rack: Option<Arc<str>>,
    pub log_dirs: Vec<Uuid>,
    pub listeners: Vec<Listener>,
    /// Larger than that of any earlier registration.
    pub epoch: i64,
}

#[derive(Debug, Error)]
pub enum RegistrationError {
    #[error("the controller did not answer")]
    Controller(#[from] ControllerError),
    #[error("the controller refused the broker: {0}")]
    Refused(ErrorCode),
}

/// Registers the broker, unfenced; returns its epoch.
///
/// # Errors
/// When the controller refuses the broker, or the quorum does not commit.
pub async fn register(
    controller: &Controller,
    registration: Registration,
) -> Result<i64, RegistrationError> {
    controller
        .decide(|context, _| begin_features(context))
        .await?;
    let request = request(&registration);
    let epoch = registration.epoch;
    let registered = controller
        .decide(move |context, _| register_serving_broker(context, &request, epoch))
        .await?;
    refused(registered.error_code)?;
    Ok(registered.broker_epoch)
}

fn begin_features(context: Deciding<'_>) -> Decision<()> {
    let is_new = context.image.features.iter().next().is_none();
    Decision {
        records: if is_new {
            initial_features().collect()
        } else {
            Vec::new()
        },
        response: (),
    }
}

fn request(registration: &Registration) -> BrokerRegistrationRequest {
    let features = FEATURES.iter().map(|feature| Feature {
        name: feature.name.into(),
        min_supported_version: feature.levels.min,
        max_supported_version: feature.levels.max,
    });
    BrokerRegistrationRequest {
        broker_id: registration.node.0,
        cluster_id: Arc::clone(&registration.cluster_id),
        incarnation_id: Uuid::random(),
        listeners: registration.listeners.clone(),
        features: features.collect(),
        rack: registration.rack.clone(),
        log_dirs: registration.log_dirs.clone(),
        ..BrokerRegistrationRequest::default()
    }
}

fn refused(code: i16) -> Result<(), RegistrationError> {
    match ErrorCode::from_code(code) {
        ErrorCode::None => Ok(()),
        code => Err(RegistrationError::Refused(code)),
    }
}
