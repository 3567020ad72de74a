//! Elections as tables of before and after.

use std::sync::Arc;

use super::*;
use crate::image::partition::{Nodes, nodes};

/// `replicas isr elr last leader`, such as `123 12 - - 1`.
fn partition(text: &str) -> Partition {
    let lists: Vec<Nodes> = text.split(' ').map(list).collect();
    let [replicas, isr, elr, last, leader] = &lists[..] else {
        panic!("five lists: {text}");
    };
    Partition {
        elr: elr.clone(),
        last_known_elr: last.clone(),
        leader: leader.first().copied(),
        ..Partition::new(replicas.clone(), Arc::default(), isr.clone())
    }
}

fn list(digits: &str) -> Nodes {
    let digits = digits.chars().filter_map(|digit| digit.to_digit(10));
    nodes(
        &digits
            .map(|digit| i32::try_from(digit).unwrap())
            .collect::<Vec<_>>(),
    )
}

fn show(partition: &Partition) -> String {
    let list = |nodes: &[NodeId]| match nodes {
        [] => "-".to_owned(),
        nodes => nodes.iter().map(ToString::to_string).collect(),
    };
    let leader: Vec<_> = partition.leader.into_iter().collect();
    let shown = [
        list(&partition.replicas),
        list(&partition.isr),
        list(&partition.elr),
        list(&partition.last_known_elr),
        list(&leader),
    ];
    let recovering = if partition.recovery == LeaderRecovery::Recovering {
        "!"
    } else {
        ""
    };
    shown.join(" ") + recovering
}

/// The partition after the wish, with `up` brokers able to lead, two in sync needed to acknowledge.
fn after(before: &Partition, wish: Wish, up: &str, tracks_elr: bool, election: Election) -> String {
    let up = list(up);
    let rules = Rules {
        election,
        is_eligible: &|node| up.contains(&node),
        min_isr: 2.min(before.replicas.len()),
        tracks_elr,
    };
    match change(Uuid::ZERO, 0, before, wish, &rules) {
        Some(record) => {
            let changed = before.changed(&record);
            assert_eq!(changed.partition_epoch, before.partition_epoch + 1);
            let moved = changed.leader != before.leader;
            assert_eq!(changed.leader_epoch, before.leader_epoch + i32::from(moved));
            show(&changed)
        }
        None => "unchanged".to_owned(),
    }
}

#[test]
fn a_broker_that_leaves_takes_no_acknowledged_record_with_it() {
    for (before, leaves, up, tracks_elr, election, expected) in [
        // Someone in sync takes over.
        (
            "123 123 - - 1",
            1,
            "23",
            false,
            Election::Clean,
            "123 23 - - 2",
        ),
        (
            "123 123 - - 1",
            3,
            "12",
            false,
            Election::Clean,
            "123 12 - - 1",
        ),
        // The last one in sync stays the only candidate.
        (
            "123 1 - - 1",
            1,
            "23",
            false,
            Election::Clean,
            "123 1 - - -",
        ),
        ("1 1 - - 1", 1, "", false, Election::Clean, "1 1 - - -"),
        (
            "123 1 - - 1",
            1,
            "23",
            false,
            Election::Unclean,
            "123 2 - - 2!",
        ),
        // With too few in sync nothing was acknowledged since: those that left may still lead.
        (
            "123 12 - - 1",
            2,
            "13",
            true,
            Election::Clean,
            "123 1 2 - 1",
        ),
        ("123 1 2 - 1", 1, "23", true, Election::Clean, "123 2 1 - 2"),
        ("123 1 2 - 1", 1, "3", true, Election::Clean, "123 - 21 1 -"),
        (
            "123 1 2 - 1",
            1,
            "3",
            true,
            Election::Unclean,
            "123 3 - - 3!",
        ),
        (
            "123 123 - - 1",
            1,
            "23",
            true,
            Election::Clean,
            "123 23 - - 2",
        ),
    ] {
        let before = partition(before);
        let wish = Wish::without(&before, NodeId(leaves));
        let outcome = after(&before, wish, up, tracks_elr, election);
        assert_eq!(outcome, expected, "{} loses {leaves}", show(&before));
    }
}

#[test]
fn a_broker_that_comes_back_leads_what_only_it_may_lead() {
    for (before, up, tracks_elr, election, expected) in [
        ("123 1 - - -", "1", false, Election::Clean, "123 1 - - 1"),
        ("123 1 - - -", "2", false, Election::Clean, "unchanged"),
        ("123 - 12 1 -", "2", true, Election::Clean, "123 2 1 - 2"),
        ("123 - 12 1 -", "3", true, Election::Clean, "unchanged"),
        // All were lost: the last leader knows most.
        ("123 - - 1 -", "12", true, Election::Clean, "123 1 - - 1!"),
        ("123 - - 1 -", "2", true, Election::Clean, "unchanged"),
        ("123 - - 1 -", "2", true, Election::Unclean, "123 2 - - 2!"),
        // Enough in sync again: records may be acknowledged without those that left.
        ("123 12 3 - 1", "123", true, Election::Clean, "123 12 - - 1"),
        ("123 12 - - 2", "123", false, Election::Clean, "unchanged"),
        (
            "123 12 - - 2",
            "123",
            false,
            Election::Preferred,
            "123 12 - - 1",
        ),
        (
            "123 23 - - 2",
            "123",
            false,
            Election::Preferred,
            "unchanged",
        ),
        (
            "123 12 - - 2",
            "23",
            false,
            Election::Preferred,
            "unchanged",
        ),
    ] {
        let before = partition(before);
        let outcome = after(&before, Wish::of(&before), up, tracks_elr, election);
        assert_eq!(outcome, expected, "{} with {up}", show(&before));
    }
}

#[test]
fn a_broker_that_may_have_lost_data_is_trusted_no_more() {
    for (before, lost, up, tracks_elr, expected) in [
        ("123 1 23 - 1", 2, "13", true, "123 1 3 - 1"),
        ("1 1 - - 1", 1, "", true, "1 - - 1 -"),
        ("123 - 12 1 -", 1, "", true, "123 - 2 1 -"),
        ("1 1 - - 1", 1, "", false, "1 1 - - -"),
    ] {
        let before = partition(before);
        let node = NodeId(lost);
        let wish = Wish {
            unclean_shutdown: Some(node),
            ..Wish::without(&before, node)
        };
        let outcome = after(&before, wish, up, tracks_elr, Election::Clean);
        assert_eq!(
            outcome,
            expected,
            "{} loses the data of {lost}",
            show(&before)
        );
    }
}
