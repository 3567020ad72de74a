//! UnregisterBroker.

use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::unregister_broker_request::UnregisterBrokerRequest;
use millrace_wire::messages::unregister_broker_response::UnregisterBrokerResponse;
use millrace_wire::records::metadata::unregister_broker_record::UnregisterBrokerRecord;

use crate::control::context::Context;
use crate::control::decision::Decision;
use crate::control::leaders::{losing, with_consequences};

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
