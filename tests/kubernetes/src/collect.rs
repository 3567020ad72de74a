//! What a failed test leaves for its reader: objects, events, logs. Nothing here fails a test.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::kubectl::Kubectl;
use crate::lab::home;

/// Of each log only the end: what failed did so last.
const LAST_LINES: &str = "--tail=500";

/// Kinds of which everything is kept, of all namespaces.
const KINDS: &str = "nodes,pods,statefulsets,services,endpointslices,configmaps,persistentvolumeclaims,persistentvolumes,\
                     poddisruptionbudgets,leases";

/// Writes into `folder` what the cluster says about itself, and the logs of the lab's own programs.
pub fn collect(kubectl: &Kubectl, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let everywhere = "--all-namespaces";
    for (file, arguments) in [
        ("objects.yaml", vec!["get", KINDS, everywhere, "-o", "yaml"]),
        ("pods.txt", vec!["get", "pods", everywhere, "-o", "wide"]),
        ("nodes.txt", vec!["describe", "nodes"]),
        (
            "events.txt",
            vec!["get", "events", everywhere, "--sort-by=.lastTimestamp"],
        ),
    ] {
        fs::write(folder.join(file), said(kubectl, &arguments))?;
    }
    own_objects(kubectl, folder)?;
    pod_logs(kubectl, folder)?;
    lab_logs(folder)
}

/// Objects of Millrace's own kinds, whichever the cluster knows.
fn own_objects(kubectl: &Kubectl, folder: &Path) -> Result<()> {
    let kinds = said(
        kubectl,
        &["api-resources", "--api-group=millrace.dev", "-o", "name"],
    );
    for kind in kinds.lines().filter(|line| line.contains("millrace.dev")) {
        let objects = said(kubectl, &["get", kind, "--all-namespaces", "-o", "yaml"]);
        fs::write(folder.join(format!("{kind}.yaml")), objects)?;
    }
    Ok(())
}

fn pod_logs(kubectl: &Kubectl, folder: &Path) -> Result<()> {
    let logs = folder.join("pods");
    fs::create_dir_all(&logs)?;
    let pods = kubectl
        .json(&["get", "pods", "--all-namespaces"])
        .unwrap_or(Value::Null);
    for pod in pods["items"].as_array().into_iter().flatten() {
        let metadata = &pod["metadata"];
        let (Some(space), Some(name)) = (metadata["namespace"].as_str(), metadata["name"].as_str())
        else {
            continue;
        };
        let arguments = ["logs", "-n", space, name, "--all-containers", LAST_LINES];
        let mut log = said(kubectl, &arguments);
        let mut earlier = arguments.to_vec();
        earlier.push("--previous");
        if let Ok(before) = kubectl.run(&earlier) {
            log = format!("--- before its restart\n{before}--- now\n{log}");
        }
        fs::write(logs.join(format!("{space}.{name}.log")), log)?;
    }
    Ok(())
}

fn lab_logs(folder: &Path) -> Result<()> {
    let Ok(listed) = fs::read_dir(home::path("log")) else {
        return Ok(());
    };
    let logs = folder.join("lab");
    fs::create_dir_all(&logs)?;
    for entry in listed.filter_map(Result::ok) {
        fs::copy(entry.path(), logs.join(entry.file_name()))?;
    }
    Ok(())
}

/// The answer, or why there is none: either is worth reading.
fn said(kubectl: &Kubectl, arguments: &[&str]) -> String {
    kubectl
        .run(arguments)
        .unwrap_or_else(|error| format!("{error:#}\n"))
}
