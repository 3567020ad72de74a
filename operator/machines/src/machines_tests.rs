//! More pods than there are addresses.

use std::net::Ipv4Addr;

use super::*;
use crate::runner::{Container, Ended};

/// Containers that do nothing and end when they are asked to.
#[derive(Default)]
struct Idle {
    running: BTreeMap<ContainerId, Reports>,
}

impl Runner for Idle {
    fn start(&mut self, container: Container, reports: Reports) {
        self.running.insert(container.id, reports);
    }

    fn stop(&mut self, container: &ContainerId, _: Duration) {
        let ended = Ended {
            exit_code: 0,
            reason: "Completed",
            message: String::new(),
        };
        let reports = self.running.remove(container).expect("it runs");
        let told = reports.try_send((container.clone(), Report::Ended(ended)));
        told.expect("few reports wait");
    }

    fn forget(&mut self, _: &str, _: &str, _: &str) {}

    fn release(&mut self, _: &str, _: &str) {}
}

fn pod(name: &str) -> Value {
    json!({"kind": "Pod", "metadata": {"name": name, "namespace": "n"},
        "spec": {"containers": [{"name": "c", "image": "i"}]}})
}

async fn has(api: &LocalApi, pod: &str, pointer: &str, expected: &str) {
    let mut newest = api.newest();
    loop {
        newest.mark_unchanged();
        let found = api.object("Pod", "n", pod);
        let found = found.as_ref().and_then(|pod| pod.pointer(pointer));
        if found.is_some_and(|found| found == expected) {
            return;
        }
        newest.changed().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_no_address_is_left_for_says_so_and_gets_the_next_that_is_free() {
    let api = LocalApi::new(Timestamp::UNIX_EPOCH);
    let node = Node {
        name: "here".to_owned(),
        address: "127.0.0.1".to_owned(),
    };
    // The last one of its network.
    let last = Ipv4Addr::new(127, 255, 255, 254);
    for name in ["a", "b"] {
        api.create(pod(name)).expect("a new pod");
    }
    let addresses = Addresses::from(last);
    let machines = Machines::start(api.clone(), node, addresses, Idle::default());
    has(&api, "a", "/status/podIP", "127.255.255.254").await;
    has(&api, "b", "/status/conditions/0/reason", UNSCHEDULABLE).await;
    let warnings = || {
        let events = api.objects("Event");
        let warnings = events.iter().filter(|event| event["type"] == "Warning");
        warnings
            .map(|event| event["deprecatedCount"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(warnings(), [1]);
    api.delete("Pod", "n", "a").expect("a pod");
    has(&api, "b", "/status/podIP", "127.255.255.254").await;
    assert_eq!(warnings(), [1]);
    machines.stop().await;
}
