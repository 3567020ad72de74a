//! Waits until everything is ready, says what for, and gives up on what will not become ready.

use anyhow::{Result, bail};
use millrace_local::LocalApi;
use serde_json::Value;

use crate::fleet::manifests::DEFAULT_NAMESPACE;
use crate::fleet::progress::Progress;
use crate::fleet::standing::Standing;

/// Returns once every cluster is ready, and every topic that ever will be.
///
/// # Errors
/// When a broker cannot run.
pub(super) async fn settled(api: &LocalApi, progress: &mut Progress) -> Result<()> {
    let mut newest = api.newest();
    loop {
        newest.mark_unchanged();
        if let Some(why) = broken(api) {
            bail!(why);
        }
        let Some(step) = waits_for(api) else {
            return Ok(());
        };
        progress.step(&step);
        newest.changed().await;
    }
}

/// What is waited for; `None` when nothing is.
fn waits_for(api: &LocalApi) -> Option<String> {
    // Of a paused cluster nobody says whether it is ready; its pods run all the same.
    let pods = api.objects("Pod");
    let is_ready = |pod: &Value| {
        let mut conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        conditions.any(|one| one["type"] == "Ready" && one["status"] == "True")
    };
    if let Some(pod) = pods.iter().find(|pod| !is_ready(pod)) {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        return Some(format!("waiting for {name} to be ready"));
    }
    let clusters = api.objects("KafkaCluster");
    let topics = api.objects("KafkaTopic");
    let all = clusters.iter().chain(&topics);
    // Whoever is paused waits for its user.
    let active = all.filter(|object| object["spec"]["paused"] != true);
    let standings = active.map(|object| Standing::of(object));
    let waiting: Vec<Standing> = standings.filter(|one| !one.ready && !one.stalled).collect();
    let first = waiting.first()?;
    let title = first.title(DEFAULT_NAMESPACE);
    Some(match waiting.len() {
        1 => format!("waiting for {title}: {}", first.why()),
        more => format!("waiting for {title} and {} more: {}", more - 1, first.why()),
    })
}

/// Why a broker does not run, in its own last words.
fn broken(api: &LocalApi) -> Option<String> {
    let stalled = api.objects("KafkaCluster");
    let stalled = stalled.iter().map(|object| Standing::of(object));
    let pods = api.objects("Pod");
    let failed = pods.iter().find_map(|pod| {
        let mut containers = pod["status"]["containerStatuses"].as_array()?.iter();
        let (status, ended) = containers.find_map(|status| {
            let ended = &status["lastState"]["terminated"];
            let taken = ended["reason"] == "AddressTaken";
            let loops = status["state"]["waiting"]["reason"] == "CrashLoopBackOff";
            (taken || loops).then_some((status, ended))
        })?;
        Some((pod, status, ended))
    });
    if let Some((pod, _, ended)) = failed {
        return Some(words(pod, ended));
    }
    let mut stalled = stalled.filter(|one| one.stalled);
    let stalled = stalled.next()?;
    Some(format!(
        "{}: {}",
        stalled.title(DEFAULT_NAMESPACE),
        stalled.why()
    ))
}

fn words(pod: &Value, ended: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let name = text(&pod["metadata"]["name"]);
    let said = text(&ended["message"]);
    match ended["reason"] == "AddressTaken" {
        true => format!("{name} cannot start: {said} (--address 127.0.0.2)"),
        false => {
            let last: Vec<&str> = said.lines().rev().take(3).collect();
            let last: Vec<&str> = last.into_iter().rev().collect();
            format!("{name} ends as soon as it starts:\n{}", last.join("\n"))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_pods_of_a_paused_cluster_are_waited_for_too() {
        let api = LocalApi::new(Timestamp::UNIX_EPOCH);
        let create = |object| api.create(object).expect("a new object");
        create(
            json!({"kind": "KafkaCluster", "metadata": {"name": "c", "namespace": "n"},
            "spec": {"paused": true}}),
        );
        assert_eq!(waits_for(&api), None);
        create(json!({"kind": "Pod", "metadata": {"name": "c-0", "namespace": "n"}}));
        assert_eq!(
            waits_for(&api).as_deref(),
            Some("waiting for c-0 to be ready")
        );
    }
}
