//! DescribeConfigs: every setting of a topic, a broker or a group, and where its value comes from.

use std::sync::Arc;

use millrace_config::{
    BrokerLayers, ConfigEntry, describe_broker, describe_cluster, describe_group, describe_topic,
};
use millrace_metadata::MetadataImage;
use millrace_metadata::image::configs::{ALL_BROKERS, ResourceKind};
use millrace_types::{ErrorCode, validate_topic_name};
use millrace_wire::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use millrace_wire::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult,
    DescribeConfigsSynonym,
};

use crate::call::Call;

/// Types and words are part of the answer since this version.
const TYPES_SINCE: i16 = 3;

/// What the client wants to know beside the values.
struct Wishes {
    synonyms: bool,
    documentation: bool,
    types: bool,
}

/// Why a resource is not described.
type Refusal = (ErrorCode, String);

pub(crate) fn handle(call: &Call, request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let image = call.context.image();
    let wishes = Wishes {
        synonyms: request.include_synonyms,
        documentation: request.include_documentation,
        types: call.version >= TYPES_SINCE,
    };
    let results = request.resources.into_iter().map(|resource| {
        let described = describe(call, &image, &resource);
        if let Err((code, _)) = &described {
            call.context.metrics.requests.failed(call.key, *code);
        }
        result(resource, described, &wishes)
    });
    DescribeConfigsResponse {
        results: results.collect(),
        ..DescribeConfigsResponse::default()
    }
}

fn describe(
    call: &Call,
    image: &MetadataImage,
    resource: &DescribeConfigsResource,
) -> Result<Vec<ConfigEntry>, Refusal> {
    let name = &*resource.resource_name;
    let configs = &image.configs;
    let this_node = call.context.node.to_string();
    let layers = BrokerLayers {
        broker: configs.of(ResourceKind::Broker, &this_node),
        cluster: configs.of(ResourceKind::Broker, ALL_BROKERS),
        statics: &*call.context.statics,
    };
    match ResourceKind::from_code(resource.resource_type) {
        Some(ResourceKind::Topic) => {
            if let Err(invalid) = validate_topic_name(name) {
                return Err((ErrorCode::InvalidTopicException, invalid.to_string()));
            }
            if image.topics.get(name).is_none() {
                let message = format!("there is no topic {name}");
                return Err((ErrorCode::UnknownTopicOrPartition, message));
            }
            Ok(describe_topic(
                configs.of(ResourceKind::Topic, name),
                &layers,
            ))
        }
        Some(ResourceKind::Broker) if name == ALL_BROKERS => Ok(describe_cluster(layers.cluster)),
        Some(ResourceKind::Broker) if name == this_node => Ok(describe_broker(&layers)),
        Some(ResourceKind::Broker) => {
            let message = format!("this broker is {this_node}, it cannot describe {name}");
            Err((ErrorCode::InvalidRequest, message))
        }
        Some(ResourceKind::Group) => Ok(describe_group(
            configs.of(ResourceKind::Group, name),
            &layers,
        )),
        Some(ResourceKind::ClientMetrics) | None => {
            let message = format!(
                "resources of type {} are not served",
                resource.resource_type
            );
            Err((ErrorCode::InvalidRequest, message))
        }
    }
}

fn result(
    resource: DescribeConfigsResource,
    described: Result<Vec<ConfigEntry>, Refusal>,
    wishes: &Wishes,
) -> DescribeConfigsResult {
    let wanted = |entry: &ConfigEntry| match &resource.configuration_keys {
        Some(keys) if !keys.is_empty() => keys.iter().any(|key| **key == *entry.name),
        _ => true,
    };
    let (code, message, configs) = match described {
        Ok(entries) => {
            let configs = entries.iter().filter(|entry| wanted(entry));
            (
                ErrorCode::None,
                None,
                configs.map(|entry| config(entry, wishes)).collect(),
            )
        }
        Err((code, message)) => (code, Some(Arc::from(message)), Vec::new()),
    };
    DescribeConfigsResult {
        error_code: code.code(),
        error_message: message,
        resource_type: resource.resource_type,
        resource_name: resource.resource_name,
        configs,
    }
}

fn config(entry: &ConfigEntry, wishes: &Wishes) -> DescribeConfigsResourceResult {
    let text = |value: &Option<String>| value.as_deref().map(Arc::from);
    let synonyms = entry.synonyms.iter().filter(|_| wishes.synonyms);
    DescribeConfigsResourceResult {
        name: (&*entry.name).into(),
        value: text(&entry.value),
        read_only: entry.read_only,
        config_source: entry.source.code(),
        is_sensitive: entry.sensitive,
        synonyms: synonyms
            .map(|synonym| DescribeConfigsSynonym {
                name: (&*synonym.name).into(),
                value: text(&synonym.value),
                source: synonym.source.code(),
            })
            .collect(),
        config_type: if wishes.types { entry.kind.code() } else { 0 },
        documentation: wishes.documentation.then(|| entry.doc.into()),
    }
}
