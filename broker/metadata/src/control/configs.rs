//! AlterConfigs and IncrementalAlterConfigs. Each resource stands or falls on its own; what a
//! setting may be is the configuration crate's business.

use std::collections::HashMap;
use std::sync::Arc;

use millrace_config::{AlterError, AlterOp, Alteration, BrokerLayers, Change, Settings, Target};
use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::alter_configs_request::AlterConfigsRequest;
use millrace_wire::messages::alter_configs_response::{
    AlterConfigsResourceResponse, AlterConfigsResponse,
};
use millrace_wire::messages::incremental_alter_configs_request::{
    AlterableConfig, IncrementalAlterConfigsRequest,
};
use millrace_wire::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse as IncrementalResult, IncrementalAlterConfigsResponse,
};
use millrace_wire::records::metadata::config_record::ConfigRecord;

use crate::control::context::Context;
use crate::control::decision::{Decision, Refusal};
use crate::control::leaders::{ELECTION_SETTINGS, unsettled, with_consequences};
use crate::image::configs::{ALL_BROKERS, ResourceKind};
use crate::record::MetadataRecord;

/// Decides AlterConfigs: what is named replaces everything that was set.
pub fn alter_configs(
    context: Context<'_>,
    request: &AlterConfigsRequest,
) -> Decision<AlterConfigsResponse> {
    let resources = &request.resources;
    let wishes = resources.iter().map(|resource| {
        let wanted = resource.configs.iter();
        let wanted: Vec<_> = wanted
            .map(|config| (&*config.name, config.value.as_deref()))
            .collect();
        let change = move |target, own: &dyn Settings, layers: &BrokerLayers<'_>| {
            millrace_config::replace(target, own, layers, &wanted)
        };
        ((resource.resource_type, &resource.resource_name), change)
    });
    let (records, outcomes) = decide(context, wishes.collect());
    let responses = outcomes
        .into_iter()
        .map(|outcome| AlterConfigsResourceResponse {
            error_code: outcome.error_code,
            error_message: outcome.error_message,
            resource_type: outcome.kind,
            resource_name: outcome.name,
        });
    Decision {
        response: AlterConfigsResponse {
            responses: responses.collect(),
            ..AlterConfigsResponse::default()
        },
        records: if request.validate_only {
            Vec::new()
        } else {
            records
        },
    }
}

/// Decides IncrementalAlterConfigs: what is not named stays as it is.
pub fn incremental_alter_configs(
    context: Context<'_>,
    request: &IncrementalAlterConfigsRequest,
) -> Decision<IncrementalAlterConfigsResponse> {
    let resources = &request.resources;
    let wishes = resources.iter().map(|resource| {
        let change = move |target, own: &dyn Settings, layers: &BrokerLayers<'_>| {
            let wishes: Option<Vec<_>> = resource.configs.iter().map(alteration).collect();
            let unknown = || AlterError::InvalidRequest {
                message: "Unknown operation.".to_owned(),
            };
            millrace_config::alter(target, own, layers, &wishes.ok_or_else(unknown)?)
        };
        ((resource.resource_type, &resource.resource_name), change)
    });
    let (records, outcomes) = decide(context, wishes.collect());
    let responses = outcomes.into_iter().map(|outcome| IncrementalResult {
        error_code: outcome.error_code,
        error_message: outcome.error_message,
        resource_type: outcome.kind,
        resource_name: outcome.name,
    });
    Decision {
        response: IncrementalAlterConfigsResponse {
            responses: responses.collect(),
            ..IncrementalAlterConfigsResponse::default()
        },
        records: if request.validate_only {
            Vec::new()
        } else {
            records
        },
    }
}

fn alteration(config: &AlterableConfig) -> Option<Alteration<'_>> {
    Some(Alteration {
        op: AlterOp::from_code(config.config_operation)?,
        name: &config.name,
        value: config.value.as_deref(),
    })
}

/// What became of one resource of a request.
struct Outcome {
    kind: i8,
    name: Arc<str>,
    error_code: i16,
    error_message: Option<Arc<str>>,
}

/// A resource as the wire names it, and the change that is wished for it.
type Wish<'a, F> = ((i8, &'a Arc<str>), F);

fn decide<F>(context: Context<'_>, wishes: Vec<Wish<'_, F>>) -> (Vec<MetadataRecord>, Vec<Outcome>)
where
    F: FnOnce(Target, &dyn Settings, &BrokerLayers<'_>) -> Result<Vec<Change>, AlterError>,
{
    let mut times: HashMap<(i8, Arc<str>), usize> = HashMap::new();
    for ((kind, name), _) in &wishes {
        *times.entry((*kind, Arc::clone(name))).or_default() += 1;
    }
    let mut records = Vec::new();
    let mut outcomes = Vec::new();
    let mut elections_concerned = false;
    for ((kind, name), change) in wishes {
        let changes = match times.remove(&(kind, Arc::clone(name))) {
            Some(1) => changes(context, kind, name, change),
            Some(_) => Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "Duplicate resource.",
            )),
            None => continue,
        };
        let (error_code, error_message) = Refusal::reply(changes.as_ref().err());
        for change in changes.into_iter().flatten() {
            elections_concerned |= ELECTION_SETTINGS.contains(&&*change.name);
            records.push(record(kind, name, change));
        }
        outcomes.push(Outcome {
            kind,
            name: Arc::clone(name),
            error_code,
            error_message,
        });
    }
    if elections_concerned {
        records = with_consequences(context, records, unsettled);
    }
    (records, outcomes)
}

fn changes<F>(context: Context<'_>, kind: i8, name: &str, change: F) -> Result<Vec<Change>, Refusal>
where
    F: FnOnce(Target, &dyn Settings, &BrokerLayers<'_>) -> Result<Vec<Change>, AlterError>,
{
    let (kind, target) = find(context, kind, name)?;
    let own = context.image.configs.of(kind, name);
    let changed = context.with_layers(|layers| change(target, own, layers));
    changed.map_err(|error| Refusal::new(error.code(), error.to_string()))
}

/// The resource, if it may have settings.
fn find(context: Context<'_>, kind: i8, name: &str) -> Result<(ResourceKind, Target), Refusal> {
    let refuse = |error, message: String| Err(Refusal::new(error, message));
    let target = match ResourceKind::from_code(kind) {
        Some(ResourceKind::Topic) if context.image.topics.get(name).is_none() => {
            let message = "This server does not host this topic-partition.".to_owned();
            return refuse(ErrorCode::UnknownTopicOrPartition, message);
        }
        Some(ResourceKind::Topic) => Target::Topic,
        Some(ResourceKind::Broker) if name == ALL_BROKERS => Target::Cluster,
        Some(ResourceKind::Broker) => match name.parse().map(NodeId) {
            Err(_) => {
                let message = format!("Unable to parse broker name '{name}' as an integer.");
                return refuse(ErrorCode::InvalidRequest, message);
            }
            Ok(node) if context.image.brokers.get(node).is_none() => {
                let message = format!("No broker with id {name} found.");
                return refuse(ErrorCode::BrokerIdNotRegistered, message);
            }
            Ok(_) => Target::Broker,
        },
        Some(ResourceKind::Group) if name.is_empty() => {
            let message = "Default group resources are not allowed.".to_owned();
            return refuse(ErrorCode::InvalidRequest, message);
        }
        Some(ResourceKind::Group) => Target::Group,
        Some(ResourceKind::ClientMetrics) | None => {
            return refuse(
                ErrorCode::UnsupportedVersion,
                format!("Unknown resource type {kind}."),
            );
        }
    };
    let kind = match target {
        Target::Topic => ResourceKind::Topic,
        Target::Broker | Target::Cluster => ResourceKind::Broker,
        Target::Group => ResourceKind::Group,
    };
    Ok((kind, target))
}

fn record(kind: i8, resource: &Arc<str>, change: Change) -> MetadataRecord {
    let record = ConfigRecord {
        resource_type: kind,
        resource_name: Arc::clone(resource),
        name: change.name.into(),
        value: change.value.map(Into::into),
    };
    record.into()
}
