//! Brokers register, report that they live, shut down in order, and go. What that means for the
//! partitions they hold is decided in the same batch.

mod heartbeat;
mod register;

pub use heartbeat::broker_heartbeat;
pub use register::register_broker;

use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::unregister_broker_request::UnregisterBrokerRequest;
use millrace_wire::messages::unregister_broker_response::UnregisterBrokerResponse;
use millrace_wire::records::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;
use millrace_wire::records::metadata::unregister_broker_record::UnregisterBrokerRecord;

use super::leaders::{leaving, losing, with_consequences};
use super::{Context, Decision};
use crate::image::MetadataImage;
use crate::image::brokers::Broker;
use crate::record::MetadataRecord;

/// "Is fenced from now on" in a [`BrokerRegistrationChangeRecord`].
const FENCE: i8 = 1;
/// "Is no longer fenced" in a [`BrokerRegistrationChangeRecord`].
const UNFENCE: i8 = -1;
/// "Is shutting down from now on" in a [`BrokerRegistrationChangeRecord`].
const SHUTTING_DOWN: i8 = 1;

/// Fences a broker that was not heard of for too long.
#[must_use]
pub fn fence_broker(context: Context<'_>, node: NodeId) -> Vec<MetadataRecord> {
    match context.image.brokers.get(node) {
        Some(broker) if !broker.fenced => fenced(context, broker),
        _ => Vec::new(),
    }
}

/// Decides UnregisterBroker: the broker is gone for good, with everything it had.
pub fn unregister_broker(
    context: Context<'_>,
    request: &UnregisterBrokerRequest,
) -> Decision<UnregisterBrokerResponse> {
    let node = NodeId(request.broker_id);
    let Some(broker) = context.image.brokers.get(node) else {
        let message = format!("Broker ID {node} is not currently registered");
        return Decision::answer(UnregisterBrokerResponse {
            error_code: ErrorCode::BrokerIdNotRegistered.code(),
            error_message: Some(message.into()),
            ..UnregisterBrokerResponse::default()
        });
    };
    let record = UnregisterBrokerRecord {
        broker_id: node.0,
        broker_epoch: broker.epoch,
    };
    Decision {
        records: with_consequences(context, vec![record.into()], losing(node)),
        response: UnregisterBrokerResponse {
            error_message: None,
            ..UnregisterBrokerResponse::default()
        },
    }
}

/// Whether a request comes from the broker that is registered now.
///
/// # Errors
/// When the broker is not registered, or registered again since.
pub(super) fn check_epoch(
    image: &MetadataImage,
    node: NodeId,
    epoch: i64,
) -> Result<&Broker, ErrorCode> {
    let broker = image
        .brokers
        .get(node)
        .filter(|broker| broker.epoch == epoch);
    broker.map(AsRef::as_ref).ok_or(ErrorCode::StaleBrokerEpoch)
}

fn fenced(context: Context<'_>, broker: &Broker) -> Vec<MetadataRecord> {
    let record = BrokerRegistrationChangeRecord {
        fenced: FENCE,
        ..registration_change(broker)
    };
    with_consequences(context, vec![record.into()], leaving(broker.id))
}

fn registration_change(broker: &Broker) -> BrokerRegistrationChangeRecord {
    BrokerRegistrationChangeRecord {
        broker_id: broker.id.0,
        broker_epoch: broker.epoch,
        ..BrokerRegistrationChangeRecord::default()
    }
}
