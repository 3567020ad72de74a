//! Which changes of a resource mean work, and in which lane.

use millrace_crds::{KafkaTopic, KafkaTopicStatus};
use millrace_model::ObjectKey as Key;
use serde_json::json;

use super::{Entry, Lane, Topics};

fn topic(name: &str, generation: i64) -> KafkaTopic {
    serde_json::from_value(json!({
        "apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic",
        "metadata": {"namespace": "shop", "name": name, "uid": name, "generation": generation,
            "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z",
            "finalizers": ["millrace.dev/topic"]},
        "spec": {"clusterRef": {"name": "cluster"}, "partitions": 3},
    }))
    .expect("a topic")
}

fn in_force(mut topic: KafkaTopic) -> Entry {
    topic.status = Some(KafkaTopicStatus {
        topic_id: Some("id".to_owned()),
        ..KafkaTopicStatus::default()
    });
    Entry::of(topic)
}

/// Takes the next batch and ends it well; tells its lane and topics.
fn work(topics: &mut Topics) -> Option<(Lane, Vec<String>)> {
    let (batch, turns) = topics.next_batch()?;
    let outcomes = vec![super::Outcome::Done; turns.len()];
    topics.finish(&batch, &outcomes, std::time::Duration::ZERO);
    let names = batch
        .topics
        .iter()
        .map(|key| key.name.to_string())
        .collect();
    Some((batch.lane, names))
}

#[test]
fn only_changes_that_matter_mean_work() {
    let mut topics = Topics::default();
    let one = || vec!["a".to_owned()];
    topics.seen(in_force(topic("a", 1)));
    assert_eq!(work(&mut topics), Some((Lane::Backlog, one())));

    let mut written = topic("a", 1);
    written.metadata.resource_version = Some("2".to_owned());
    written.metadata.labels = Some([("team".to_owned(), "x".to_owned())].into());
    topics.seen(in_force(written));
    assert_eq!(
        work(&mut topics),
        None,
        "labels and our own status mean nothing"
    );

    topics.seen(in_force(topic("a", 2)));
    assert_eq!(work(&mut topics), Some((Lane::Edits, one())), "a new spec");

    let mut released = topic("a", 2);
    released.metadata.finalizers = None;
    topics.seen(in_force(released));
    assert_eq!(
        work(&mut topics),
        Some((Lane::Backlog, one())),
        "somebody took the finalizer"
    );

    topics.gone(&Key::new("shop", "a"));
    assert_eq!(work(&mut topics), None);
}

#[test]
fn a_resource_made_anew_under_the_old_name_is_another() {
    let mut topics = Topics::default();
    topics.seen(in_force(topic("a", 1)));
    work(&mut topics);
    let mut anew = topic("a", 1);
    anew.metadata.uid = Some("b".to_owned());
    topics.seen(Entry::of(anew));
    assert_eq!(work(&mut topics).map(|(lane, _)| lane), Some(Lane::Backlog));
}

#[test]
fn the_next_in_line_gets_its_turn_when_the_owner_goes() {
    let mut topics = Topics::default();
    let named = |name: &str, created: &str| {
        let mut topic = topic(name, 1);
        topic.spec.topic_name = Some("orders".to_owned());
        topic.metadata.creation_timestamp =
            Some(serde_json::from_value(json!(created)).expect("a time"));
        in_force(topic)
    };
    topics.seen(named("young", "2026-01-02T00:00:00Z"));
    topics.seen(named("old", "2026-01-01T00:00:00Z"));
    let (_, turns) = topics.next_batch().expect("work");
    let owners: Vec<_> = turns.iter().map(|turn| turn.owner.clone()).collect();
    let position = turns
        .iter()
        .position(|turn| &*turn.entry.key.name == "young")
        .expect("it is there");
    assert_eq!(owners[position], Some(Key::new("shop", "old")));
    assert_eq!(owners[1 - position], None);
}

#[test]
fn what_a_fresh_list_does_not_have_is_gone() {
    let mut topics = Topics::default();
    topics.seen(in_force(topic("a", 1)));
    topics.seen(in_force(topic("b", 1)));
    topics.keep_only(Some("other"), &|_| false);
    topics.keep_only(None, &|key| &*key.name == "b");
    assert_eq!(
        work(&mut topics),
        Some((Lane::Backlog, vec!["b".to_owned()]))
    );
}
