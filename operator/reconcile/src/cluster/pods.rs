//! Pods and volumes as the planners look at them. Pure.

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use millrace_crds::BrokerState;
use millrace_model::quantity_bytes;
use millrace_plan::roll::PodState;
use millrace_plan::storage::{Claim, Resize};

/// Waits of a container that do not end by themselves.
const FAILING: &[&str] = &[
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

/// How a pod is; `None` when there is none.
pub(crate) fn pod_state(pod: Option<&Pod>) -> PodState {
    let Some(pod) = pod else {
        return PodState::Missing;
    };
    if pod.metadata.deletion_timestamp.is_some() {
        return PodState::Terminating;
    }
    let Some(status) = &pod.status else {
        return PodState::Starting;
    };
    let mut conditions = status.conditions.iter().flatten();
    if conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True") {
        return PodState::Ready;
    }
    if unplaced(pod).is_some() {
        return PodState::Unschedulable;
    }
    let containers = status.container_statuses.iter().flatten();
    let mut waits = containers.filter_map(|container| {
        let state = container.state.as_ref()?;
        state.waiting.as_ref()?.reason.as_deref()
    });
    if status.phase.as_deref() == Some("Failed") || waits.any(|reason| FAILING.contains(&reason)) {
        PodState::Failing
    } else {
        PodState::Starting
    }
}

/// The same for the status. `served` is whether the fleet counts on the broker.
pub(crate) fn broker_state(state: PodState) -> BrokerState {
    match state {
        PodState::Missing | PodState::Unschedulable => BrokerState::Pending,
        PodState::Terminating => BrokerState::Stopping,
        PodState::Failing => BrokerState::Failed,
        PodState::Starting => BrokerState::Starting,
        PodState::Ready => BrokerState::Ready,
    }
}

/// What the scheduler says of a pod that no node takes.
pub(crate) fn unplaced(pod: &Pod) -> Option<&str> {
    let mut conditions = pod.status.as_ref()?.conditions.iter().flatten();
    let scheduled = conditions.find(|condition| condition.type_ == "PodScheduled")?;
    let refused =
        scheduled.status == "False" && scheduled.reason.as_deref() == Some("Unschedulable");
    refused.then(|| scheduled.message.as_deref().unwrap_or_default())
}

/// The node of a pod that Kubernetes calls not ready because its node fell silent: when that was last heard of, the
/// pod's containers were ready.
pub(crate) fn silent_node(pod: &Pod) -> Option<&str> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let is = |kind: &str, status: &str| {
        let mut conditions = conditions.iter();
        conditions.any(|condition| condition.type_ == kind && condition.status == status)
    };
    let node = pod.spec.as_ref()?.node_name.as_deref();
    node.filter(|_| is("ContainersReady", "True") && is("Ready", "False"))
}

/// What the broker said last before it ended, if it did.
pub(crate) fn last_words(pod: &Pod) -> Option<&str> {
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    let ended = containers.iter().find_map(|container| {
        let state = container.last_state.as_ref().or(container.state.as_ref())?;
        state.terminated.as_ref()
    })?;
    let message = ended.message.as_deref()?.trim();
    message.lines().last().filter(|line| !line.is_empty())
}

/// What the pod's broker container runs.
pub(crate) fn image(pod: &Pod) -> Option<&str> {
    let containers = &pod.spec.as_ref()?.containers;
    let broker = containers
        .iter()
        .find(|container| container.name == "broker")?;
    broker.image.as_deref()
}

/// A claim as it is. What is not known of its class is the caller's to add.
pub(crate) fn claim(claim: &PersistentVolumeClaim, can_grow: Option<bool>) -> Claim {
    let spec = claim.spec.as_ref();
    let status = claim.status.as_ref();
    let requested = spec
        .and_then(|spec| spec.resources.as_ref()?.requests.as_ref()?.get("storage"))
        .and_then(|quantity| quantity_bytes(&quantity.0));
    let actual = status
        .and_then(|status| status.capacity.as_ref()?.get("storage"))
        .and_then(|quantity| quantity_bytes(&quantity.0));
    Claim {
        requested: requested.unwrap_or_default(),
        actual,
        can_grow,
        resize: resize(claim),
    }
}

fn resize(claim: &PersistentVolumeClaim) -> Resize {
    let conditions = || {
        let status = claim.status.as_ref();
        status
            .into_iter()
            .flat_map(|status| status.conditions.iter().flatten())
            .filter(|condition| condition.status == "True")
    };
    let of = |kind: &str| conditions().find(|condition| condition.type_ == kind);
    if let Some(pending) = of("FileSystemResizePending") {
        let since = pending.last_transition_time.as_ref();
        return Resize::FileSystemPending {
            since: since.map_or(0, |time| time.0.as_millisecond()),
        };
    }
    let failed = of("ControllerResizeError").or_else(|| of("NodeResizeError"));
    if let Some(failed) = failed {
        return Resize::Failed {
            message: failed.message.clone().unwrap_or_default(),
        };
    }
    match of("Resizing") {
        Some(_) => Resize::UnderWay,
        None => Resize::Idle,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pods_are_told_apart() {
        let ready = json!([{"type": "Ready", "status": "True"}]);
        let unschedulable =
            json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]);
        let waiting = |reason: &str| {
            json!({"containerStatuses": [{"name": "broker", "image": "", "imageID": "",
            "ready": false, "restartCount": 3, "state": {"waiting": {"reason": reason}}}]})
        };
        let cases = [
            (json!({}), json!({"conditions": ready}), PodState::Ready),
            (
                json!({"deletionTimestamp": "2026-01-01T00:00:00Z"}),
                json!({"conditions": ready}),
                PodState::Terminating,
            ),
            (
                json!({}),
                json!({"conditions": unschedulable}),
                PodState::Unschedulable,
            ),
            (json!({}), waiting("CrashLoopBackOff"), PodState::Failing),
            (json!({}), waiting("ContainerCreating"), PodState::Starting),
            (json!({}), json!({"phase": "Failed"}), PodState::Failing),
            (json!({}), json!({"phase": "Running"}), PodState::Starting),
        ];
        for (metadata, status, expected) in cases {
            let pod: Pod = serde_json::from_value(json!({"metadata": metadata, "status": status}))
                .expect("a pod");
            assert_eq!(pod_state(Some(&pod)), expected, "{status}");
        }
        assert_eq!(pod_state(None), PodState::Missing);
    }

    #[test]
    fn a_silent_node_is_named() {
        let node = |containers: &str, ready: &str| {
            let conditions = json!([{"type": "ContainersReady", "status": containers}, {"type": "Ready", "status": ready}]);
            let pod = json!({"spec": {"nodeName": "n2", "containers": []}, "status": {"conditions": conditions}});
            let pod: Pod = serde_json::from_value(pod).expect("a pod");
            silent_node(&pod).map(ToOwned::to_owned)
        };
        assert_eq!(node("True", "False"), Some("n2".to_owned()));
        assert_eq!(node("False", "False"), None);
        assert_eq!(node("True", "True"), None);
    }

    #[test]
    fn the_last_line_of_a_broker_that_ended_is_told() {
        let words = |message: &str| {
            let state = json!({"terminated": {"exitCode": 2, "message": message}});
            let pod: Pod = serde_json::from_value(json!({"status": {"containerStatuses": [{"name": "broker",
                "image": "", "imageID": "", "ready": false, "restartCount": 1, "lastState": state}]}}))
            .expect("a pod");
            last_words(&pod).map(ToOwned::to_owned)
        };
        assert_eq!(words("starts\nbad value\n"), Some("bad value".to_owned()));
        assert_eq!(words("\n"), None);
        assert_eq!(last_words(&Pod::default()), None);
    }

    #[test]
    fn a_claim_tells_its_sizes_and_its_resize() {
        let object = |conditions: serde_json::Value| -> PersistentVolumeClaim {
            serde_json::from_value(json!({
                "spec": {"resources": {"requests": {"storage": "2Gi"}}},
                "status": {"capacity": {"storage": "1Gi"}, "conditions": conditions},
            }))
            .expect("a claim")
        };
        let found = claim(&object(json!([])), Some(true));
        assert_eq!((found.requested, found.actual), (2 << 30, Some(1 << 30)));
        let cases = [
            (
                json!([{"type": "Resizing", "status": "True"}]),
                Resize::UnderWay,
            ),
            (
                json!([{"type": "Resizing", "status": "False"}]),
                Resize::Idle,
            ),
            (
                json!([{"type": "ControllerResizeError", "status": "True", "message": "no"}]),
                Resize::Failed {
                    message: "no".to_owned(),
                },
            ),
            (
                json!([{"type": "FileSystemResizePending", "status": "True", "lastTransitionTime": "1970-01-01T00:00:01Z"}]),
                Resize::FileSystemPending { since: 1_000 },
            ),
        ];
        for (conditions, expected) in cases {
            assert_eq!(
                claim(&object(conditions.clone()), None).resize,
                expected,
                "{conditions}"
            );
        }
    }
}
