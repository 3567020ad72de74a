//! ApiVersions: what is served. The first request of every client.

use millrace_metadata::control::features::FEATURES;
use millrace_types::ErrorCode;
use millrace_wire::SERVED;
use millrace_wire::messages::api_versions_request::ApiVersionsRequest;
use millrace_wire::messages::api_versions_response::{
    ApiVersion, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};

use crate::call::Call;
use crate::connection::Outcome;

/// Clients say who they are since this version.
const SOFTWARE_NAME_SINCE: i16 = 3;

/// Before this version, clients choke on features that begin at level 0.
const LEVEL_ZERO_SINCE: i16 = 4;

/// The features of a fleet do not change while one broker is all of it.
const FEATURES_EPOCH: i64 = 0;

pub(crate) fn handle(call: &Call, request: ApiVersionsRequest) -> ApiVersionsResponse {
    if call.version >= SOFTWARE_NAME_SINCE
        && !(is_software_name(&request.client_software_name)
            && is_software_name(&request.client_software_version))
    {
        return ApiVersionsResponse {
            error_code: ErrorCode::InvalidRequest.code(),
            ..ApiVersionsResponse::default()
        };
    }
    let image = call.context.image.load();
    let finalized = image
        .features
        .iter()
        .map(|(name, level)| FinalizedFeatureKey {
            name: name.clone(),
            max_version_level: level,
            min_version_level: level,
        });
    let supported = FEATURES
        .iter()
        .filter(|feature| feature.levels.min > 0 || call.version >= LEVEL_ZERO_SINCE)
        .map(|feature| SupportedFeatureKey {
            name: feature.name.into(),
            min_version: feature.levels.min,
            max_version: feature.levels.max,
        });
    ApiVersionsResponse {
        api_keys: served(),
        supported_features: supported.collect(),
        finalized_features_epoch: FEATURES_EPOCH,
        finalized_features: finalized.collect(),
        ..ApiVersionsResponse::default()
    }
}

/// A client of the future asks in a version that is unknown here. It reads version 0, and finds
/// in it which to ask in (KIP-511).
pub(crate) fn unsupported(call: &Call) -> Outcome {
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys: served(),
        ..ApiVersionsResponse::default()
    };
    let call = Call {
        version: 0,
        ..call.clone()
    };
    Outcome::Now(call.answer::<ApiVersionsRequest>(&response, &[]))
}

fn served() -> Vec<ApiVersion> {
    SERVED
        .iter()
        .map(|line| ApiVersion {
            api_key: line.key.code(),
            min_version: line.advertised_min,
            max_version: line.versions.max,
        })
        .collect()
}

/// Letters and digits, with dashes and dots between them.
fn is_software_name(name: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    edge(name.bytes().next()) && edge(name.bytes().last()) && name.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_names_are_those_that_kafka_takes() {
        for name in ["a", "apache-kafka-java", "4.2.0", "x.y-z"] {
            assert!(is_software_name(name), "{name}");
        }
        for name in ["", "-a", "a-", "a b", "a_b", "\u{e4}"] {
            assert!(!is_software_name(name), "{name}");
        }
    }
}
