//! CreatePartitions: a topic grows, one result for every topic of the request.

use std::collections::HashMap;
use std::sync::Arc;

use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use millrace_wire::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};

use crate::control::assignment::{automatic, manual};
use crate::control::context::{Context, Entropy};
use crate::control::decision::{
    Decision, MAX_PARTITIONS_PER_REQUEST, Refusal, TOO_MANY_PARTITIONS,
};
use crate::control::placement::Placer;
use crate::image::partition::Partition;
use crate::image::topics::Topic;
use crate::record::MetadataRecord;

/// Decides CreatePartitions. A name that the request has twice is answered once, and refused.
pub fn create_partitions(
    context: Context<'_>,
    request: &CreatePartitionsRequest,
    entropy: &mut dyn Entropy,
) -> Decision<CreatePartitionsResponse> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for topic in &request.topics {
        *times.entry(&topic.name).or_default() += 1;
    }
    let mut growth = Growth {
        context,
        placer: Placer::new(&context.image.brokers),
        room: MAX_PARTITIONS_PER_REQUEST,
        records: Vec::new(),
    };
    let mut results = Vec::new();
    for topic in &request.topics {
        let grown = match times.remove(&*topic.name) {
            Some(1) => growth.grow(topic, entropy),
            Some(_) => Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "Duplicate topic name.",
            )),
            None => continue,
        };
        let (error, message) = Refusal::reply(grown.err().as_ref());
        results.push(CreatePartitionsTopicResult {
            name: Arc::clone(&topic.name),
            error_code: error,
            error_message: message,
        });
    }
    Decision {
        records: if request.validate_only {
            Vec::new()
        } else {
            growth.records
        },
        response: CreatePartitionsResponse {
            results,
            ..CreatePartitionsResponse::default()
        },
    }
}

struct Growth<'a> {
    context: Context<'a>,
    placer: Placer<'a>,
    /// How many more partitions the request may make.
    room: usize,
    records: Vec<MetadataRecord>,
}

impl Growth<'_> {
    fn grow(
        &mut self,
        request: &CreatePartitionsTopic,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Refusal> {
        let topic = self
            .context
            .image
            .topics
            .get(&request.name)
            .ok_or_else(|| {
                let message = "This server does not host this topic-partition.";
                Refusal::new(ErrorCode::UnknownTopicOrPartition, message)
            })?;
        let additional = additional(topic, request.count)?;
        if additional > self.room {
            return Err(Refusal::new(
                ErrorCode::PolicyViolation,
                TOO_MANY_PARTITIONS,
            ));
        }
        let partitions = match &request.assignments {
            Some(assignments) => self.manual(topic, additional, assignments)?,
            None => self.automatic(topic, additional, entropy)?,
        };
        self.room -= additional;
        let indexes = (0..).skip(topic.partitions.len());
        let records = indexes
            .zip(&partitions)
            .map(|(index, p)| p.to_record(topic.id, index));
        self.records.extend(records.map(MetadataRecord::from));
        Ok(())
    }

    fn manual(
        &self,
        topic: &Topic,
        additional: usize,
        assignments: &[CreatePartitionsAssignment],
    ) -> Result<Vec<Partition>, Refusal> {
        if assignments.len() != additional {
            let message = format!(
                "Attempted to add {additional} additional partition(s), but only {} assignment(s) \
                 were specified.",
                assignments.len()
            );
            return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        let (image, replication_factor) = (self.context.image, topic.replication_factor());
        let indexes = topic.partitions.len()..;
        let partitions = indexes.zip(assignments).map(|(index, assignment)| {
            manual(
                image,
                index,
                &assignment.broker_ids,
                Some(replication_factor),
            )
        });
        partitions.collect()
    }

    /// Goes on where the last partition left off, so that leaders stay spread.
    fn automatic(
        &self,
        topic: &Topic,
        additional: usize,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<Partition>, Refusal> {
        let replication_factor = topic.replication_factor();
        let last = topic
            .partitions
            .last()
            .and_then(|last| last.preferred_leader());
        let start = match last.and_then(|leader: NodeId| self.placer.after(leader)) {
            Some(next) => next,
            None => entropy.number(),
        };
        automatic(
            self.context.image,
            &self.placer,
            additional,
            replication_factor,
            start,
        )
    }
}

fn additional(topic: &Topic, count: i32) -> Result<usize, Refusal> {
    let present = topic.partitions.len();
    let refuse = |message| Err(Refusal::new(ErrorCode::InvalidPartitions, message));
    match usize::try_from(count) {
        Ok(count) if count > present => Ok(count - present),
        Ok(count) if count == present => {
            refuse(format!("Topic already has {present} partition(s)."))
        }
        _ => refuse(format!(
            "The topic {} currently has {present} partition(s); {count} would not be an increase.",
            topic.name
        )),
    }
}
