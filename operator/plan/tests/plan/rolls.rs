//! Random fleets, failures and orders of events: no roll takes what cannot be spared, and every roll
//! ends.

use millrace_model::UnavailablePartitions;
use millrace_plan::roll::{Partition, PodState};
use proptest::prelude::*;

use crate::world::{Broker, Event, Mishap, World, id};

fn events() -> impl Strategy<Value = Vec<Event>> {
    let mishap = prop_oneof![
        6 => Just(Mishap::None),
        1 => Just(Mishap::FleetUnobserved),
        1 => Just(Mishap::OldPods),
        1 => Just(Mishap::KilledBeforeDeleting),
    ];
    let broker = || 0_usize..64;
    let event = prop_oneof![
        8 => mishap.prop_map(Event::Pass),
        8 => broker().prop_map(Event::Step),
        6 => broker().prop_map(Event::CatchUp),
        1 => broker().prop_map(Event::Crash),
        1 => (broker(), 0_usize..8).prop_map(|(broker, partition)| Event::FallBehind(broker, partition)),
        1 => prop_oneof![3 => Just(true), 1 => Just(false)].prop_map(|works| Event::Change { works }),
        1 => Just(Event::Revert),
        1 => broker().prop_map(Event::Unplaceable),
    ];
    proptest::collection::vec(event, 0..120)
}

fn world() -> impl Strategy<Value = World> {
    let broker = proptest::option::of(0_usize..3);
    let brokers = proptest::collection::vec(broker, 1..7);
    let partition = (0_usize..64, 1_usize..5, 1_usize..4);
    let partitions = proptest::collection::vec(partition, 0..8);
    (brokers, partitions, any::<bool>()).prop_map(|(racks, partitions, wait)| {
        let count = racks.len();
        let broker = |rack| Broker {
            pod: PodState::Ready,
            uid: 0,
            revision: 0,
            rack,
            taken: false,
        };
        let partition = |(index, (first, replicas, min_isr)): (i32, (usize, usize, usize))| {
            let replicas: Vec<_> = (first..first + replicas.min(count))
                .map(|at| id(at % count))
                .collect();
            Partition {
                topic: "t".into(),
                index,
                isr: replicas.clone(),
                replicas,
                min_isr,
            }
        };
        World {
            brokers: racks.into_iter().map(broker).collect(),
            partitions: (0..).zip(partitions).map(partition).collect(),
            policy: if wait {
                UnavailablePartitions::Wait
            } else {
                UnavailablePartitions::Allow
            },
            revisions: vec![true, true],
            wanted: 1,
            status: None,
            seen: Vec::new(),
        }
    })
}

proptest! {
    #[test]
    fn no_roll_takes_what_cannot_be_spared_and_every_roll_ends(mut world in world(), events in events()) {
        for event in &events {
            world.apply(event);
        }
        world.heal();
    }
}
