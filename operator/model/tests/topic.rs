//! Topics and what is said about them: as text in, as text out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use millrace_crds::KafkaTopic;
use millrace_model::{DeletionPolicy, Problem, Resolved, Topic};

fn resolve(metadata: &str, spec: &str) -> Result<Resolved<Topic>, Vec<Problem>> {
    resolve_with_status(metadata, spec, "{}")
}

fn resolve_with_status(
    metadata: &str,
    spec: &str,
    status: &str,
) -> Result<Resolved<Topic>, Vec<Problem>> {
    let text = format!(
        "apiVersion: millrace.dev/v1alpha1\nkind: KafkaTopic\n\
         metadata: {{name: orders, namespace: n, uid: u, generation: 2{metadata}}}\n\
         spec: {{clusterRef: {{name: c}}{spec}}}\nstatus: {status}\n"
    );
    let raw: KafkaTopic = serde_yaml::from_str(&text).unwrap();
    Topic::resolve(&raw)
}

fn good(spec: &str) -> Topic {
    let resolved = resolve("", spec).unwrap();
    assert_eq!(resolved.warnings, [], "{spec}");
    resolved.value
}

fn short(problems: &[Problem]) -> Vec<String> {
    let line = |problem: &Problem| format!("{} {}", problem.field, problem.reason);
    problems.iter().map(line).collect()
}

fn configs(topic: &Topic) -> Vec<String> {
    let line = |(key, value): (&String, &String)| format!("{key}={value}");
    topic.configs.iter().map(line).collect()
}

#[test]
fn what_is_left_out_is_left_alone() {
    let topic = good("");
    assert_eq!(topic.name, "orders");
    assert_eq!(topic.cluster.to_string(), "n/c");
    assert_eq!((topic.partitions, topic.replicas), (None, None));
    assert_eq!(configs(&topic), [""; 0]);
    assert_eq!(topic.deletion_policy, DeletionPolicy::Delete);
    assert!(topic.managed && !topic.deleting && !topic.has_finalizer);
    assert_eq!(topic.created, i64::MAX);
}

#[test]
fn everything_a_topic_sets_is_a_config() {
    let topic = good(
        ", topicName: Orders_2, partitions: 12, replicas: 3, retention: {time: 7d, bytes: unlimited}, \
         cleanupPolicy: [delete, compact], config: {segment.bytes: 1048576, preallocate: 'true'}, \
         deletionPolicy: Retain, managed: false",
    );
    assert_eq!(topic.name, "Orders_2");
    assert_eq!((topic.partitions, topic.replicas), (Some(12), Some(3)));
    let expected = [
        "cleanup.policy=compact,delete",
        "preallocate=true",
        "retention.bytes=-1",
        "retention.ms=604800000",
        "segment.bytes=1048576",
    ];
    assert_eq!(configs(&topic), expected);
    assert_eq!(topic.deletion_policy, DeletionPolicy::Retain);
    assert!(!topic.managed);
}

#[test]
fn the_resource_tells_its_age_and_its_end() {
    let metadata = ", creationTimestamp: '1970-01-01T00:00:05Z', \
                    deletionTimestamp: '1970-01-01T00:00:06Z', finalizers: [millrace.dev/topic]";
    let topic = resolve(metadata, "").unwrap().value;
    assert_eq!(topic.created, 5_000);
    assert!(topic.deleting && topic.has_finalizer);
}

#[test]
fn a_topic_that_cannot_be_named_is_refused() {
    let cases: &[(&str, &[&str])] = &[
        (", topicName: a b", &["spec.topicName InvalidValue"]),
        (", topicName: ..", &["spec.topicName InvalidValue"]),
        (
            ", topicName: __consumer_offsets",
            &["spec.topicName Reserved"],
        ),
        (
            ", topicName: __cluster_metadata",
            &["spec.topicName Reserved"],
        ),
    ];
    for (spec, expected) in cases {
        assert_eq!(short(&resolve("", spec).unwrap_err()), *expected, "{spec}");
    }
}

#[test]
fn a_setting_that_cannot_be_used_is_left_alone() {
    let resolved = resolve(
        "",
        ", partitions: 0, replicas: 40000, retention: {time: soon, bytes: 1Gi}, \
         config: {retention.bytes: 5}",
    );
    let resolved = resolved.unwrap();
    let expected = [
        "spec.partitions InvalidValue",
        "spec.replicas InvalidValue",
        "spec.retention.time InvalidValue",
        "spec.config.retention.bytes Duplicate",
    ];
    assert_eq!(short(&resolved.warnings), expected);
    let topic = resolved.value;
    assert_eq!((topic.partitions, topic.replicas), (None, None));
    assert_eq!(configs(&topic), ["retention.bytes=1073741824"]);
}

#[test]
fn a_topic_keeps_the_name_under_which_it_was_made() {
    let resolved = resolve_with_status("", ", topicName: new", "{topicName: old}").unwrap();
    assert_eq!(resolved.value.name, "old");
    assert_eq!(short(&resolved.warnings), ["spec.topicName Immutable"]);
}
