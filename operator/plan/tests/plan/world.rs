//! A fleet that fails as it likes, and a checker. The checker knows the truth and only that: whether
//! a broker that was taken away could be spared at that moment.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use millrace_crds::{RollPlan, RollStepState};
use millrace_model::UnavailablePartitions;
use millrace_plan::roll::{
    Decision, Fleet, Look, Partition, Pod, PodState, RestartReason, Voter, roll,
};
use millrace_types::NodeId;

const VOTERS: usize = 3;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The operator looks, decides and acts.
    Pass(Mishap),
    /// A pod comes one step further.
    Step(usize),
    CatchUp(usize),
    Crash(usize),
    /// A broker falls behind in one of its partitions.
    FallBehind(usize, usize),
    /// Something else is wanted, and it may not work.
    Change {
        works: bool,
    },
    /// What was wanted before is wanted again.
    Revert,
    /// No node takes a pod that is not placed yet.
    Unplaceable(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mishap {
    None,
    FleetUnobserved,
    /// Pods are seen as they were in the last pass.
    OldPods,
    /// The operator dies after it wrote its plan.
    KilledBeforeDeleting,
}

#[derive(Clone, Debug)]
pub(crate) struct Broker {
    pub(crate) pod: PodState,
    /// Counts its pods.
    pub(crate) uid: usize,
    pub(crate) revision: usize,
    pub(crate) rack: Option<usize>,
    /// Taken away by the operator while it served, and not back yet.
    pub(crate) taken: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) brokers: Vec<Broker>,
    pub(crate) partitions: Vec<Partition>,
    pub(crate) policy: UnavailablePartitions,
    /// Whether each revision works.
    pub(crate) revisions: Vec<bool>,
    /// The one that is wanted.
    pub(crate) wanted: usize,
    /// As the API server stores it.
    pub(crate) status: Option<String>,
    /// The brokers as they were in the last pass.
    pub(crate) seen: Vec<Broker>,
}

pub(crate) fn id(broker: usize) -> NodeId {
    NodeId(i32::try_from(broker).expect("few brokers"))
}

impl World {
    fn want(&mut self, works: bool) {
        self.wanted = self.revisions.len();
        self.revisions.push(works);
    }

    fn serves(&self, broker: NodeId) -> bool {
        self.brokers[usize::try_from(broker.0).expect("an index")].pod == PodState::Ready
    }

    fn pods(&self, brokers: &[Broker]) -> Vec<Pod> {
        let brokers = brokers.iter().enumerate();
        let pods = brokers.map(|(index, broker)| Pod {
            broker: id(index),
            name: format!("c-p-{index}"),
            uid: (broker.pod != PodState::Missing).then(|| broker.uid.to_string()),
            rack: broker.rack.map(|rack| rack.to_string()),
            state: broker.pod,
            reasons: if broker.pod == PodState::Missing || broker.revision == self.wanted {
                Vec::new()
            } else {
                vec![RestartReason::Template]
            },
        });
        pods.collect()
    }

    fn fleet(&self) -> Fleet {
        let voters = (0..self.brokers.len().min(VOTERS)).map(id);
        Fleet {
            brokers: (0..self.brokers.len())
                .map(id)
                .filter(|b| self.serves(*b))
                .collect(),
            controller: voters.clone().find(|voter| self.serves(*voter)),
            voters: voters
                .map(|id| Voter {
                    id,
                    caught_up: self.serves(id),
                })
                .collect(),
            partitions: self.partitions.clone(),
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        let count = self.brokers.len();
        match *event {
            Event::Pass(mishap) => {
                self.pass(mishap);
            }
            Event::Step(broker) => self.step(broker % count),
            Event::CatchUp(broker) => self.catch_up(broker % count),
            Event::Crash(broker) => {
                if self.serves(id(broker % count)) {
                    self.brokers[broker % count].pod = PodState::Starting;
                    self.leave_isr(broker % count, |_| true);
                }
            }
            Event::FallBehind(broker, partition) => {
                self.leave_isr(broker % count, |index| index == partition);
            }
            Event::Change { works } => self.want(works),
            Event::Revert => self.wanted = self.wanted.saturating_sub(1),
            Event::Unplaceable(broker) => {
                let broker = &mut self.brokers[broker % count];
                if broker.pod == PodState::Missing {
                    broker.uid += 1;
                    broker.revision = self.wanted;
                    broker.pod = PodState::Unschedulable;
                    broker.taken = false;
                }
            }
        }
    }

    /// The last one in sync stays: nobody else may lead.
    fn leave_isr(&mut self, broker: usize, of: impl Fn(usize) -> bool) {
        for (index, partition) in self.partitions.iter_mut().enumerate() {
            if of(index) && partition.isr.len() > 1 {
                partition.isr.retain(|other| *other != id(broker));
            }
        }
    }

    fn step(&mut self, index: usize) {
        let broker = &mut self.brokers[index];
        let works = self.revisions[broker.revision];
        broker.pod = match broker.pod {
            PodState::Terminating => PodState::Missing,
            PodState::Missing => {
                broker.uid += 1;
                broker.revision = self.wanted;
                PodState::Starting
            }
            PodState::Unschedulable => PodState::Starting,
            PodState::Starting | PodState::Failing if works => PodState::Ready,
            PodState::Starting | PodState::Failing => PodState::Failing,
            PodState::Ready => PodState::Ready,
        };
        self.settle(index);
    }

    /// A broker that serves and is in sync with everything is back.
    fn settle(&mut self, index: usize) {
        let broker = id(index);
        let mut partitions = self.partitions.iter();
        let in_sync = partitions.all(|p| !p.replicas.contains(&broker) || p.isr.contains(&broker));
        self.brokers[index].taken &= !(self.serves(broker) && in_sync);
    }

    fn catch_up(&mut self, index: usize) {
        if !self.serves(id(index)) {
            return;
        }
        for partition in &mut self.partitions {
            if partition.replicas.contains(&id(index)) && !partition.isr.contains(&id(index)) {
                partition.isr.push(id(index));
            }
        }
        self.settle(index);
    }

    fn pass(&mut self, mishap: Mishap) -> Decision {
        let current = self.brokers.clone();
        let old = mishap == Mishap::OldPods && !self.seen.is_empty();
        let seen = if old { &self.seen } else { &current };
        let pods = self.pods(seen);
        let looked_at: Vec<_> = seen.iter().map(|broker| (broker.uid, broker.pod)).collect();
        let fleet = self.fleet();
        let now = Time(jiff::Timestamp::UNIX_EPOCH);
        let previous: Option<RollPlan> = self
            .status
            .as_deref()
            .map(|status| serde_json::from_str(status).expect("a plan"));
        let decision = roll(&Look {
            pods: &pods,
            fleet: if mishap == Mishap::FleetUnobserved {
                Err("no answer")
            } else {
                Ok(&fleet)
            },
            policy: self.policy,
            previous: previous.as_ref(),
            now: &now,
        });
        self.status = decision
            .plan
            .as_ref()
            .map(|plan| serde_json::to_string(plan).expect("a plan"));
        if let Some(index) = decision
            .delete
            .filter(|_| mishap != Mishap::KilledBeforeDeleting)
        {
            // The deletion holds only for the pod as it was looked at.
            let broker = &self.brokers[index];
            if looked_at[index] == (broker.uid, broker.pod) {
                self.check(index);
                let served = self.serves(id(index));
                self.brokers[index].pod = PodState::Terminating;
                self.brokers[index].taken |= served;
                self.leave_isr(index, |_| true);
            }
        }
        self.seen = current;
        decision
    }

    /// The checker.
    fn check(&self, taken: usize) {
        if !self.serves(id(taken)) {
            assert_ne!(self.brokers[taken].pod, PodState::Terminating);
            assert_ne!(
                self.brokers[taken].revision, self.wanted,
                "it runs what is wanted"
            );
            return;
        }
        for partition in self
            .partitions
            .iter()
            .filter(|p| p.replicas.contains(&id(taken)))
        {
            let mut left = partition.isr.clone();
            left.retain(|other| *other != id(taken) && self.serves(*other));
            let needed = match self.policy {
                UnavailablePartitions::Wait => partition.min_isr,
                UnavailablePartitions::Allow => partition.min_isr.min(partition.replicas.len() - 1),
            };
            assert!(left.len() >= needed, "{partition:?} without {taken}");
        }
        for (other, broker) in self.brokers.iter().enumerate() {
            let same_rack = broker.rack.is_some() && broker.rack == self.brokers[taken].rack;
            let away = broker.taken && other != taken;
            assert!(!away || same_rack, "{other} and {taken} are away at once");
        }
    }

    /// Whether a broker can never go under the policy.
    fn is_bound(&self, broker: usize) -> bool {
        let mut partitions = self.partitions.iter();
        self.policy == UnavailablePartitions::Wait
            && partitions.any(|p| p.replicas.contains(&id(broker)) && p.replicas.len() <= p.min_isr)
    }

    /// Everything heals, and what is wanted works: then the roll ends, or waits for good reasons.
    pub(crate) fn heal(mut self) {
        self.want(true);
        for _ in 0..20 * self.brokers.len() {
            for broker in 0..self.brokers.len() {
                self.step(broker);
                self.catch_up(broker);
            }
            self.pass(Mishap::None);
        }
        let decision = self.pass(Mishap::None);
        let behind: BTreeSet<_> = (0..self.brokers.len())
            .filter(|broker| self.brokers[*broker].revision != self.wanted)
            .collect();
        let bound = behind.iter().any(|broker| self.is_bound(*broker));
        for broker in &behind {
            let controller = self.fleet().controller == Some(id(*broker));
            assert!(
                self.is_bound(*broker) || (bound && controller),
                "{broker}: {decision:?}"
            );
        }
        if behind.is_empty() {
            assert_eq!(decision, Decision::default());
        } else {
            let steps = decision.plan.expect("a plan").steps;
            let told = steps
                .iter()
                .any(|s| s.state == RollStepState::Blocked && !s.blocked_by.is_empty());
            assert!(told, "{steps:?}");
        }
    }
}
