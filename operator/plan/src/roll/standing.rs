//! Where one broker stands in a roll.

use millrace_crds::{RollStep, RollStepState};

use crate::roll::input::{Fleet, Pod, PodState};
use crate::roll::proof::tell;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Done,
    /// It was taken away and is not back yet; the next one waits for it.
    Away(RollStepState, Vec<String>),
    /// It cannot come back for reasons that are its own; nobody waits for it.
    Lame(RollStepState, Vec<String>),
    /// It runs what is wanted, and fails with it. Nobody else is brought to the same.
    Spoiled(String),
    /// It must restart, and serves nobody as it is.
    Stuck,
    /// It must restart, and does not serve yet. Whoever recovers a log is left to it.
    Unready(String),
    /// It must restart. `resumed`: its restart was begun, and may be on its way.
    Ready {
        resumed: bool,
    },
}

/// `None` when the broker has no part in the roll.
pub(crate) fn standing(
    pod: &Pod,
    previous: Option<&RollStep>,
    fleet: Result<&Fleet, &str>,
) -> Option<Standing> {
    let was = previous.map(|step| step.state);
    if pod.state == PodState::Ready && is_begun(pod, previous) {
        return Some(Standing::Ready { resumed: true });
    }
    if pod.reasons.is_empty() {
        let was_done = was? == RollStepState::Done;
        return Some(if was_done && pod.state != PodState::Failing {
            Standing::Done
        } else {
            returning(pod, fleet)
        });
    }
    let was_taken = matches!(
        was,
        Some(RollStepState::Restarting | RollStepState::CatchingUp)
    );
    Some(match pod.state {
        PodState::Missing | PodState::Terminating => {
            Standing::Away(RollStepState::Restarting, Vec::new())
        }
        PodState::Unschedulable | PodState::Failing => Standing::Stuck,
        // What is wanted changed while it was on its way back: first it comes back.
        PodState::Starting if was_taken => Standing::Away(RollStepState::Restarting, Vec::new()),
        PodState::Starting => Standing::Unready(format!("{} is starting", pod.name)),
        PodState::Ready if was_taken => {
            let behind = behind(pod, fleet);
            if behind.is_empty() {
                Standing::Ready { resumed: false }
            } else {
                Standing::Away(RollStepState::CatchingUp, tell(behind))
            }
        }
        PodState::Ready => Standing::Ready { resumed: false },
    })
}

/// Whether the very pod that was to go is there still: it may be on its way, also when nothing
/// asks for its restart any more.
fn is_begun(pod: &Pod, previous: Option<&RollStep>) -> bool {
    let replaces = previous.and_then(|step| step.replaces.as_ref());
    replaces.is_some() && replaces == pod.uid.as_ref()
}

/// A broker that runs what is wanted, on its way back.
fn returning(pod: &Pod, fleet: Result<&Fleet, &str>) -> Standing {
    let name = &pod.name;
    match pod.state {
        PodState::Missing | PodState::Terminating | PodState::Starting => {
            Standing::Away(RollStepState::Restarting, Vec::new())
        }
        PodState::Unschedulable => {
            let text = format!("no node takes {name}");
            Standing::Lame(RollStepState::Restarting, vec![text])
        }
        PodState::Failing => Standing::Spoiled(format!("{name} fails with what is wanted")),
        PodState::Ready => {
            let behind = behind(pod, fleet);
            if behind.is_empty() {
                return Standing::Done;
            }
            Standing::Away(RollStepState::CatchingUp, tell(behind))
        }
    }
}

/// What a broker that is ready has not caught up with.
fn behind(pod: &Pod, fleet: Result<&Fleet, &str>) -> Vec<String> {
    let fleet = match fleet {
        Ok(fleet) => fleet,
        Err(reason) => return vec![format!("the fleet cannot be observed: {reason}")],
    };
    if !fleet.brokers.contains(&pod.broker) {
        return vec![format!("broker {} is not registered", pod.broker)];
    }
    let mut behind: Vec<_> = fleet
        .partitions
        .iter()
        .filter(|p| p.replicas.contains(&pod.broker) && !p.isr.contains(&pod.broker))
        .map(|partition| format!("{partition} is not in sync"))
        .collect();
    behind.sort_unstable();
    behind
}
