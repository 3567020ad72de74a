//! CreateTopics. Each topic of the request stands or falls on its own; what all of them need is
//! prepared once, since a request may name thousands.

use std::collections::HashMap;
use std::sync::Arc;

use millrace_config::{AlterOp, Alteration, Change, ConfigEntry, Target, alter, describe_topic};
use millrace_types::{ErrorCode, Uuid, validate_topic_name};
use millrace_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreateTopicsRequest,
};
use millrace_wire::messages::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult, CreateTopicsResponse,
};
use millrace_wire::records::metadata::config_record::ConfigRecord;
use millrace_wire::records::metadata::topic_record::TopicRecord;

use crate::control::assignment::{automatic, manual};
use crate::control::context::{Context, Entropy};
use crate::control::decision::{
    Decision, MAX_PARTITIONS_PER_REQUEST, Refusal, TOO_MANY_PARTITIONS,
};
use crate::control::placement::Placer;
use crate::image::configs::{ConfigMap, ResourceKind};
use crate::image::partition::Partition;
use crate::image::topics::fold;
use crate::record::MetadataRecord;

/// The log of metadata records bears this name; it is no topic.
const METADATA_LOG: &str = "__cluster_metadata";

/// Decides CreateTopics. A name that the request has twice is answered once, and refused.
pub fn create_topics(
    context: Context<'_>,
    request: &CreateTopicsRequest,
    entropy: &mut dyn Entropy,
) -> Decision<CreateTopicsResponse> {
    let mut times: HashMap<&str, usize> = HashMap::with_capacity(request.topics.len());
    for topic in &request.topics {
        *times.entry(&topic.name).or_default() += 1;
    }
    let mut creation = Creation::new(context, entropy);
    let is_too_large = creation.partitions_in(request) > MAX_PARTITIONS_PER_REQUEST;
    let mut results = Vec::with_capacity(times.len());
    for topic in &request.topics {
        let created = match times.remove(&*topic.name) {
            Some(_) if is_too_large => Err(Refusal::new(
                ErrorCode::PolicyViolation,
                TOO_MANY_PARTITIONS,
            )),
            Some(1) => creation.create(topic),
            Some(_) => Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "Duplicate topic name.",
            )),
            None => continue,
        };
        results.push(created.unwrap_or_else(|refusal| refused(&topic.name, &refusal)));
    }
    let records = if request.validate_only {
        Vec::new()
    } else {
        creation.records
    };
    Decision {
        records,
        response: CreateTopicsResponse {
            topics: results,
            ..CreateTopicsResponse::default()
        },
    }
}

fn refused(name: &Arc<str>, refusal: &Refusal) -> CreatableTopicResult {
    let (error_code, error_message) = Refusal::reply(Some(refusal));
    CreatableTopicResult {
        name: Arc::clone(name),
        error_code,
        error_message,
        ..CreatableTopicResult::default()
    }
}

/// A request being decided.
struct Creation<'a> {
    context: Context<'a>,
    entropy: &'a mut dyn Entropy,
    placer: Placer<'a>,
    default_partitions: i64,
    default_replication_factor: i64,
    /// The settings of a topic that has none of its own.
    default_configs: Vec<CreatableTopicConfigs>,
    /// Names of this request that metrics could not tell from others, as metrics write them.
    folded: HashMap<String, Arc<str>>,
    records: Vec<MetadataRecord>,
}

impl<'a> Creation<'a> {
    fn new(context: Context<'a>, entropy: &'a mut dyn Entropy) -> Self {
        Self {
            context,
            entropy,
            placer: Placer::new(&context.image.brokers),
            default_partitions: context.broker_number("num.partitions"),
            default_replication_factor: context.broker_number("default.replication.factor"),
            default_configs: effective_configs(context, &ConfigMap::new()),
            folded: HashMap::new(),
            records: Vec::new(),
        }
    }

    /// How many partitions all topics of the request have together, those included that will be
    /// refused.
    fn partitions_in(&self, request: &CreateTopicsRequest) -> usize {
        let count = |topic: &CreatableTopic| match topic.num_partitions {
            _ if !topic.assignments.is_empty() => topic.assignments.len(),
            -1 => usize::try_from(self.default_partitions).unwrap_or(0),
            given => usize::try_from(given).unwrap_or(0),
        };
        let counts = request.topics.iter().map(count);
        counts.fold(0, usize::saturating_add)
    }

    fn create(&mut self, topic: &CreatableTopic) -> Result<CreatableTopicResult, Refusal> {
        let folded = self.check_name(&topic.name)?;
        let configs = self.configs(topic)?;
        let partitions = if topic.assignments.is_empty() {
            self.automatic(topic)?
        } else {
            self.manual(topic)?
        };
        let id = self.entropy.id();
        if let Some(folded) = folded {
            self.folded.insert(folded, Arc::clone(&topic.name));
        }
        let result = CreatableTopicResult {
            name: Arc::clone(&topic.name),
            topic_id: id,
            error_code: ErrorCode::None.code(),
            error_message: None,
            topic_config_error_code: ErrorCode::None.code(),
            num_partitions: i32::try_from(partitions.len()).unwrap_or(i32::MAX),
            replication_factor: partitions.first().map_or(-1, |first| {
                i16::try_from(first.replicas.len()).unwrap_or(i16::MAX)
            }),
            configs: Some(self.result_configs(&configs)),
        };
        self.record(topic, id, &configs, &partitions);
        Ok(result)
    }

    /// The name as metrics write it, when that could be another topic's.
    fn check_name(&self, name: &Arc<str>) -> Result<Option<String>, Refusal> {
        let invalid = |message| Refusal::new(ErrorCode::InvalidTopicException, message);
        if &**name == METADATA_LOG {
            let message = "Authorization failed.";
            return Err(Refusal::new(ErrorCode::TopicAuthorizationFailed, message));
        }
        validate_topic_name(name).map_err(|error| invalid(error.to_string()))?;
        let topics = &self.context.image.topics;
        if topics.get(name).is_some() {
            let message = format!("Topic '{name}' already exists.");
            return Err(Refusal::new(ErrorCode::TopicAlreadyExists, message));
        }
        let folded = fold(name);
        let in_request = folded.as_ref().and_then(|folded| self.folded.get(folded));
        match topics.colliding(name).or(in_request) {
            Some(other) => Err(invalid(format!(
                "Topic '{name}' collides with existing topic: {other}"
            ))),
            None => Ok(folded),
        }
    }

    /// The topic's own settings, checked.
    fn configs(&self, topic: &CreatableTopic) -> Result<ConfigMap, Refusal> {
        if topic.configs.is_empty() {
            return Ok(ConfigMap::new());
        }
        if topic.configs.iter().any(|config| config.value.is_none()) {
            let message = "Null value not supported for topic configs.";
            return Err(Refusal::new(ErrorCode::InvalidConfig, message));
        }
        let wishes = topic.configs.iter().map(|config| Alteration {
            op: AlterOp::Set,
            name: &config.name,
            value: config.value.as_deref(),
        });
        let wishes: Vec<_> = wishes.collect();
        let changes = self
            .context
            .with_layers(|layers| alter(Target::Topic, &(), layers, &wishes));
        let changes = changes.map_err(|error| Refusal::new(error.code(), error.to_string()))?;
        let set = |change: Change| Some((change.name.into(), change.value?.into()));
        Ok(changes.into_iter().filter_map(set).collect())
    }

    fn manual(&self, topic: &CreatableTopic) -> Result<Vec<Partition>, Refusal> {
        let refuse = |error, message: &str| Err(Refusal::new(error, message));
        if topic.replication_factor != -1 || topic.num_partitions != -1 {
            return refuse(
                ErrorCode::InvalidRequest,
                "A manual partition assignment was specified, but numPartitions or \
                 replicationFactor was not set to -1.",
            );
        }
        let mut assignments: Vec<&CreatableReplicaAssignment> = topic.assignments.iter().collect();
        assignments.sort_by_key(|assignment| assignment.partition_index);
        let mut partitions = Vec::with_capacity(assignments.len());
        let replication_factor = assignments.first().map(|first| first.broker_ids.len());
        for (index, assignment) in assignments.into_iter().enumerate() {
            if usize::try_from(assignment.partition_index) != Ok(index) {
                return refuse(
                    ErrorCode::InvalidReplicaAssignment,
                    "partitions should be a consecutive 0-based integer sequence",
                );
            }
            let image = self.context.image;
            partitions.push(manual(
                image,
                index,
                &assignment.broker_ids,
                replication_factor,
            )?);
        }
        Ok(partitions)
    }

    fn automatic(&mut self, topic: &CreatableTopic) -> Result<Vec<Partition>, Refusal> {
        let replication_factor = match topic.replication_factor {
            -1 => self.default_replication_factor,
            given => i64::from(given),
        };
        let replication_factor = usize::try_from(replication_factor)
            .ok()
            .filter(|&given| given > 0)
            .ok_or_else(|| {
                let message =
                    "Replication factor must be larger than 0, or -1 to use the default value.";
                Refusal::new(ErrorCode::InvalidReplicationFactor, message)
            })?;
        let count = match topic.num_partitions {
            -1 => self.default_partitions,
            given => i64::from(given),
        };
        let count = usize::try_from(count)
            .ok()
            .filter(|&given| given > 0)
            .ok_or_else(|| {
                let message = "Number of partitions was set to an invalid non-positive value.";
                Refusal::new(ErrorCode::InvalidPartitions, message)
            })?;
        let start = self.entropy.number();
        automatic(
            self.context.image,
            &self.placer,
            count,
            replication_factor,
            start,
        )
    }

    fn result_configs(&self, own: &ConfigMap) -> Vec<CreatableTopicConfigs> {
        if own.is_empty() {
            self.default_configs.clone()
        } else {
            effective_configs(self.context, own)
        }
    }

    fn record(
        &mut self,
        topic: &CreatableTopic,
        id: Uuid,
        configs: &ConfigMap,
        partitions: &[Partition],
    ) {
        let head = TopicRecord {
            name: Arc::clone(&topic.name),
            topic_id: id,
        };
        let configs = configs.iter().map(|(name, value)| ConfigRecord {
            resource_type: ResourceKind::Topic.code(),
            resource_name: Arc::clone(&topic.name),
            name: Arc::clone(name),
            value: Some(Arc::clone(value)),
        });
        let partitions = (0..)
            .zip(partitions)
            .map(|(index, p)| p.to_record(id, index));
        self.records.push(head.into());
        self.records.extend(configs.map(MetadataRecord::from));
        self.records.extend(partitions.map(MetadataRecord::from));
    }
}

/// What holds for a topic with these settings of its own, as the response shows it.
fn effective_configs(context: Context<'_>, own: &ConfigMap) -> Vec<CreatableTopicConfigs> {
    let shown = |entry: ConfigEntry| CreatableTopicConfigs {
        name: entry.name.into(),
        value: entry.value.map(Into::into),
        read_only: entry.read_only,
        config_source: entry.source.code(),
        is_sensitive: entry.sensitive,
    };
    let entries = context.with_layers(|layers| describe_topic(own, layers));
    entries.into_iter().map(shown).collect()
}
