//! Offsets against the simplest model: a map. Commits, deletions, lag of replicas, changes of
//! coordinator in any order; reads always equal the map.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_coordinator::{GroupConfig, GroupRequest, GroupResponse};
use millrace_wire::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use proptest::prelude::*;

use crate::bench::Bench;
use crate::requests::{Member, fetch};

const GROUPS: [&str; 3] = ["a", "b", "c"];
const TOPICS: [&str; 3] = ["t", "u", "v"];

type Offsets = BTreeMap<(usize, usize, i32), i64>;

#[derive(Clone, Debug)]
enum Step {
    Commit(usize, usize, i32, i64),
    DeleteOffset(usize, usize, i32),
    DeleteGroup(usize),
    ForgetTopic(usize),
    Hold,
    Follow,
    Reload,
}

impl Step {
    fn asks(&self) -> bool {
        !matches!(self, Self::Hold | Self::Follow | Self::Reload)
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (group, topic, partition) = (0..GROUPS.len(), 0..TOPICS.len(), 0..4_i32);
    let commit = (
        group.clone(),
        topic.clone(),
        partition.clone(),
        0..1_000_i64,
    )
        .prop_map(|(g, t, p, offset)| Step::Commit(g, t, p, offset));
    let delete =
        (group.clone(), topic.clone(), partition).prop_map(|(g, t, p)| Step::DeleteOffset(g, t, p));
    let step = prop_oneof![
        8 => commit,
        2 => delete,
        1 => group.prop_map(Step::DeleteGroup),
        1 => topic.prop_map(Step::ForgetTopic),
        1 => Just(Step::Hold),
        1 => Just(Step::Follow),
        1 => Just(Step::Reload),
    ];
    prop::collection::vec(step, 1..60)
}

/// What is in the log, and how much of it has committed.
#[derive(Default)]
struct Model {
    latest: Offsets,
    committed: Offsets,
    held: bool,
}

impl Model {
    fn apply(&mut self, step: &Step) {
        match *step {
            Step::Commit(g, t, p, offset) => {
                self.latest.insert((g, t, p), offset);
            }
            Step::DeleteOffset(g, t, p) => {
                self.latest.remove(&(g, t, p));
            }
            Step::DeleteGroup(group) => self.latest.retain(|&(g, ..), _| g != group),
            Step::ForgetTopic(topic) => self.latest.retain(|&(_, t, _), _| t != topic),
            Step::Hold => self.held = true,
            Step::Follow => self.held = false,
            Step::Reload => {}
        }
        if !self.held || matches!(step, Step::Reload) {
            self.committed = self.latest.clone();
        }
    }
}

fn run(bench: &mut Bench, step: &Step) {
    match *step {
        Step::Commit(g, t, p, offset) => {
            bench.ask(Member::new(GROUPS[g]).commit(&[(TOPICS[t], p, offset, "")]));
        }
        Step::DeleteOffset(g, t, partition_index) => {
            bench.ask(GroupRequest::DeleteOffsets(OffsetDeleteRequest {
                group_id: Arc::from(GROUPS[g]),
                topics: vec![OffsetDeleteRequestTopic {
                    name: Arc::from(TOPICS[t]),
                    partitions: vec![OffsetDeleteRequestPartition { partition_index }],
                }],
            }));
        }
        Step::DeleteGroup(g) => {
            let group_id = Arc::from(GROUPS[g]);
            bench.ask(GroupRequest::Delete { group_id });
        }
        Step::ForgetTopic(t) => {
            let topics = vec![Arc::from(TOPICS[t])];
            bench.ask(GroupRequest::ForgetTopics { topics });
        }
        Step::Hold => bench.replicas_follow = false,
        Step::Follow => {
            bench.replicas_follow = true;
            bench.replicas_catch_up();
        }
        Step::Reload => bench.reload(),
    }
}

fn read(bench: &mut Bench) -> Offsets {
    let mut offsets = Offsets::new();
    for (g, group) in GROUPS.iter().enumerate() {
        let GroupResponse::FetchOffsets(fetched) = bench.answer(fetch(group, None)) else {
            unreachable!("offsets");
        };
        for topic in fetched.topics {
            let t = TOPICS
                .iter()
                .position(|name| **name == *topic.name)
                .expect("a topic");
            for partition in topic.partitions {
                offsets.insert(
                    (g, t, partition.partition_index),
                    partition.committed_offset,
                );
            }
        }
    }
    offsets
}

proptest! {
    #[test]
    fn reads_equal_the_map(steps in steps()) {
        let mut bench = Bench::new(GroupConfig::default());
        let mut model = Model::default();
        for step in &steps {
            run(&mut bench, step);
            model.apply(step);
            prop_assert_eq!(read(&mut bench), model.committed.clone());
        }
        run(&mut bench, &Step::Follow);
        model.apply(&Step::Follow);
        prop_assert_eq!(read(&mut bench), model.committed.clone());
        prop_assert_eq!(bench.runtime.shard().offset_count(), model.committed.len());
        // Every question had its one answer.
        let asked = steps.iter().filter(|step| step.asks()).count();
        prop_assert_eq!(bench.replies.len(), asked);
    }
}
