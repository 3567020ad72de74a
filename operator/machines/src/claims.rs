//! Volumes: every claim is bound at once, and as large as it asks to be.

use millrace_local::LocalApi;
use serde_json::{Value, json};

use crate::events::{Events, Note, Source};
use crate::json::{is_going, place};

/// The class that claims without one get.
const CLASS: &str = "local";

/// Binds a claim, and lets it grow.
pub(crate) fn tend(api: &LocalApi, claim: &Value, events: &Events) {
    let wanted = &claim["spec"]["resources"]["requests"]["storage"];
    let bound = claim["status"]["phase"] == "Bound";
    if is_going(claim) || (bound && claim["status"]["capacity"]["storage"] == *wanted) {
        return;
    }
    let (namespace, name) = place(claim);
    let tended = api.edit("PersistentVolumeClaim", namespace, name, |claim| {
        let spec = &mut claim["spec"];
        if spec.get("volumeName").is_none() {
            spec["volumeName"] = format!("{namespace}-{name}").into();
        }
        if spec.get("storageClassName").is_none() {
            spec["storageClassName"] = CLASS.into();
        }
        let modes = spec["accessModes"].clone();
        let wanted = spec["resources"]["requests"]["storage"].clone();
        claim["status"] =
            json!({"phase": "Bound", "accessModes": modes, "capacity": {"storage": wanted}});
    });
    // Whoever took it away meanwhile needs it no more.
    if let (Ok(claim), false) = (tended, bound) {
        let volume = claim["spec"]["volumeName"].as_str().unwrap_or_default();
        let message = format!("Successfully provisioned volume {volume}");
        let note = Note::new("ProvisioningSucceeded", message);
        events.tell(&claim, Source::Volumes, &note);
    }
}
