//! ElectLeaders, and the same for partitions that drifted away from their preferred leader.

use std::collections::BTreeSet;
use std::sync::Arc;

use millrace_types::{ErrorCode, PartitionIndex, Uuid};
use millrace_wire::messages::elect_leaders_request::ElectLeadersRequest;
use millrace_wire::messages::elect_leaders_response::{
    ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;

use crate::control::context::Context;
use crate::control::decision::{Decision, Refusal};
use crate::control::election::{Election, Wish};
use crate::control::leaders::elections::Elections;
use crate::image::partition::Partition;
use crate::image::topics::Topic;
use crate::record::MetadataRecord;

/// Decides ElectLeaders. Asked for all partitions, it leaves out those with nothing to elect.
pub fn elect_leaders(
    context: Context<'_>,
    request: &ElectLeadersRequest,
) -> Decision<ElectLeadersResponse> {
    let election = match request.election_type {
        0 => Election::Preferred,
        1 => Election::Unclean,
        _ => {
            return Decision::answer(ElectLeadersResponse {
                error_code: ErrorCode::InvalidRequest.code(),
                ..ElectLeadersResponse::default()
            });
        }
    };
    let mut ballot = Ballot {
        elections: Elections::new(context),
        election,
        elected: BTreeSet::new(),
        records: Vec::new(),
    };
    let mut results = Vec::new();
    if let Some(asked) = &request.topic_partitions {
        for wanted in asked {
            let topic = context.image.topics.get(&wanted.topic);
            let indexes = wanted.partitions.iter();
            let elected = indexes.map(|&index| result(index, ballot.elect(topic, index)));
            results.push(topic_result(&wanted.topic, elected.collect()));
        }
    } else {
        for topic in context.image.topics.iter() {
            let outcomes = topic
                .indexed()
                .map(|(index, _)| (index, ballot.elect(Some(topic), index)));
            let needed = outcomes.filter(|(_, outcome)| !is_not_needed(outcome));
            let elected: Vec<_> = needed
                .map(|(index, outcome)| result(index, outcome))
                .collect();
            if !elected.is_empty() {
                results.push(topic_result(&topic.name, elected));
            }
        }
    }
    Decision {
        records: ballot.records,
        response: ElectLeadersResponse {
            replica_election_results: results,
            ..ElectLeadersResponse::default()
        },
    }
}

/// Gives leadership back to preferred leaders that are in sync again, at most `limit` at once: each
/// one makes its clients look for the new leader. The response says whether there may be more.
pub fn balance_leaders(context: Context<'_>, limit: usize) -> Decision<bool> {
    let elections = Elections::new(context);
    let partitions = context.image.topics.iter().flat_map(|topic| {
        topic
            .indexed()
            .map(move |(index, partition)| (topic, index, partition))
    });
    let changes = partitions.filter_map(|(topic, index, partition)| {
        let preferred = partition.preferred_leader()?;
        let drifted = partition.leader.is_some_and(|leader| leader != preferred);
        (drifted && partition.isr.contains(&preferred)).then_some(())?;
        let wish = Wish::of(partition);
        elections.change(topic, index, partition, wish, Some(Election::Preferred))
    });
    let records: Vec<_> = changes.take(limit).map(MetadataRecord::from).collect();
    Decision {
        response: records.len() == limit,
        records,
    }
}

struct Ballot<'a> {
    elections: Elections<'a>,
    election: Election,
    /// What was elected already: a client may name a partition twice.
    elected: BTreeSet<(Uuid, PartitionIndex)>,
    records: Vec<MetadataRecord>,
}

impl Ballot<'_> {
    fn elect(&mut self, topic: Option<&Arc<Topic>>, index: PartitionIndex) -> Result<(), Refusal> {
        let unknown = || {
            let message = "This server does not host this topic-partition.";
            Refusal::new(ErrorCode::UnknownTopicOrPartition, message)
        };
        let topic = topic.ok_or_else(unknown)?;
        let partition = topic.partition(index).ok_or_else(unknown)?;
        let (not_needed, unavailable) = match self.election {
            Election::Preferred => (
                partition.leader == partition.preferred_leader(),
                ErrorCode::PreferredLeaderNotAvailable,
            ),
            _ => (
                partition.leader.is_some(),
                ErrorCode::EligibleLeadersNotAvailable,
            ),
        };
        if not_needed || self.elected.contains(&(topic.id, index)) {
            let message = "Leader election not needed for topic partition.";
            return Err(Refusal::new(ErrorCode::ElectionNotNeeded, message));
        }
        let elected = self.change(topic, index, partition).ok_or_else(|| {
            Refusal::new(unavailable, "No replica that may be elected is available.")
        })?;
        self.elected.insert((topic.id, index));
        self.records.push(elected.into());
        Ok(())
    }

    fn change(
        &self,
        topic: &Topic,
        index: PartitionIndex,
        partition: &Partition,
    ) -> Option<PartitionChangeRecord> {
        let wish = Wish::of(partition);
        self.elections
            .change(topic, index, partition, wish, Some(self.election))
    }
}

fn is_not_needed(outcome: &Result<(), Refusal>) -> bool {
    matches!(outcome, Err(refusal) if refusal.error == ErrorCode::ElectionNotNeeded)
}

fn result(index: PartitionIndex, outcome: Result<(), Refusal>) -> PartitionResult {
    let (error, message) = Refusal::reply(outcome.err().as_ref());
    PartitionResult {
        partition_id: index,
        error_code: error,
        error_message: message,
    }
}

fn topic_result(topic: &Arc<str>, partitions: Vec<PartitionResult>) -> ReplicaElectionResult {
    ReplicaElectionResult {
        topic: Arc::clone(topic),
        partition_result: partitions,
    }
}
