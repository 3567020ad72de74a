//! FindCoordinator: who coordinates a group. Makes the offsets topic when the first group asks.

use std::sync::Arc;

use millrace_coordinator::group_partition;
use millrace_metadata::MetadataImage;
use millrace_types::{CONSUMER_OFFSETS_TOPIC, ErrorCode, NodeId};
use millrace_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use millrace_wire::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};

use crate::call::Call;
use crate::handlers::metadata::create_internal;

/// Many keys at once since this version.
const MANY_KEYS_SINCE: i16 = 4;

const GROUP: i8 = 0;

pub(crate) async fn handle(call: Call, request: FindCoordinatorRequest) -> FindCoordinatorResponse {
    if request.key_type == GROUP
        && call
            .context
            .image()
            .topics
            .get(CONSUMER_OFFSETS_TOPIC)
            .is_none()
    {
        create_internal(&call, CONSUMER_OFFSETS_TOPIC).await;
    }
    let image = call.context.image();
    let find = |key: Arc<str>| find(&call, &image, request.key_type, key);
    if call.version >= MANY_KEYS_SINCE {
        let coordinators = request.coordinator_keys.into_iter().map(find).collect();
        return FindCoordinatorResponse {
            coordinators,
            ..FindCoordinatorResponse::default()
        };
    }
    let found = find(request.key);
    FindCoordinatorResponse {
        error_code: found.error_code,
        error_message: found.error_message,
        node_id: found.node_id,
        host: found.host,
        port: found.port,
        ..FindCoordinatorResponse::default()
    }
}

fn find(call: &Call, image: &MetadataImage, key_type: i8, key: Arc<str>) -> Coordinator {
    let failed = |key, code: ErrorCode, message: &str| Coordinator {
        key,
        node_id: NodeId::NONE.0,
        port: -1,
        error_code: code.code(),
        error_message: Some(message.into()),
        ..Coordinator::default()
    };
    if key_type != GROUP {
        let message = "this broker coordinates consumer groups only";
        return failed(key, ErrorCode::InvalidRequest, message);
    }
    let topic = image.topics.get(CONSUMER_OFFSETS_TOPIC);
    let leader = topic.and_then(|topic| {
        let partitions = i32::try_from(topic.partitions.len()).ok()?;
        topic.partition(group_partition(&key, partitions))?.leader
    });
    let broker = leader.and_then(|leader| image.brokers.get(leader));
    let endpoint = broker.and_then(|broker| broker.endpoint(&call.peer.listener));
    match (broker, endpoint) {
        (Some(broker), Some(endpoint)) => Coordinator {
            key,
            node_id: broker.id.0,
            host: Arc::clone(&endpoint.host),
            port: i32::from(endpoint.port),
            error_message: None,
            ..Coordinator::default()
        },
        _ => failed(
            key,
            ErrorCode::CoordinatorNotAvailable,
            "the coordinator is not available",
        ),
    }
}
