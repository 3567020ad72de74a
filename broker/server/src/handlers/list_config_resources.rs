//! ListConfigResources: what has settings.

use std::collections::BTreeSet;
use std::sync::Arc;

use millrace_metadata::image::configs::ResourceKind;
use millrace_types::ErrorCode;
use millrace_wire::messages::list_config_resources_request::ListConfigResourcesRequest;
use millrace_wire::messages::list_config_resources_response::{
    ConfigResource, ListConfigResourcesResponse,
};

use crate::call::Call;

/// Version 0 knows one type only.
const TYPES_SINCE: i16 = 1;

/// A broker's log levels; every broker has them.
const BROKER_LOGGER: i8 = 8;

pub(crate) fn handle(
    call: &Call,
    request: ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    let all = || ResourceKind::ALL.iter().map(|kind| kind.code());
    let wanted: BTreeSet<i8> = if call.version < TYPES_SINCE {
        BTreeSet::from([ResourceKind::ClientMetrics.code()])
    } else if request.resource_types.is_empty() {
        all().collect()
    } else {
        request.resource_types.into_iter().collect()
    };
    let is_known = |code: &i8| *code == BROKER_LOGGER || ResourceKind::from_code(*code).is_some();
    if !wanted.iter().all(is_known) {
        call.context
            .metrics
            .requests
            .failed(call.key, ErrorCode::UnsupportedVersion);
        return ListConfigResourcesResponse {
            error_code: ErrorCode::UnsupportedVersion.code(),
            ..ListConfigResourcesResponse::default()
        };
    }
    let config_resources = wanted.iter().flat_map(|&code| {
        names(call, code)
            .into_iter()
            .map(move |resource_name| ConfigResource {
                resource_name,
                resource_type: code,
            })
    });
    ListConfigResourcesResponse {
        config_resources: config_resources.collect(),
        ..ListConfigResourcesResponse::default()
    }
}

fn names(call: &Call, code: i8) -> Vec<Arc<str>> {
    let image = call.context.image.load();
    match ResourceKind::from_code(code) {
        Some(ResourceKind::Topic) => image
            .topics
            .iter()
            .map(|topic| Arc::clone(&topic.name))
            .collect(),
        Some(kind @ (ResourceKind::Group | ResourceKind::ClientMetrics)) => image
            .configs
            .resources(kind)
            .map(|(name, _)| Arc::clone(name))
            .collect(),
        Some(ResourceKind::Broker) | None => image
            .brokers
            .iter()
            .map(|broker| broker.id.to_string().into())
            .collect(),
    }
}
