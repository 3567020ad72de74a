//! The definitions of the project's own kinds as objects: made when somebody asks, since few do. Pure.

use jiff::Timestamp;
use millrace_local::definitions;
use serde_json::{Value, json};

use crate::resource::DEFINITIONS;

/// What a list may be chosen by.
const BY_NAME: &str = "metadata.name=";
/// They stay as they are for as long as the program runs.
const REVISION: &str = "1";

/// The definition of that name.
pub(crate) fn one(name: &str, since: Timestamp) -> Option<Value> {
    let mut all = all(since).into_iter();
    all.find(|object| object["metadata"]["name"] == name)
}

/// Those that a query chooses.
pub(crate) fn list(query: &str, since: Timestamp) -> Result<Value, String> {
    let mut items = all(since);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match (name.as_ref(), value.strip_prefix(BY_NAME)) {
            (_, _) if value.is_empty() => {}
            ("fieldSelector", Some(wanted)) => {
                items.retain(|object| object["metadata"]["name"] == wanted);
            }
            ("fieldSelector" | "labelSelector", _) => {
                let of = DEFINITIONS.plural;
                return Err(format!(
                    "{of} are chosen by fieldSelector={BY_NAME}NAME alone"
                ));
            }
            _ => {}
        }
    }
    Ok(json!({
        "apiVersion": DEFINITIONS.api_version(), "kind": format!("{}List", DEFINITIONS.kind),
        "metadata": {"resourceVersion": REVISION}, "items": items,
    }))
}

/// All that a watch of a list ever tells: what is there, unless its reader has it.
pub(crate) fn events(list: &Value, query: &str) -> String {
    let said = |wanted: &str| {
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        let found = parameters.find(|(name, _)| name == wanted);
        found.map(|(_, value)| value).unwrap_or_default()
    };
    let all = said("sendInitialEvents") == "true";
    if !all && said("resourceVersion") == REVISION {
        return String::new();
    }
    let items = list["items"].as_array().into_iter().flatten();
    let mut events: Vec<Value> = items
        .map(|item| json!({"type": "ADDED", "object": item}))
        .collect();
    if all {
        let annotations = json!({"k8s.io/initial-events-end": "true"});
        let metadata = json!({"resourceVersion": REVISION, "annotations": annotations});
        let object = json!({"apiVersion": DEFINITIONS.api_version(), "kind": DEFINITIONS.kind,
            "metadata": metadata});
        events.push(json!({"type": "BOOKMARK", "object": object}));
    }
    events.iter().map(|event| format!("{event}\n")).collect()
}

fn all(since: Timestamp) -> Vec<Value> {
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let objects = definitions().iter().zip(1..).map(|(definition, number)| {
        // Definitions are made of what JSON has.
        let mut object = serde_json::to_value(definition).unwrap_or_default();
        let metadata = &mut object["metadata"];
        metadata["uid"] = format!("00000000-0000-4000-8000-{number:012x}").into();
        metadata["resourceVersion"] = REVISION.into();
        metadata["generation"] = 1.into();
        metadata["creationTimestamp"] = since.as_str().into();
        object["status"] = status(&object["spec"], &since);
        object
    });
    objects.collect()
}

fn status(spec: &Value, since: &str) -> Value {
    let condition = |kind: &str, reason: &str, message: &str| {
        json!({"type": kind, "status": "True", "reason": reason, "message": message,
            "lastTransitionTime": since})
    };
    let versions = spec["versions"].as_array().into_iter().flatten();
    let stored = versions.filter(|version| version["storage"] == true);
    let stored: Vec<&Value> = stored.map(|version| &version["name"]).collect();
    json!({
        "acceptedNames": spec["names"], "storedVersions": stored,
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_listed_and_found_by_name() {
        let names = |query: &str| -> Result<Vec<String>, String> {
            let list = list(query, Timestamp::UNIX_EPOCH)?;
            let items = list["items"].as_array().unwrap().iter();
            Ok(items
                .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
                .collect())
        };
        let both = ["kafkaclusters.millrace.dev", "kafkatopics.millrace.dev"];
        assert_eq!(names("limit=500").unwrap(), both);
        let chosen = names("fieldSelector=metadata.name%3Dkafkatopics.millrace.dev");
        assert_eq!(chosen.unwrap(), both[1..]);
        for refused in ["labelSelector=a%3Db", "fieldSelector=spec.a%3Db"] {
            assert!(names(refused).is_err(), "{refused}");
        }
        let list = list("", Timestamp::UNIX_EPOCH).unwrap();
        let told = |query: &str| events(&list, query).lines().count();
        let cases = ["resourceVersion=1", "", "sendInitialEvents=true"].map(told);
        assert_eq!(cases, [0, 2, 3]);
        let topics = one(both[1], Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(topics["status"]["storedVersions"], json!(["v1alpha1"]));
        assert_eq!(
            topics["metadata"]["creationTimestamp"],
            "1970-01-01T00:00:00Z"
        );
        assert_eq!(one("kafkatopics", Timestamp::UNIX_EPOCH), None);
    }
}
