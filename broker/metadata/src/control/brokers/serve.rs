//! A broker that registers with the controller in its own process: it has caught up the moment that
//! it is registered, so both are decided together.

use std::collections::HashMap;

use millrace_types::{PartitionIndex, Uuid};
use millrace_wire::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use millrace_wire::messages::broker_registration_request::BrokerRegistrationRequest;
use millrace_wire::messages::broker_registration_response::BrokerRegistrationResponse;
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;

use crate::control::brokers::heartbeat::broker_heartbeat;
use crate::control::brokers::register::register_broker;
use crate::control::context::Context;
use crate::control::decision::Decision;
use crate::image::partition::{LEADER_UNCHANGED, RECOVERY_UNCHANGED};
use crate::record::MetadataRecord;

/// Decides a registration and the unfencing that follows it. A partition that only this broker can
/// lead gets one new leader epoch, which fences what the earlier process led, not two.
pub fn register_serving_broker(
    context: Context<'_>,
    request: &BrokerRegistrationRequest,
    next_epoch: i64,
) -> Decision<BrokerRegistrationResponse> {
    let registered = register_broker(context, request, next_epoch, false);
    if registered.response.error_code != 0 {
        return registered;
    }
    let mut records = registered.records;
    let applied = context.image.apply(&records);
    let (image, _) = applied.expect("records that were just decided fit the image");
    let heartbeat = BrokerHeartbeatRequest {
        broker_id: request.broker_id,
        broker_epoch: registered.response.broker_epoch,
        // It acts on all metadata there is: the registration is published before it is answered.
        current_metadata_offset: i64::MAX,
        want_fence: false,
        ..BrokerHeartbeatRequest::default()
    };
    let context = Context {
        image: &image,
        ..context
    };
    records.extend(broker_heartbeat(context, &heartbeat, true).records);
    Decision {
        records: joined(records),
        response: registered.response,
    }
}

/// The same records, with all changes of one partition as one.
fn joined(records: Vec<MetadataRecord>) -> Vec<MetadataRecord> {
    let mut places: HashMap<(Uuid, PartitionIndex), usize> = HashMap::new();
    let mut changes: Vec<PartitionChangeRecord> = Vec::new();
    let mut joined = Vec::with_capacity(records.len());
    for record in records {
        let MetadataRecord::PartitionChange(change) = record else {
            joined.push(record);
            continue;
        };
        let place = (change.topic_id, change.partition_id);
        if let Some(&at) = places.get(&place) {
            join(&mut changes[at], change);
        } else {
            places.insert(place, changes.len());
            changes.push(change);
        }
    }
    joined.extend(changes.into_iter().map(MetadataRecord::from));
    joined
}

/// What the second says beats what the first one says.
fn join(first: &mut PartitionChangeRecord, second: PartitionChangeRecord) {
    fn take<T>(first: &mut Option<T>, second: Option<T>) {
        if second.is_some() {
            *first = second;
        }
    }
    take(&mut first.replicas, second.replicas);
    take(&mut first.directories, second.directories);
    take(&mut first.isr, second.isr);
    take(
        &mut first.eligible_leader_replicas,
        second.eligible_leader_replicas,
    );
    take(&mut first.last_known_elr, second.last_known_elr);
    take(&mut first.adding_replicas, second.adding_replicas);
    take(&mut first.removing_replicas, second.removing_replicas);
    if second.leader != LEADER_UNCHANGED {
        first.leader = second.leader;
    }
    if second.leader_recovery_state != RECOVERY_UNCHANGED {
        first.leader_recovery_state = second.leader_recovery_state;
    }
}
