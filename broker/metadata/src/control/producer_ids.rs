//! AllocateProducerIds: blocks of producer ids, each given out once for ever.

use millrace_types::ErrorCode;
use millrace_wire::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use millrace_wire::messages::allocate_producer_ids_response::AllocateProducerIdsResponse;
use millrace_wire::records::metadata::producer_ids_record::ProducerIdsRecord;

use crate::control::context::Context;
use crate::control::decision::Decision;

/// Ids in a block: a broker comes back for more after as many new producers.
pub const PRODUCER_ID_BLOCK: i32 = 1_000;

pub fn allocate_producer_ids(
    context: Context<'_>,
    request: &AllocateProducerIdsRequest,
) -> Decision<AllocateProducerIdsResponse> {
    let refuse = |error: ErrorCode| {
        Decision::answer(AllocateProducerIdsResponse {
            error_code: error.code(),
            ..AllocateProducerIdsResponse::default()
        })
    };
    if let Err(error) = context.sender(request.broker_id, request.broker_epoch) {
        return refuse(error);
    }
    let start = context.image.next_producer_id;
    let Some(next_producer_id) = start.checked_add(i64::from(PRODUCER_ID_BLOCK)) else {
        return refuse(ErrorCode::UnknownServerError);
    };
    let record = ProducerIdsRecord {
        broker_id: request.broker_id,
        broker_epoch: request.broker_epoch,
        next_producer_id,
    };
    Decision {
        records: vec![record.into()],
        response: AllocateProducerIdsResponse {
            producer_id_start: start,
            producer_id_len: PRODUCER_ID_BLOCK,
            ..AllocateProducerIdsResponse::default()
        },
    }
}
