//! Placement under any fleet.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

fn brokers(racks: &[Option<u8>], fenced: &[bool]) -> Brokers {
    let mut brokers = Brokers::default();
    for ((id, rack), fenced) in (0..).zip(racks).zip(fenced) {
        brokers.insert(Broker {
            id: NodeId(id),
            epoch: 1,
            incarnation: millrace_types::Uuid::ZERO,
            endpoints: Vec::new(),
            features: BTreeMap::new(),
            rack: rack.map(|rack| format!("rack-{rack}").into()),
            fenced: *fenced,
            shutting_down: false,
            log_dirs: Vec::new(),
        });
    }
    brokers
}

fn fleet() -> impl Strategy<Value = (Vec<Option<u8>>, Vec<bool>)> {
    proptest::collection::vec(
        (proptest::option::of(0..4_u8), proptest::bool::weighted(0.2)),
        1..12,
    )
    .prop_map(|brokers| brokers.into_iter().unzip())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replicas_are_spread_over_brokers_and_racks(
        (racks, fenced) in fleet(),
        wanted in 1..6_usize,
        partitions in 1..60_usize,
        start in any::<usize>(),
    ) {
        let brokers = brokers(&racks, &fenced);
        let active = fenced.iter().filter(|fenced| !**fenced).count();
        let placed = Placer::new(&brokers).place(partitions, wanted, start);
        if wanted > racks.len() {
            let registered = racks.len();
            prop_assert_eq!(placed, Err(PlacementError::TooFewBrokers { wanted, registered }));
            return Ok(());
        }
        if active == 0 {
            prop_assert_eq!(placed, Err(PlacementError::NoActiveBroker));
            return Ok(());
        }
        let placed = placed.unwrap();
        prop_assert_eq!(placed.len(), partitions);
        let rack_of = |node: &NodeId| brokers.get(*node).unwrap().rack.clone();
        let is_active = |node: &&NodeId| brokers.is_active(**node);
        let active_racks: BTreeSet<_> =
            brokers.iter().filter(|broker| !broker.fenced).map(|broker| broker.rack.clone()).collect();
        let mut led = BTreeMap::new();
        for replicas in &placed {
            prop_assert_eq!(replicas.len(), wanted);
            prop_assert_eq!(replicas.iter().collect::<BTreeSet<_>>().len(), wanted);
            prop_assert!(is_active(&&replicas[0]));
            prop_assert_eq!(replicas.iter().filter(is_active).count(), wanted.min(active));
            let used: BTreeSet<_> = replicas.iter().filter(is_active).map(rack_of).collect();
            prop_assert_eq!(used.len(), wanted.min(active_racks.len()));
            *led.entry(replicas[0]).or_insert(0) += 1;
        }
        let most = led.values().max().unwrap();
        prop_assert!(*most <= partitions.div_ceil(active), "{:?}", led);
    }
}

#[test]
fn followers_of_one_leader_differ_from_round_to_round() {
    let brokers = brokers(&[None; 4], &[false; 4]);
    let placed = Placer::new(&brokers).place(12, 2, 0).unwrap();
    let followers: BTreeSet<_> = placed
        .iter()
        .filter(|replicas| replicas[0] == NodeId(0))
        .map(|replicas| replicas[1])
        .collect();
    assert_eq!(followers.len(), 3);
}
