//! Restarting brokers without taking partitions away. One pass looks at every pod and at the fleet
//! and says which pod may be deleted now, if any; what it knew before lies in the plan of the status
//! and in the pods themselves, so it does not matter who makes the next pass.
//!
//! A broker may go when every partition on it keeps as many in-sync replicas as it needs without it.
//! The next one goes when the last is ready and back in sync; others of its rack may go beside it.

mod input;
mod proof;
mod standing;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use millrace_crds::{RollPlan, RollStep, RollStepState};
use millrace_model::UnavailablePartitions;
use millrace_types::NodeId;

pub use input::{Fleet, Partition, Pod, PodState, RestartReason, Voter};

use proof::Proof;
use standing::{Standing, standing};

/// Brokers of one rack that are away at once.
pub const AWAY_MAX: usize = 8;

/// What a pass looks at.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Of every broker that should exist.
    pub pods: &'a [Pod],
    /// The fleet, or why it could not be observed.
    pub fleet: Result<&'a Fleet, &'a str>,
    pub policy: UnavailablePartitions,
    /// The plan in the status.
    pub previous: Option<&'a RollPlan>,
    pub now: &'a Time,
}

/// What a pass decides. The plan is to be written before the pod is deleted, and the pod deleted
/// only while it is the very one that was looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// `None`: nothing is to be restarted.
    pub plan: Option<RollPlan>,
    /// Index of the pod to delete.
    pub delete: Option<usize>,
}

/// One pass.
#[must_use]
pub fn roll(look: &Look<'_>) -> Decision {
    let mut brokers = BTreeMap::new();
    for (index, pod) in look.pods.iter().enumerate() {
        if let Some(standing) = standing(pod, previous_step(look, pod.broker), look.fleet) {
            brokers.insert(pod.broker, (index, standing));
        }
    }
    let all_done = brokers.values().all(|(_, s)| *s == Standing::Done);
    if all_done {
        return Decision::default();
    }
    let chosen = Choice::new(look, &brokers).first();
    let mut steps = Vec::with_capacity(brokers.len());
    for (broker, (index, standing)) in &brokers {
        let pod = &look.pods[*index];
        let goes = chosen.pod == Some(*index);
        let (state, blocked_by) = if goes {
            (RollStepState::Restarting, Vec::new())
        } else {
            shown(standing, chosen.blocked.get(broker))
        };
        let before = previous_step(look, *broker).and_then(|step| step.replaces.clone());
        steps.push(RollStep {
            broker: broker.0,
            pod: pod.name.clone(),
            reasons: reasons(look, pod),
            state,
            replaces: if goes { pod.uid.clone() } else { before },
            blocked_by,
        });
    }
    let started = look.previous.map_or(look.now, |plan| &plan.started);
    Decision {
        plan: Some(RollPlan {
            started: started.clone(),
            steps,
        }),
        delete: chosen.pod,
    }
}

fn previous_step<'a>(look: &Look<'a>, broker: NodeId) -> Option<&'a RollStep> {
    let mut steps = look.previous?.steps.iter();
    steps.find(|step| step.broker == broker.0)
}

/// Why it restarts, or did.
fn reasons(look: &Look<'_>, pod: &Pod) -> Vec<String> {
    match (pod.reasons.as_slice(), previous_step(look, pod.broker)) {
        ([], Some(step)) => step.reasons.clone(),
        (reasons, _) => reasons.iter().map(ToString::to_string).collect(),
    }
}

fn shown(standing: &Standing, blocked: Option<&Vec<String>>) -> (RollStepState, Vec<String>) {
    match standing {
        Standing::Done => (RollStepState::Done, Vec::new()),
        Standing::Away(state, waits) | Standing::Lame(state, waits) => (*state, waits.clone()),
        Standing::Spoiled(text) => (RollStepState::Restarting, vec![text.clone()]),
        Standing::Unready(text) => (RollStepState::Blocked, vec![text.clone()]),
        Standing::Stuck => (RollStepState::Waiting, Vec::new()),
        // The others go on waiting for a restart that was begun, even while it may not be ended.
        Standing::Ready { resumed: true } => (
            RollStepState::Restarting,
            blocked.cloned().unwrap_or_default(),
        ),
        Standing::Ready { resumed: false } => match blocked {
            Some(blocked) => (RollStepState::Blocked, blocked.clone()),
            None => (RollStepState::Waiting, Vec::new()),
        },
    }
}

/// Finds the pod that may go now.
struct Choice<'a> {
    look: &'a Look<'a>,
    brokers: &'a BTreeMap<NodeId, (usize, Standing)>,
    /// Brokers that this roll has taken away, or may have.
    away: Vec<NodeId>,
}

#[derive(Default)]
struct Chosen {
    pod: Option<usize>,
    /// Why the others may not.
    blocked: BTreeMap<NodeId, Vec<String>>,
}

impl<'a> Choice<'a> {
    fn new(look: &'a Look<'a>, brokers: &'a BTreeMap<NodeId, (usize, Standing)>) -> Self {
        let is_away = |standing: &Standing| {
            matches!(
                standing,
                Standing::Away(..) | Standing::Ready { resumed: true }
            )
        };
        let away = brokers.iter().filter(|(_, (_, s))| is_away(s));
        Self {
            look,
            brokers,
            away: away.map(|(broker, _)| *broker).collect(),
        }
    }

    fn first(&self) -> Chosen {
        // A pod that serves nobody takes nothing away when it goes.
        let mut standings = self.brokers.values();
        if let Some((index, _)) = standings.find(|(_, s)| *s == Standing::Stuck) {
            return Chosen {
                pod: Some(*index),
                blocked: BTreeMap::new(),
            };
        }
        let mut chosen = Chosen::default();
        for (broker, index) in self.candidates() {
            match self.obstacles(broker, index) {
                Ok(obstacles) if obstacles.is_empty() => {
                    chosen.pod = Some(index);
                    break;
                }
                Ok(obstacles) => {
                    chosen.blocked.insert(broker, obstacles);
                }
                Err(NotItsTurn) => {}
            }
        }
        chosen
    }

    /// Restarts that were begun first, the active controller last of the others.
    fn candidates(&self) -> Vec<(NodeId, usize)> {
        let mut candidates: Vec<_> = self
            .brokers
            .iter()
            .filter_map(|(broker, (index, standing))| match standing {
                Standing::Ready { resumed } => {
                    let last = !resumed && self.is_controller(*broker);
                    Some(((!resumed, last, *broker), *index))
                }
                _ => None,
            })
            .collect();
        candidates.sort_unstable();
        let candidates = candidates.into_iter();
        candidates
            .map(|((_, _, broker), index)| (broker, index))
            .collect()
    }

    fn is_controller(&self, broker: NodeId) -> bool {
        self.look
            .fleet
            .is_ok_and(|fleet| fleet.controller == Some(broker))
    }

    /// Why a broker may not go, or that others come first.
    fn obstacles(&self, broker: NodeId, index: usize) -> Result<Vec<String>, NotItsTurn> {
        let spoiled = self
            .brokers
            .values()
            .find_map(|(_, standing)| match standing {
                Standing::Spoiled(text) => Some(text.clone()),
                _ => None,
            });
        if let Some(text) = spoiled {
            return Ok(vec![text]);
        }
        let fleet = match self.look.fleet {
            Ok(fleet) => fleet,
            Err(reason) => return Ok(vec![format!("the fleet cannot be observed: {reason}")]),
        };
        if self.waits_for_others(broker, &self.look.pods[index]) {
            return Err(NotItsTurn);
        }
        let proof = Proof {
            fleet,
            policy: self.look.policy,
            present: &|other| self.is_present(fleet, other),
        };
        Ok(proof.obstacles(broker))
    }

    fn waits_for_others(&self, broker: NodeId, pod: &Pod) -> bool {
        // Of several that were begun the first one waits for none of the others, so that they do
        // not wait for each other.
        let mut begun = self.away.iter().filter(|away| self.was_begun(**away));
        let is_first_begun = begun.next() == Some(&broker);
        let others = || {
            let others = self.away.iter().filter(move |away| **away != broker);
            others.filter(move |away| !(is_first_begun && self.was_begun(**away)))
        };
        let beside = others().all(|away| {
            let rack = self.look.pods[self.brokers[away].0].rack.as_ref();
            rack.is_some() && rack == pod.rack.as_ref()
        });
        let controller_waits = self.is_controller(broker)
            && !self.was_begun(broker)
            && self.brokers.iter().any(|(other, (_, standing))| {
                *other != broker && !matches!(standing, Standing::Done | Standing::Lame(..))
            });
        !beside || others().count() >= AWAY_MAX || controller_waits
    }

    /// Whether a broker's restart was begun, and may be on its way.
    fn was_begun(&self, broker: NodeId) -> bool {
        let standing = self.brokers.get(&broker).map(|(_, standing)| standing);
        matches!(standing, Some(Standing::Ready { resumed: true }))
    }

    /// Whether a broker can be counted on. One whose pod may be on its way out cannot, whatever
    /// the fleet still says of it.
    fn is_present(&self, fleet: &Fleet, broker: NodeId) -> bool {
        let mut pods = self.look.pods.iter();
        let pod = pods.find(|pod| pod.broker == broker);
        let ready = pod.is_none_or(|pod| pod.state == PodState::Ready);
        ready && !self.was_begun(broker) && fleet.brokers.contains(&broker)
    }
}

/// Others come first; there is nothing to tell about it.
struct NotItsTurn;
