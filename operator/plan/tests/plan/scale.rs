//! Pools that grow and shrink.

use std::collections::BTreeMap;

use millrace_plan::scale::{Holdings, PoolSize, Refusal, ScalePlan, plan_scale};
use millrace_types::{NodeId, TopicPartition};

fn scale(has: u32, wanted: u32, holdings: Holdings<'_>) -> (u32, Option<String>) {
    let first_broker = NodeId(1000);
    let ScalePlan { replicas, refusal } = plan_scale(
        PoolSize {
            first_broker,
            has,
            wanted,
        },
        holdings,
    );
    (replicas, refusal.as_ref().map(Refusal::to_string))
}

#[test]
fn more_is_never_refused_and_fewer_only_what_holds_something() {
    let partitions = |count| {
        (0..count)
            .map(|index| TopicPartition::new("t", index))
            .collect()
    };
    let held: BTreeMap<NodeId, Vec<TopicPartition>> = BTreeMap::from([
        (NodeId(1000), partitions(1)),
        (NodeId(1002), partitions(7)),
        (NodeId(1004), Vec::new()),
    ]);
    let unknown = Err("no answer");
    let text = |text: &str| Some(text.to_owned());
    let holds = "broker 1002 still holds t-0, t-1, t-2, t-3, t-4 and 2 more";
    let cases = [
        (3, 3, unknown, (3, None)),
        (3, 5, unknown, (5, None)),
        (0, 1, unknown, (1, None)),
        (
            5,
            2,
            unknown,
            (5, text("what the brokers hold is not known: no answer")),
        ),
        (5, 3, Ok(&held), (3, None)),
        // As far as it goes.
        (5, 1, Ok(&held), (3, text(holds))),
        (1, 0, Ok(&held), (1, text("broker 1000 still holds t-0"))),
    ];
    for (has, wanted, holdings, expected) in cases {
        assert_eq!(scale(has, wanted, holdings), expected, "{has} to {wanted}");
    }
}
