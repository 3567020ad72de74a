//! Being a member of a group by the classic protocol: joining, sharing out, staying, leaving.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use millrace_types::{ErrorCode, TopicPartition};
use millrace_wire::messages::consumer_protocol_assignment::{
    ConsumerProtocolAssignment, TopicPartition as AssignedTopic,
};
use millrace_wire::messages::consumer_protocol_subscription::ConsumerProtocolSubscription;
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use millrace_wire::messages::join_group_response::JoinGroupResponse;
use millrace_wire::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use millrace_wire::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};
use millrace_wire::messages::sync_group_response::SyncGroupResponse;
use millrace_wire::{Decoder, Message, Request};

use crate::admin::assigned_partitions;
use crate::cluster::Client;
use crate::consumer::assignor::{Assignment, Assignor, Wishes};
use crate::consumer::options::GroupOptions;
use crate::error::ClientError;
use crate::routing::CoordinatorKind;

const PROTOCOL_TYPE: &str = "consumer";
/// Of subscriptions and assignments; every client reads it.
const PAYLOAD_VERSION: i16 = 1;

/// A place in a generation of the group.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) member: Arc<str>,
    pub(crate) generation: i32,
    pub(crate) assigned: Vec<TopicPartition>,
}

/// Joins, or joins again under the same id, until the group agrees.
pub(crate) async fn join(
    client: &Client,
    options: &GroupOptions,
    member: &mut Arc<str>,
) -> Result<Membership, ClientError> {
    loop {
        let joined = match join_once(client, options, member).await {
            Ok(joined) => joined,
            Err(error) if starts_over(&error, member) => continue,
            Err(error) => return Err(error),
        };
        *member = Arc::clone(&joined.member_id);
        let shares = if joined.leader == joined.member_id && !joined.skip_assignment {
            share_out(client, &joined).await?
        } else {
            Assignment::new()
        };
        match sync(client, options, &joined, shares).await {
            Ok(assigned) => {
                return Ok(Membership {
                    member: joined.member_id,
                    generation: joined.generation_id,
                    assigned,
                });
            }
            Err(error) if starts_over(&error, member) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether another round may work, and with which id.
fn starts_over(error: &ClientError, member: &mut Arc<str>) -> bool {
    match error.code() {
        Some(ErrorCode::UnknownMemberId) => {
            *member = Arc::default();
            true
        }
        Some(ErrorCode::RebalanceInProgress | ErrorCode::IllegalGeneration) => true,
        _ => false,
    }
}

async fn join_once(
    client: &Client,
    options: &GroupOptions,
    member: &mut Arc<str>,
) -> Result<JoinGroupResponse, ClientError> {
    let subscription = payload(&ConsumerProtocolSubscription {
        topics: options.topics.clone(),
        ..ConsumerProtocolSubscription::default()
    })?;
    let protocols = options
        .assignors
        .iter()
        .map(|assignor| JoinGroupRequestProtocol {
            name: assignor.name().into(),
            metadata: subscription.clone(),
        });
    let mut request = JoinGroupRequest {
        group_id: Arc::clone(&options.group),
        session_timeout_ms: millis(options.session_timeout),
        rebalance_timeout_ms: millis(options.rebalance_timeout),
        member_id: Arc::clone(member),
        group_instance_id: options.instance.clone(),
        protocol_type: PROTOCOL_TYPE.into(),
        protocols: protocols.collect(),
        reason: None,
    };
    loop {
        let answer = patiently(
            client,
            options,
            &request,
            |answer| match ErrorCode::from_code(answer.error_code) {
                ErrorCode::MemberIdRequired => Ok(()),
                _ => ClientError::check(answer.error_code, None),
            },
        )
        .await?;
        if answer.error_code == ErrorCode::None.code() {
            return Ok(answer);
        }
        // The broker gave out an id, to come back with.
        *member = Arc::clone(&answer.member_id);
        request.member_id = answer.member_id;
    }
}

/// A call that the coordinator answers when the other members have made theirs.
async fn patiently<R: Request>(
    client: &Client,
    options: &GroupOptions,
    request: &R,
    check: impl Fn(&R::Response) -> Result<(), ClientError>,
) -> Result<R::Response, ClientError> {
    client
        .retrying(|| async {
            let kind = CoordinatorKind::Group;
            let node = client.find_coordinator(kind, &options.group).await?;
            let patience = options.rebalance_timeout;
            let answer = client.call_node(node, request, patience).await?;
            check(&answer)?;
            Ok(answer)
        })
        .await
}

/// The leader's work: everybody's wishes in, everybody's partitions out.
async fn share_out(client: &Client, joined: &JoinGroupResponse) -> Result<Assignment, ClientError> {
    let mut wishes = Wishes::new();
    let mut partitions = BTreeMap::new();
    for member in &joined.members {
        let topics = subscribed_topics(member.metadata.clone()).unwrap_or_default();
        for name in &topics {
            if partitions.contains_key(name) {
                continue;
            }
            // A topic that is not there yet has nothing to share out.
            let count = match client.topic_now(name, false).await {
                Ok(topic) => i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX),
                Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => 0,
                Err(error) => return Err(error),
            };
            partitions.insert(Arc::clone(name), count);
        }
        wishes.insert(Arc::clone(&member.member_id), topics);
    }
    let chosen = joined.protocol_name.as_deref().unwrap_or_default();
    let assignor = Assignor::ALL.into_iter().find(|a| a.name() == chosen);
    Ok(assignor
        .unwrap_or(Assignor::Range)
        .assign(&wishes, &partitions))
}

async fn sync(
    client: &Client,
    options: &GroupOptions,
    joined: &JoinGroupResponse,
    shares: Assignment,
) -> Result<Vec<TopicPartition>, ClientError> {
    let mut assignments = Vec::with_capacity(shares.len());
    for (member_id, partitions) in shares {
        assignments.push(SyncGroupRequestAssignment {
            member_id,
            assignment: payload(&assignment_message(partitions))?,
        });
    }
    let request = SyncGroupRequest {
        group_id: Arc::clone(&options.group),
        generation_id: joined.generation_id,
        member_id: Arc::clone(&joined.member_id),
        group_instance_id: options.instance.clone(),
        protocol_type: Some(PROTOCOL_TYPE.into()),
        protocol_name: joined.protocol_name.clone(),
        assignments,
    };
    let check = |answer: &SyncGroupResponse| ClientError::check(answer.error_code, None);
    let answer = patiently(client, options, &request, check).await?;
    Ok(assigned_partitions(answer.assignment).unwrap_or_default())
}

/// One sign of life.
pub(crate) async fn heartbeat(
    client: &Client,
    options: &GroupOptions,
    membership: &Membership,
) -> Result<(), ClientError> {
    let request = HeartbeatRequest {
        group_id: Arc::clone(&options.group),
        generation_id: membership.generation,
        member_id: Arc::clone(&membership.member),
        group_instance_id: options.instance.clone(),
    };
    let kind = CoordinatorKind::Group;
    let answer = client
        .call_coordinator(kind, &options.group, &request, |r| r.error_code)
        .await?;
    ClientError::check(answer.error_code, None)
}

/// Tells the group, so that it need not wait for the session to end. A static member stays.
pub(crate) async fn leave(
    client: &Client,
    options: &GroupOptions,
    membership: &Membership,
) -> Result<(), ClientError> {
    if options.instance.is_some() {
        return Ok(());
    }
    let request = LeaveGroupRequest {
        group_id: Arc::clone(&options.group),
        members: vec![MemberIdentity {
            member_id: Arc::clone(&membership.member),
            ..MemberIdentity::default()
        }],
        ..LeaveGroupRequest::default()
    };
    let kind = CoordinatorKind::Group;
    let answer = client
        .call_coordinator(kind, &options.group, &request, |r| r.error_code)
        .await?;
    ClientError::check(answer.error_code, None)
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

/// What members send each other through the broker: a version, then the message.
fn payload<M: Message>(message: &M) -> Result<Bytes, ClientError> {
    let body = message.to_bytes(PAYLOAD_VERSION);
    let body = body.map_err(|error| ClientError::Unwritable {
        reason: error.to_string(),
    })?;
    let mut bytes = BytesMut::with_capacity(size_of::<i16>() + body.len());
    bytes.put_i16(PAYLOAD_VERSION);
    bytes.put(body);
    Ok(bytes.freeze())
}

fn subscribed_topics(bytes: Bytes) -> Option<Vec<Arc<str>>> {
    let mut decoder = Decoder::new(bytes);
    let newest = ConsumerProtocolSubscription::VERSIONS.max;
    let version = decoder.int16().ok()?.clamp(0, newest);
    let subscription = ConsumerProtocolSubscription::decode(&mut decoder, version).ok()?;
    Some(subscription.topics)
}

fn assignment_message(partitions: Vec<TopicPartition>) -> ConsumerProtocolAssignment {
    let mut topics: BTreeMap<Arc<str>, Vec<i32>> = BTreeMap::new();
    for at in partitions {
        topics.entry(at.topic).or_default().push(at.partition);
    }
    let topics = topics.into_iter();
    ConsumerProtocolAssignment {
        assigned_partitions: topics
            .map(|(topic, partitions)| AssignedTopic { topic, partitions })
            .collect(),
        user_data: None,
    }
}
