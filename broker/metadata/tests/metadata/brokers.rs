//! A broker's life: registration, catching up, an orderly end, a sudden end, a new beginning.

use millrace_metadata::control::Decision;
use millrace_metadata::control::brokers::{
    broker_heartbeat, fence_broker, register_broker, register_serving_broker, unregister_broker,
};
use millrace_metadata::control::producer_ids::{PRODUCER_ID_BLOCK, allocate_producer_ids};
use millrace_metadata::control::sessions::Sessions;
use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use millrace_wire::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use millrace_wire::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use millrace_wire::messages::broker_registration_request::BrokerRegistrationRequest;
use millrace_wire::messages::unregister_broker_request::UnregisterBrokerRequest;

use crate::fleet::{ELR, Fleet, broker_record, feature, id, registration};

fn register(fleet: &mut Fleet, request: &BrokerRegistrationRequest, epoch: i64) -> ErrorCode {
    let decision = register_broker(fleet.context(), request, epoch, false);
    ErrorCode::from_code(fleet.commit(decision).error_code)
}

fn heartbeat(fleet: &mut Fleet, request: &BrokerHeartbeatRequest) -> BrokerHeartbeatResponse {
    let decision = broker_heartbeat(fleet.context(), request, true);
    fleet.commit(decision)
}

/// From a broker that has caught up and wants nothing.
fn content(broker: i32, epoch: i64) -> BrokerHeartbeatRequest {
    BrokerHeartbeatRequest {
        broker_id: broker,
        broker_epoch: epoch,
        current_metadata_offset: epoch,
        ..BrokerHeartbeatRequest::default()
    }
}

/// Leader, in-sync replicas and leader epoch of the only partition of `t`.
fn partition(fleet: &Fleet) -> (Option<i32>, Vec<i32>, i32) {
    let partition = fleet.image.topics.partition("t", 0).unwrap();
    let isr = partition.isr.iter().map(|node| node.0).collect();
    (
        partition.leader.map(|node| node.0),
        isr,
        partition.leader_epoch,
    )
}

#[test]
fn registrations_that_cannot_be_served_are_refused() {
    let good = registration(5, id(1));
    let mut no_listener = good.clone();
    no_listener.listeners.clear();
    let mut twice_the_listener = good.clone();
    twice_the_listener.listeners.extend(good.listeners.clone());
    let mut no_directory = good.clone();
    no_directory.log_dirs.clear();
    let mut anothers_directory = good.clone();
    anothers_directory.log_dirs = registration(0, id(1)).log_dirs;
    let mut old_version = good.clone();
    old_version.features.retain(|feature| &*feature.name != ELR);
    let elsewhere = BrokerRegistrationRequest {
        cluster_id: "another".into(),
        ..good.clone()
    };
    let negative = BrokerRegistrationRequest {
        broker_id: -1,
        ..good.clone()
    };
    let mut fleet = Fleet::of_one();
    fleet.apply(&[feature(ELR, 1)]);
    for (request, expected) in [
        (good, ErrorCode::None),
        (no_listener, ErrorCode::InvalidRegistration),
        (twice_the_listener, ErrorCode::InvalidRegistration),
        (no_directory, ErrorCode::InvalidRegistration),
        (anothers_directory, ErrorCode::InvalidRegistration),
        (negative, ErrorCode::InvalidRegistration),
        (elsewhere, ErrorCode::InconsistentClusterId),
        (old_version, ErrorCode::UnsupportedVersion),
    ] {
        assert_eq!(register(&mut fleet, &request, 7), expected, "{request:?}");
    }
}

#[test]
fn no_process_takes_the_place_of_one_that_lives() {
    let mut fleet = Fleet::new(&[]);
    let first = registration(0, id(1));
    assert_eq!(register(&mut fleet, &first, 10), ErrorCode::None);
    for (incarnation, alive, expected) in [
        (2, true, ErrorCode::DuplicateBrokerRegistration),
        (1, true, ErrorCode::None),
        (2, false, ErrorCode::None),
    ] {
        let decision = register_broker(
            fleet.context(),
            &registration(0, id(incarnation)),
            11,
            alive,
        );
        assert_eq!(ErrorCode::from_code(decision.response.error_code), expected);
        let expected_epoch = match (expected, incarnation) {
            (ErrorCode::None, 1) => 10,
            (ErrorCode::None, _) => 11,
            _ => decision.response.broker_epoch,
        };
        assert_eq!(decision.response.broker_epoch, expected_epoch);
    }
}

/// What a restart of the only broker used to cost was two epochs of every partition.
#[test]
fn a_restarted_broker_leads_again_under_one_new_epoch() {
    for elr in [0, 1] {
        let mut fleet = Fleet::of_one();
        fleet.apply(&[feature(ELR, elr)]);
        fleet.create_on("t", &[0]);
        let next = registration(0, id(2));
        let decision = register_serving_broker(fleet.context(), &next, 20);
        assert_eq!(decision.records.len(), 3, "{:?}", decision.records);
        let mut step_by_step = fleet.copy();
        let told = fleet.commit(decision);
        assert_eq!((told.error_code, told.broker_epoch), (0, 20));
        assert_eq!(partition(&fleet), (Some(0), vec![0], 1));

        register(&mut step_by_step, &next, 20);
        heartbeat(&mut step_by_step, &content(0, 20));
        assert_eq!(partition(&step_by_step), (Some(0), vec![0], 2));
        let kept = |fleet: &Fleet| {
            let partition = fleet.image.topics.partition("t", 0).unwrap();
            (
                partition.elr.clone(),
                partition.last_known_elr.clone(),
                partition.recovery,
            )
        };
        assert_eq!(kept(&fleet), kept(&step_by_step));
        assert_eq!(fleet.image.brokers, step_by_step.image.brokers);
    }
}

#[test]
fn a_restarted_broker_leaves_to_others_what_they_can_lead() {
    let mut fleet = Fleet::new(&[None, None]);
    fleet.create_on("t", &[0, 1]);
    let decision = register_serving_broker(fleet.context(), &registration(0, id(2)), 20);
    fleet.commit(decision);
    assert_eq!(partition(&fleet), (Some(1), vec![1], 1));
}

#[test]
fn a_refused_registration_changes_nothing() {
    let fleet = Fleet::of_one();
    let mut elsewhere = registration(0, id(2));
    elsewhere.cluster_id = "another".into();
    let decision = register_serving_broker(fleet.context(), &elsewhere, 20);
    let error = ErrorCode::from_code(decision.response.error_code);
    assert_eq!(error, ErrorCode::InconsistentClusterId);
    assert_eq!(decision.records, []);
}

#[test]
fn a_broker_serves_once_it_has_read_its_own_registration() {
    let mut fleet = Fleet::new(&[]);
    register(&mut fleet, &registration(0, id(1)), 10);
    let behind = BrokerHeartbeatRequest {
        current_metadata_offset: 9,
        ..content(0, 10)
    };
    let told = heartbeat(&mut fleet, &behind);
    assert_eq!((told.is_caught_up, told.is_fenced), (false, true));
    let told = heartbeat(&mut fleet, &content(0, 10));
    assert_eq!((told.is_caught_up, told.is_fenced), (true, false));
    assert!(fleet.image.brokers.is_active(NodeId(0)));
    for stale in [content(0, 9), content(1, 10)] {
        let told = heartbeat(&mut fleet, &stale);
        assert_eq!(
            ErrorCode::from_code(told.error_code),
            ErrorCode::StaleBrokerEpoch
        );
    }
    let decision = broker_heartbeat(fleet.context(), &content(0, 10), true);
    assert_eq!(
        decision.records,
        [],
        "a heartbeat that changes nothing writes nothing"
    );
}

#[test]
fn an_orderly_end_hands_over_first() {
    let mut fleet = Fleet::new(&[None, None]);
    fleet.create("t", 1, 2);
    let (leader, _, epoch) = partition(&fleet);
    let leader = leader.unwrap();
    let leaving = BrokerHeartbeatRequest {
        want_shut_down: true,
        ..content(leader, 1)
    };
    let told = heartbeat(&mut fleet, &leaving);
    assert_eq!((told.is_fenced, told.should_shut_down), (false, false));
    assert_eq!(
        partition(&fleet),
        (Some(1 - leader), vec![1 - leader], epoch + 1)
    );
    let waiting = broker_heartbeat(fleet.context(), &leaving, false);
    assert!(
        !waiting.response.should_shut_down,
        "others still look for the old leader"
    );
    let told = heartbeat(&mut fleet, &leaving);
    assert_eq!((told.is_fenced, told.should_shut_down), (true, true));
}

#[test]
fn the_fleet_of_one_may_end_and_begin_again() {
    let mut fleet = Fleet::of_one();
    fleet.create("t", 1, 1);
    let leaving = BrokerHeartbeatRequest {
        want_shut_down: true,
        ..content(0, 1)
    };
    assert!(!heartbeat(&mut fleet, &leaving).should_shut_down);
    assert_eq!(partition(&fleet), (None, vec![0], 1));
    assert!(heartbeat(&mut fleet, &leaving).should_shut_down);
    register(&mut fleet, &registration(0, id(50)), 20);
    assert_eq!(partition(&fleet), (None, vec![0], 1));
    heartbeat(&mut fleet, &content(0, 20));
    assert_eq!(partition(&fleet), (Some(0), vec![0], 2));
}

#[test]
fn a_process_that_died_leads_again_only_when_it_has_caught_up() {
    let mut fleet = Fleet::of_one();
    fleet.create("t", 1, 1);
    register(&mut fleet, &registration(0, id(50)), 20);
    assert_eq!(partition(&fleet), (None, vec![0], 1));
    heartbeat(&mut fleet, &content(0, 20));
    assert_eq!(partition(&fleet), (Some(0), vec![0], 2));
}

#[test]
fn a_broker_that_is_silent_loses_what_it_led() {
    let mut fleet = Fleet::new(&[None, None]);
    fleet.create("t", 1, 2);
    let (leader, ..) = partition(&fleet);
    let node = NodeId(leader.unwrap());
    let mut sessions = Sessions::starting(&fleet.image, 9_000, 0);
    sessions.heard_of(NodeId(1 - node.0), 5, 8_000);
    let expired: Vec<_> = sessions.expired(&fleet.image, 9_000).collect();
    assert_eq!(expired, [node]);
    let records = fence_broker(fleet.context(), node);
    fleet.apply(&records);
    assert_eq!(partition(&fleet), (Some(1 - node.0), vec![1 - node.0], 1));
    assert_eq!(fence_broker(fleet.context(), node), []);
    assert_eq!(sessions.expired(&fleet.image, 9_000).count(), 0);
}

#[test]
fn only_an_orderly_end_keeps_the_trust_in_what_a_broker_holds() {
    for (previous_epoch, eligible) in [(1, true), (-1, false)] {
        let mut fleet = Fleet::new(&[None, None]).set("min.insync.replicas", "2");
        fleet.apply(&[feature(ELR, 1)]);
        fleet.create("t", 1, 2);
        let records = fence_broker(fleet.context(), NodeId(1));
        fleet.apply(&records);
        let request = BrokerRegistrationRequest {
            previous_broker_epoch: previous_epoch,
            ..registration(1, id(60))
        };
        register(&mut fleet, &request, 30);
        let partition = fleet.image.topics.partition("t", 0).unwrap();
        assert_eq!(partition.elr.contains(&NodeId(1)), eligible);
    }
}

#[test]
fn a_broker_that_is_unregistered_is_forgotten() {
    let mut fleet = Fleet::new(&[None, None]);
    fleet.create("t", 1, 2);
    let mut remove = |broker_id| {
        let request = UnregisterBrokerRequest { broker_id };
        let decision: Decision<_> = unregister_broker(fleet.context(), &request);
        ErrorCode::from_code(fleet.commit(decision).error_code)
    };
    assert_eq!(remove(0), ErrorCode::None);
    assert_eq!(remove(0), ErrorCode::BrokerIdNotRegistered);
    assert!(fleet.image.brokers.get(NodeId(0)).is_none());
    let (leader, isr, _) = partition(&fleet);
    assert_eq!((leader, isr), (Some(1), vec![1]));
}

#[test]
fn those_who_wait_for_the_others_wait_for_all_that_are_active() {
    let mut fleet = Fleet::new(&[None, None, None]);
    let mut sessions = Sessions::starting(&fleet.image, 1_000, 0);
    assert!(
        !sessions.others_caught_up(&fleet.image, NodeId(0)),
        "nothing was handed over"
    );
    sessions.handed_over(NodeId(0), 50);
    let mut leaving = broker_record(0, None);
    if let millrace_metadata::MetadataRecord::RegisterBroker(record) = &mut leaving {
        record.in_controlled_shutdown = true;
    }
    fleet.apply(&[leaving]);
    sessions.heard_of(NodeId(1), 50, 1);
    assert!(!sessions.others_caught_up(&fleet.image, NodeId(0)));
    sessions.heard_of(NodeId(2), 51, 1);
    assert!(sessions.others_caught_up(&fleet.image, NodeId(0)));
}

#[test]
fn blocks_of_producer_ids_never_overlap() {
    let mut fleet = Fleet::of_one();
    for (broker_epoch, expected) in [
        (1, Some(0)),
        (0, None),
        (1, Some(i64::from(PRODUCER_ID_BLOCK))),
    ] {
        let request = AllocateProducerIdsRequest {
            broker_id: 0,
            broker_epoch,
        };
        let decision = allocate_producer_ids(fleet.context(), &request);
        let block = fleet.commit(decision);
        match expected {
            Some(start) => assert_eq!((block.error_code, block.producer_id_start), (0, start)),
            None => assert_eq!(block.error_code, ErrorCode::StaleBrokerEpoch.code()),
        }
    }
}
