//! BrokerHeartbeat: a broker says what it wants, and is told what it is. A broker that wants to go
//! first hands over its partitions, and goes when the others have heard of it.

use millrace_types::NodeId;
use millrace_wire::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use millrace_wire::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use millrace_wire::records::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;

use crate::control::brokers::registered::{SHUTTING_DOWN, UNFENCE, fenced, registration_change};
use crate::control::context::Context;
use crate::control::decision::Decision;
use crate::control::leaders::{leaderless, leaving, with_consequences};
use crate::image::MetadataImage;
use crate::image::brokers::Broker;
use crate::record::MetadataRecord;

/// What a heartbeat does to a broker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Stay,
    Fence,
    Unfence,
    StartShutdown,
    ShutDownNow,
}

/// Decides BrokerHeartbeat. `others_caught_up` says whether the other active brokers have seen
/// every record that took leadership away from this one.
pub fn broker_heartbeat(
    context: Context<'_>,
    request: &BrokerHeartbeatRequest,
    others_caught_up: bool,
) -> Decision<BrokerHeartbeatResponse> {
    let broker = match context.sender(request.broker_id, request.broker_epoch) {
        Ok(broker) => broker,
        Err(error) => {
            return Decision::answer(BrokerHeartbeatResponse {
                error_code: error.code(),
                ..BrokerHeartbeatResponse::default()
            });
        }
    };
    // A broker has caught up once it has seen its own registration.
    let caught_up = request.current_metadata_offset >= broker.epoch;
    let step = step(
        context.image,
        broker,
        request,
        caught_up && others_caught_up,
    );
    let is_fenced = match step {
        Step::Fence | Step::ShutDownNow => true,
        Step::Unfence => false,
        Step::Stay | Step::StartShutdown => broker.fenced,
    };
    Decision {
        records: records(context, broker, step),
        response: BrokerHeartbeatResponse {
            is_caught_up: caught_up,
            is_fenced,
            should_shut_down: step == Step::ShutDownNow,
            ..BrokerHeartbeatResponse::default()
        },
    }
}

fn step(
    image: &MetadataImage,
    broker: &Broker,
    request: &BrokerHeartbeatRequest,
    all_caught_up: bool,
) -> Step {
    let caught_up = request.current_metadata_offset >= broker.epoch;
    if broker.fenced {
        return match (request.want_shut_down, request.want_fence) {
            (true, _) => Step::ShutDownNow,
            (false, false) if caught_up => Step::Unfence,
            _ => Step::Stay,
        };
    }
    if request.want_fence {
        return if request.want_shut_down {
            Step::ShutDownNow
        } else {
            Step::Fence
        };
    }
    if broker.shutting_down {
        let done = all_caught_up && !leads_anything(image, broker.id);
        return if done { Step::ShutDownNow } else { Step::Stay };
    }
    if request.want_shut_down {
        Step::StartShutdown
    } else {
        Step::Stay
    }
}

fn leads_anything(image: &MetadataImage, node: NodeId) -> bool {
    let mut partitions = image.topics.iter().flat_map(|topic| &topic.partitions);
    partitions.any(|partition| partition.leader == Some(node))
}

fn records(context: Context<'_>, broker: &Broker, step: Step) -> Vec<MetadataRecord> {
    let change = registration_change(broker);
    match step {
        Step::Stay => Vec::new(),
        Step::ShutDownNow if broker.fenced => Vec::new(),
        Step::Fence | Step::ShutDownNow => fenced(context, broker),
        Step::Unfence => {
            let record = BrokerRegistrationChangeRecord {
                fenced: UNFENCE,
                ..change
            };
            with_consequences(context, vec![record.into()], leaderless)
        }
        Step::StartShutdown => {
            let record = BrokerRegistrationChangeRecord {
                in_controlled_shutdown: SHUTTING_DOWN,
                ..change
            };
            with_consequences(context, vec![record.into()], leaving(broker.id))
        }
    }
}
