//! InitProducerId: a number for an idempotent producer. Numbers come from blocks that the
//! controller hands out.

use millrace_types::{ErrorCode, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, ProducerId};
use millrace_wire::messages::init_producer_id_request::InitProducerIdRequest;
use millrace_wire::messages::init_producer_id_response::InitProducerIdResponse;

use crate::call::Call;

pub(crate) async fn handle(call: Call, request: InitProducerIdRequest) -> InitProducerIdResponse {
    let has_id = request.producer_id != NO_PRODUCER_ID;
    let has_epoch = request.producer_epoch != NO_PRODUCER_EPOCH;
    let given = match request.transactional_id.as_deref() {
        _ if has_id != has_epoch => Err(ErrorCode::InvalidRequest),
        Some("") => Err(ErrorCode::InvalidRequest),
        // Transactions have a coordinator, and this broker is none yet.
        Some(_) => Err(ErrorCode::CoordinatorNotAvailable),
        None => {
            call.context
                .producer_ids
                .next(&call.context.controller)
                .await
        }
    };
    match given {
        Ok(producer_id) => answer(ErrorCode::None, producer_id, 0),
        Err(code) => {
            call.context.metrics.requests.failed(call.key, code);
            answer(code, NO_PRODUCER_ID, NO_PRODUCER_EPOCH)
        }
    }
}

fn answer(code: ErrorCode, producer_id: ProducerId, producer_epoch: i16) -> InitProducerIdResponse {
    InitProducerIdResponse {
        error_code: code.code(),
        producer_id,
        producer_epoch,
        ..InitProducerIdResponse::default()
    }
}
