//! What is served, told in the two forms that clients ask for: one document for all, or one per group
//! and version. Pure.

use serde_json::{Value, json};

use crate::resource::Resource;

/// What the one document for all is called in `Accept` and `Content-Type`.
pub(crate) const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// How a subresource is asked.
const CHANGED: &[&str] = &["get", "patch", "update"];
const READ: &[&str] = &["get"];

/// A group with the versions and kinds that are served of it. Each group has one version.
struct Group {
    name: &'static str,
    version: &'static str,
    kinds: Vec<Resource>,
}

/// Something below an object, and the kind that it is answered with.
struct Part {
    name: &'static str,
    answers: Answers,
    verbs: &'static [&'static str],
}

enum Answers {
    Itself,
    Scale,
}

/// `/api` or `/apis`, as one document.
pub(crate) fn aggregated(kinds: impl Iterator<Item = Resource>, core: bool) -> Value {
    let items: Vec<Value> = groups(kinds)
        .iter()
        .filter(|group| group.name.is_empty() == core)
        .map(|group| {
            let resources: Vec<Value> = group.kinds.iter().map(resource).collect();
            let mut metadata = json!({"creationTimestamp": null});
            if !core {
                metadata["name"] = group.name.into();
            }
            json!({"metadata": metadata, "versions": [{
                "version": group.version, "resources": resources, "freshness": "Current",
            }]})
        })
        .collect();
    json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {}, "items": items,
    })
}

/// `/api`: the versions of the core group.
pub(crate) fn core_versions(kinds: impl Iterator<Item = Resource>) -> Value {
    let groups = groups(kinds);
    let core = groups.iter().filter(|group| group.name.is_empty());
    let versions: Vec<&str> = core.map(|group| group.version).collect();
    json!({"kind": "APIVersions", "versions": versions, "serverAddressByClientCIDRs": []})
}

/// `/apis`: every other group.
pub(crate) fn group_list(kinds: impl Iterator<Item = Resource>) -> Value {
    let groups = groups(kinds);
    let named = groups.iter().filter(|group| !group.name.is_empty());
    let groups: Vec<Value> = named.map(described).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`.
pub(crate) fn group(kinds: impl Iterator<Item = Resource>, name: &str) -> Option<Value> {
    let groups = groups(kinds);
    let mut group = described(groups.iter().find(|group| group.name == name)?);
    group["kind"] = "APIGroup".into();
    group["apiVersion"] = "v1".into();
    Some(group)
}

/// `/api/VERSION` or `/apis/GROUP/VERSION`.
pub(crate) fn resource_list(
    kinds: impl Iterator<Item = Resource>,
    group: &str,
    version: &str,
) -> Option<Value> {
    let groups = groups(kinds);
    let group = groups
        .iter()
        .find(|known| (known.name, known.version) == (group, version))?;
    let resources: Vec<Value> = group.kinds.iter().flat_map(listed).collect();
    let group_version = group.kinds.first().map(Resource::api_version);
    Some(json!({
        "kind": "APIResourceList", "apiVersion": "v1",
        "groupVersion": group_version, "resources": resources,
    }))
}

fn groups(kinds: impl Iterator<Item = Resource>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for kind in kinds {
        let known = groups
            .iter_mut()
            .find(|group| (group.name, group.version) == (kind.group, kind.version));
        match known {
            Some(group) => group.kinds.push(kind),
            None => groups.push(Group {
                name: kind.group,
                version: kind.version,
                kinds: vec![kind],
            }),
        }
    }
    groups
}

fn described(group: &Group) -> Value {
    let version = json!({
        "groupVersion": format!("{}/{}", group.name, group.version), "version": group.version,
    });
    json!({"name": group.name, "versions": [version], "preferredVersion": version})
}

fn parts(kind: &Resource) -> Vec<Part> {
    let mut parts = Vec::new();
    if kind.has_status {
        parts.push(Part {
            name: "status",
            answers: Answers::Itself,
            verbs: CHANGED,
        });
    }
    if kind.has_scale {
        parts.push(Part {
            name: "scale",
            answers: Answers::Scale,
            verbs: CHANGED,
        });
    }
    if kind.kind == "Pod" {
        parts.push(Part {
            name: "log",
            answers: Answers::Itself,
            verbs: READ,
        });
    }
    parts
}

fn resource(kind: &Resource) -> Value {
    let itself = json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
    let subresources: Vec<Value> = parts(kind)
        .iter()
        .map(|part| {
            let answer = match part.answers {
                Answers::Itself => itself.clone(),
                Answers::Scale => json!({"group": "autoscaling", "version": "v1", "kind": "Scale"}),
            };
            json!({"subresource": part.name, "responseKind": answer, "verbs": part.verbs})
        })
        .collect();
    let mut resource = json!({
        "resource": kind.plural, "responseKind": itself,
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular, "verbs": kind.verbs,
    });
    let names = [
        ("shortNames", kind.short_names),
        ("categories", kind.categories),
    ];
    for (field, names) in names.iter().filter(|(_, names)| !names.is_empty()) {
        resource[*field] = json!(names);
    }
    if !subresources.is_empty() {
        resource["subresources"] = subresources.into();
    }
    resource
}

/// A kind and its subresources, one beside the other.
fn listed(kind: &Resource) -> Vec<Value> {
    let mut itself = json!({
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced,
        "kind": kind.kind, "verbs": kind.verbs,
    });
    let names = [
        ("shortNames", kind.short_names),
        ("categories", kind.categories),
    ];
    for (field, names) in names.iter().filter(|(_, names)| !names.is_empty()) {
        itself[*field] = json!(names);
    }
    let mut list = vec![itself];
    for part in parts(kind) {
        let mut entry = json!({
            "name": format!("{}/{}", kind.plural, part.name), "singularName": "",
            "namespaced": kind.namespaced, "kind": kind.kind, "verbs": part.verbs,
        });
        if matches!(part.answers, Answers::Scale) {
            entry["kind"] = "Scale".into();
            entry["group"] = "autoscaling".into();
            entry["version"] = "v1".into();
        }
        list.push(entry);
    }
    list
}
