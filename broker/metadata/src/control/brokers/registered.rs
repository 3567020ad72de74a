//! How the state of a registered broker changes.

use millrace_types::NodeId;
use millrace_wire::records::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;

use crate::control::context::Context;
use crate::control::leaders::{leaving, with_consequences};
use crate::image::brokers::Broker;
use crate::record::MetadataRecord;

/// "Is fenced from now on" in a [`BrokerRegistrationChangeRecord`].
const FENCE: i8 = 1;
/// "Is no longer fenced" in a [`BrokerRegistrationChangeRecord`].
pub(crate) const UNFENCE: i8 = -1;
/// "Is shutting down from now on" in a [`BrokerRegistrationChangeRecord`].
pub(crate) const SHUTTING_DOWN: i8 = 1;

/// Fences a broker that was not heard of for too long.
#[must_use]
pub fn fence_broker(context: Context<'_>, node: NodeId) -> Vec<MetadataRecord> {
    match context.image.brokers.get(node) {
        Some(broker) if !broker.fenced => fenced(context, broker),
        _ => Vec::new(),
    }
}

pub(crate) fn fenced(context: Context<'_>, broker: &Broker) -> Vec<MetadataRecord> {
    let record = BrokerRegistrationChangeRecord {
        fenced: FENCE,
        ..registration_change(broker)
    };
    with_consequences(context, vec![record.into()], leaving(broker.id))
}

pub(crate) fn registration_change(broker: &Broker) -> BrokerRegistrationChangeRecord {
    BrokerRegistrationChangeRecord {
        broker_id: broker.id.0,
        broker_epoch: broker.epoch,
        ..BrokerRegistrationChangeRecord::default()
    }
}
