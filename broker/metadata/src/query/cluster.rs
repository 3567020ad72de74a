//! DescribeCluster: who is there and how to reach them.

use std::sync::Arc;

use millrace_types::ErrorCode;
use millrace_wire::messages::describe_cluster_request::DescribeClusterRequest;
use millrace_wire::messages::describe_cluster_response::{
    DescribeClusterBroker, DescribeClusterResponse,
};

use crate::image::MetadataImage;
use crate::query::view::Asker;

/// The question is about brokers, and comes in on one of their listeners.
const BROKERS: i8 = 1;
/// The question is about controllers, which brokers do not answer.
const CONTROLLERS: i8 = 2;

#[must_use]
pub fn describe_cluster(
    image: &MetadataImage,
    request: &DescribeClusterRequest,
    asker: Asker<'_>,
) -> DescribeClusterResponse {
    let refused = |error: ErrorCode, message: &str| DescribeClusterResponse {
        error_code: error.code(),
        error_message: Some(message.into()),
        endpoint_type: request.endpoint_type,
        ..DescribeClusterResponse::default()
    };
    match request.endpoint_type {
        BROKERS => {}
        CONTROLLERS => {
            return refused(
                ErrorCode::MismatchedEndpointType,
                "The request was sent to an endpoint of type BROKER, but we wanted an endpoint \
                 of type CONTROLLER",
            );
        }
        _ => {
            return refused(
                ErrorCode::UnsupportedEndpointType,
                "Unsupported endpoint type",
            );
        }
    }
    let shown = image
        .brokers
        .iter()
        .filter(|b| request.include_fenced_brokers || !b.fenced);
    let brokers = shown.filter_map(|broker| {
        let endpoint = broker.endpoint(asker.listener)?;
        Some(DescribeClusterBroker {
            broker_id: broker.id.0,
            host: Arc::clone(&endpoint.host),
            port: i32::from(endpoint.port),
            rack: broker.rack.clone(),
            is_fenced: broker.fenced,
        })
    });
    DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_id: Arc::clone(&image.cluster_id),
        controller_id: asker.controller.map_or(-1, |node| node.0),
        brokers: brokers.collect(),
        ..DescribeClusterResponse::default()
    }
}
