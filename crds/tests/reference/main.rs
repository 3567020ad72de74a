//! The reference pages of `KafkaCluster` and `KafkaTopic`, made from their schemas and from the examples of
//! what is refused, are fresh. `MILLRACE_BLESS=1` writes them.

mod fields;
mod refusals;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use millrace_crds::{KafkaCluster, KafkaTopic};
use millrace_golden::hold_page;
use serde_json::Value;

/// A kind and the beginning of its examples' names.
fn kinds() -> [(CustomResourceDefinition, &'static str); 2] {
    [
        (KafkaCluster::crd(), "cluster-"),
        (KafkaTopic::crd(), "topic-"),
    ]
}

fn schema(definition: &CustomResourceDefinition) -> Value {
    let value = serde_json::to_value(definition).expect("a definition is JSON");
    value["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

fn page(definition: &CustomResourceDefinition, examples: &str) -> String {
    let (names, schema) = (&definition.spec.names, schema(definition));
    let (kind, plural) = (&names.kind, &names.plural);
    let short = names.short_names.as_deref().unwrap_or_default().join(", ");
    let version = &definition.spec.versions[0];
    let mut page = format!(
        "# {kind}\n\n{} `apiVersion: {}/{}`, `kubectl get {plural}` or `{short}` for short. This page is generated from the \
         types in [`crds/src`](../../crds/src) and from [examples of what is refused](../../crds/examples/invalid).\n",
        schema["description"].as_str().unwrap_or_default(),
        definition.spec.group,
        version.name,
    );
    let columns = version.additional_printer_columns.iter().flatten();
    let columns: Vec<String> = columns
        .map(|column| format!("| {} | `{}` |\n", column.name, column.json_path))
        .collect();
    page.push_str(&format!(
        "\n`kubectl get` shows:\n\n| column | from |\n|---|---|\n{}",
        columns.concat()
    ));
    for (part, sentence) in [
        ("spec", "What users write. **Bold** fields must be given."),
        (
            "status",
            "What the operator tells. [Conditions](conditions.md) have a page of their own.",
        ),
    ] {
        page.push_str(&format!("\n## `{part}`\n\n{sentence}\n\n"));
        page.push_str(&fields::table(&schema["properties"][part]));
    }
    page.push_str(&refusals::section(&schema, examples));
    page
}

#[test]
fn the_committed_pages_are_what_the_types_say() {
    for (definition, examples) in kinds() {
        let page = page(&definition, examples);
        let name = definition.spec.names.singular.as_deref();
        hold_page(&format!("{}.md", name.unwrap_or_default()), &page);
    }
}
