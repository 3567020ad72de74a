//! BrokerRegistration: a process says who it is, where it listens and what it serves. It starts
//! fenced, and leads nothing until a heartbeat shows that it has caught up.

use std::collections::BTreeSet;
use std::sync::Arc;

use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::broker_registration_request::{
    BrokerRegistrationRequest, Feature, Listener,
};
use millrace_wire::messages::broker_registration_response::BrokerRegistrationResponse;
use millrace_wire::records::metadata::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};

use crate::control::context::Context;
use crate::control::decision::Decision;
use crate::control::leaders::{leaving, losing, with_consequences};
use crate::image::MetadataImage;
use crate::image::brokers::Broker;
use crate::record::MetadataRecord;

/// Decides BrokerRegistration. `next_epoch` is above every epoch given out before, such as the
/// position that the record will have in the log. `session_alive` says whether the broker of this
/// id, if there is one, was heard of lately: then another process may not take its place.
pub fn register_broker(
    context: Context<'_>,
    request: &BrokerRegistrationRequest,
    next_epoch: i64,
    session_alive: bool,
) -> Decision<BrokerRegistrationResponse> {
    let existing = context
        .image
        .brokers
        .get(NodeId(request.broker_id))
        .map(AsRef::as_ref);
    if let Err(error) = check(context.image, request, existing, session_alive) {
        return Decision::answer(BrokerRegistrationResponse {
            error_code: error.code(),
            ..BrokerRegistrationResponse::default()
        });
    }
    let same_process = existing.filter(|broker| broker.incarnation == request.incarnation_id);
    let record = match same_process {
        Some(broker) => RegisterBrokerRecord {
            fenced: broker.fenced,
            in_controlled_shutdown: broker.shutting_down,
            ..record(request, broker.epoch)
        },
        None => record(request, next_epoch),
    };
    let broker_epoch = record.broker_epoch;
    let records = if same_process.is_some() {
        vec![record.into()]
    } else {
        started_anew(context, request, existing, record.into())
    };
    Decision {
        records,
        response: BrokerRegistrationResponse {
            broker_epoch,
            ..BrokerRegistrationResponse::default()
        },
    }
}

/// The earlier process leads no more. Unless the new one proves that it took over in order, what
/// the earlier one had may be lost.
fn started_anew(
    context: Context<'_>,
    request: &BrokerRegistrationRequest,
    existing: Option<&Broker>,
    record: MetadataRecord,
) -> Vec<MetadataRecord> {
    let node = NodeId(request.broker_id);
    let in_order = existing.is_some_and(|broker| broker.epoch == request.previous_broker_epoch);
    let tracks_elr = context.image.features.tracks_elr();
    if tracks_elr && !in_order {
        with_consequences(context, vec![record], losing(node))
    } else if existing.is_some_and(|broker| !broker.fenced) {
        with_consequences(context, vec![record], leaving(node))
    } else {
        vec![record]
    }
}

fn check(
    image: &MetadataImage,
    request: &BrokerRegistrationRequest,
    existing: Option<&Broker>,
    session_alive: bool,
) -> Result<(), ErrorCode> {
    if request.cluster_id != image.cluster_id {
        return Err(ErrorCode::InconsistentClusterId);
    }
    let other_process = existing.is_some_and(|broker| broker.incarnation != request.incarnation_id);
    if other_process && session_alive {
        return Err(ErrorCode::DuplicateBrokerRegistration);
    }
    let listeners: BTreeSet<&str> = request
        .listeners
        .iter()
        .map(|listener| &*listener.name)
        .collect();
    let directories: BTreeSet<_> = request.log_dirs.iter().collect();
    let others = image
        .brokers
        .iter()
        .filter(|broker| broker.id.0 != request.broker_id);
    let taken = others
        .flat_map(|broker| &broker.log_dirs)
        .any(|dir| directories.contains(dir));
    let valid = request.broker_id >= 0
        && !request.is_migrating_zk_broker
        && !listeners.is_empty()
        && listeners.len() == request.listeners.len()
        && !directories.is_empty()
        && directories.len() == request.log_dirs.len()
        && directories.iter().all(|dir| !is_reserved(dir.0))
        && !taken;
    if !valid {
        return Err(ErrorCode::InvalidRegistration);
    }
    let serves = |name: &str, level| {
        let feature = request
            .features
            .iter()
            .find(|feature| &*feature.name == name);
        feature.is_some_and(|feature| {
            (feature.min_supported_version..=feature.max_supported_version).contains(&level)
        })
    };
    if image
        .features
        .iter()
        .all(|(name, level)| serves(name, level))
    {
        Ok(())
    } else {
        Err(ErrorCode::UnsupportedVersion)
    }
}

/// The lowest ids stand for directories that are unknown, lost or unassigned.
fn is_reserved(directory: [u8; 16]) -> bool {
    const LOWEST_FREE: u128 = 100;
    u128::from_be_bytes(directory) < LOWEST_FREE
}

fn record(request: &BrokerRegistrationRequest, epoch: i64) -> RegisterBrokerRecord {
    let endpoint = |listener: &Listener| BrokerEndpoint {
        name: Arc::clone(&listener.name),
        host: Arc::clone(&listener.host),
        port: listener.port,
        security_protocol: listener.security_protocol,
    };
    let feature = |feature: &Feature| BrokerFeature {
        name: Arc::clone(&feature.name),
        min_supported_version: feature.min_supported_version,
        max_supported_version: feature.max_supported_version,
    };
    RegisterBrokerRecord {
        broker_id: request.broker_id,
        incarnation_id: request.incarnation_id,
        broker_epoch: epoch,
        end_points: request.listeners.iter().map(endpoint).collect(),
        features: request.features.iter().map(feature).collect(),
        rack: request.rack.clone(),
        log_dirs: request.log_dirs.clone(),
        ..RegisterBrokerRecord::default()
    }
}
