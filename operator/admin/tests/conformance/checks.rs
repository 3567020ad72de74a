//! What every cluster must do. Each check makes topics of its own, so all can run at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use millrace_admin::{
    Admin, AdminError, BrokerConfig, BrokerScope, ConfigChange, ConfigSource, NewPartitions,
    NewTopic, TopicRef,
};
use millrace_types::{ErrorCode, NodeId, Uuid};

/// A broker that is asked may not have heard of a change yet.
const ATTEMPTS: usize = 200;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(25);

async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, probe: impl Fn() -> F) -> T {
    for _ in 0..ATTEMPTS {
        if let Some(value) = probe().await {
            return value;
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
    panic!("{what} does not come");
}

fn unique(what: &str) -> Arc<str> {
    format!("{what}-{}", Uuid::random()).into()
}

fn topic(name: &Arc<str>, partitions: i32) -> NewTopic {
    NewTopic {
        name: Arc::clone(name),
        partitions: Some(partitions),
        replication_factor: Some(1),
        ..NewTopic::default()
    }
}

async fn create(admin: &dyn Admin, what: &str, partitions: i32) -> Arc<str> {
    let name = unique(what);
    let created = admin.create_topics(&[topic(&name, partitions)]).await;
    created[0].as_ref().expect("the topic is created");
    partitions_are(admin, &name, partitions).await;
    name
}

async fn partitions_are(admin: &dyn Admin, name: &Arc<str>, wanted: i32) {
    let wanted = usize::try_from(wanted).expect("a small number");
    let names = [Arc::clone(name)];
    let all_there = || async {
        let found = admin.describe_topics(&names).await.remove(0).ok()?;
        (found.partitions.len() == wanted).then_some(())
    };
    eventually("every partition", all_there).await;
}

fn set(name: &str, value: &str) -> ConfigChange {
    ConfigChange::Set {
        name: name.into(),
        value: value.into(),
    }
}

fn delete(name: &str) -> ConfigChange {
    ConfigChange::Delete { name: name.into() }
}

fn code<T>(outcome: &Result<T, AdminError>) -> Option<ErrorCode> {
    outcome.as_ref().err().and_then(AdminError::code)
}

fn only_outcomes<T>(outcomes: Vec<Result<T, AdminError>>) -> Vec<Result<(), AdminError>> {
    let outcomes = outcomes.into_iter();
    outcomes.map(|outcome| outcome.map(drop)).collect()
}

pub(crate) async fn the_cluster_says_who_it_is(admin: &dyn Admin) {
    let cluster = admin.describe_cluster().await.unwrap();
    assert!(cluster.id.is_some_and(|id| !id.is_empty()));
    let controller = cluster.controller.expect("a controller");
    assert!(cluster.brokers.contains_key(&controller));
    for (id, broker) in &cluster.brokers {
        assert_eq!(*id, broker.id);
        assert!(!broker.host.is_empty() && broker.port > 0);
    }
    let quorum = admin.quorum().await.unwrap();
    let leader = quorum.leader.expect("a leader");
    assert!(quorum.voters.iter().any(|voter| voter.id == leader));
}

pub(crate) async fn what_is_left_out_is_the_cluster_s_default(admin: &dyn Admin) {
    let name = unique("defaults");
    let new = NewTopic {
        name: Arc::clone(&name),
        ..NewTopic::default()
    };
    let created = admin.create_topics(&[new]).await.remove(0).unwrap();
    assert!(created.partitions >= 1 && created.replication_factor >= 1);
    assert!(!created.id.is_zero());
    partitions_are(admin, &name, created.partitions).await;
    let found = admin.describe_topics(&[Arc::clone(&name)]).await.remove(0);
    let found = found.unwrap();
    assert_eq!((&found.name, found.id), (&name, created.id));
    for (index, partition) in (0..).zip(&found.partitions) {
        assert_eq!(partition.index, index);
        let replicas = i16::try_from(partition.replicas.len()).unwrap();
        assert_eq!(replicas, created.replication_factor);
    }
    let all = admin.list_topics().await.unwrap();
    assert!(
        all.iter()
            .any(|listed| listed.name == name && !listed.internal)
    );
}

pub(crate) async fn a_bad_topic_fails_alone(admin: &dyn Admin) {
    let good = unique("good");
    let there = create(admin, "there", 1).await;
    let with_config = |what: &str, key: &str, value: &str| NewTopic {
        configs: BTreeMap::from([(key.into(), value.into())]),
        ..topic(&unique(what), 1)
    };
    let cases = [
        (topic(&good, 1), None),
        (topic(&there, 1), Some(ErrorCode::TopicAlreadyExists)),
        (
            topic(&unique("none"), 0),
            Some(ErrorCode::InvalidPartitions),
        ),
        (
            NewTopic {
                replication_factor: Some(99),
                ..topic(&unique("wide"), 1)
            },
            Some(ErrorCode::InvalidReplicationFactor),
        ),
        (
            with_config("value", "retention.ms", "long"),
            Some(ErrorCode::InvalidConfig),
        ),
        (
            with_config("key", "no.such.key", "1"),
            Some(ErrorCode::InvalidConfig),
        ),
        (
            topic(&"not a name".into(), 1),
            Some(ErrorCode::InvalidTopicException),
        ),
    ];
    let topics: Vec<_> = cases.iter().map(|(topic, _)| topic.clone()).collect();
    let outcomes = admin.create_topics(&topics).await;
    assert_eq!(outcomes.len(), cases.len());
    for ((topic, expected), outcome) in cases.iter().zip(&outcomes) {
        assert_eq!(code(outcome), *expected, "{}", topic.name);
        let retryable = outcome.as_ref().is_err_and(AdminError::retryable);
        assert!(!retryable, "{}", topic.name);
    }
    partitions_are(admin, &good, 1).await;
}

pub(crate) async fn validated_topics_are_not_created(admin: &dyn Admin) {
    let good = unique("validated");
    let bad = topic(&unique("refused"), 0);
    let outcomes = admin.validate_topics(&[topic(&good, 1), bad]).await;
    outcomes[0].as_ref().unwrap();
    assert_eq!(code(&outcomes[1]), Some(ErrorCode::InvalidPartitions));
    let found = admin.describe_topics(&[good]).await.remove(0);
    assert!(found.unwrap_err().is_missing_topic());
}

pub(crate) async fn a_topic_that_is_missing_is_named_so_by_every_call(admin: &dyn Admin) {
    let there = create(admin, "there", 1).await;
    let gone = unique("gone");
    let names = [Arc::clone(&gone), Arc::clone(&there)];
    let change = |name: &Arc<str>| (Arc::clone(name), vec![set("retention.ms", "60000")]);
    let total = |name: &Arc<str>| NewPartitions {
        topic: Arc::clone(name),
        total: 2,
    };
    let refs = names.clone().map(TopicRef::Name);
    let answers = [
        only_outcomes(admin.describe_topics(&names).await),
        only_outcomes(admin.describe_topic_configs(&names).await),
        admin
            .alter_topic_configs(&[change(&gone), change(&there)])
            .await,
        admin
            .create_partitions(&[total(&gone), total(&there)])
            .await,
        admin.delete_topics(&refs).await,
    ];
    for (number, answer) in answers.iter().enumerate() {
        let error = answer[0].as_ref().unwrap_err();
        assert!(
            error.is_missing_topic() && !error.retryable(),
            "{number}: {error}"
        );
        assert!(answer[1].is_ok(), "{number}: {:?}", answer[1]);
    }
}

pub(crate) async fn partitions_only_grow(admin: &dyn Admin) {
    let name = create(admin, "growing", 2).await;
    for (total, expected) in [
        (3, None),
        (3, Some(ErrorCode::InvalidPartitions)),
        (1, Some(ErrorCode::InvalidPartitions)),
    ] {
        let topic = Arc::clone(&name);
        let outcomes = admin
            .create_partitions(&[NewPartitions { topic, total }])
            .await;
        assert_eq!(code(&outcomes[0]), expected, "{total}");
        partitions_are(admin, &name, 3).await;
    }
}

async fn configs_are(admin: &dyn Admin, name: &Arc<str>, wanted: &[(&str, &str)]) {
    let wanted = wanted
        .iter()
        .map(|&(key, value)| (key.into(), value.into()));
    let wanted: BTreeMap<Arc<str>, Arc<str>> = wanted.collect();
    let names = [Arc::clone(name)];
    let same = || async {
        let found = admin.describe_topic_configs(&names).await.remove(0);
        (found.ok()? == wanted).then_some(())
    };
    eventually(&format!("{wanted:?}"), same).await;
}

pub(crate) async fn only_what_is_set_on_a_topic_is_told(admin: &dyn Admin) {
    let name = create(admin, "settings", 1).await;
    configs_are(admin, &name, &[]).await;
    let changes = vec![
        set("retention.ms", "60000"),
        set("cleanup.policy", "compact"),
    ];
    let outcomes = admin
        .alter_topic_configs(&[(Arc::clone(&name), changes)])
        .await;
    outcomes[0].as_ref().unwrap();
    let both = [("retention.ms", "60000"), ("cleanup.policy", "compact")];
    configs_are(admin, &name, &both).await;
    // What is set to its default is set all the same, and what is not named stays.
    let changes = vec![delete("retention.ms"), set("segment.ms", "604800000")];
    let outcomes = admin
        .alter_topic_configs(&[(Arc::clone(&name), changes)])
        .await;
    outcomes[0].as_ref().unwrap();
    let left = [("cleanup.policy", "compact"), ("segment.ms", "604800000")];
    configs_are(admin, &name, &left).await;
}

pub(crate) async fn a_bad_setting_changes_nothing_of_its_topic(admin: &dyn Admin) {
    let one = create(admin, "refused", 1).await;
    let other = create(admin, "accepted", 1).await;
    for bad in [set("retention.ms", "long"), set("no.such.key", "1")] {
        let mixed = vec![set("segment.ms", "60000"), bad];
        let good = vec![set("segment.ms", "70000")];
        let changes = [(Arc::clone(&one), mixed), (Arc::clone(&other), good)];
        let outcomes = admin.alter_topic_configs(&changes).await;
        assert_eq!(code(&outcomes[0]), Some(ErrorCode::InvalidConfig));
        outcomes[1].as_ref().unwrap();
        configs_are(admin, &other, &[("segment.ms", "70000")]).await;
        configs_are(admin, &one, &[]).await;
    }
}

pub(crate) async fn an_id_names_one_life_of_a_topic(admin: &dyn Admin) {
    let name = create(admin, "twice", 1).await;
    let names = [Arc::clone(&name)];
    let first = admin.describe_topics(&names).await.remove(0).unwrap().id;
    let by_id = [TopicRef::Id(first)];
    admin.delete_topics(&by_id).await.remove(0).unwrap();
    let gone = || async {
        let found = admin.describe_topics(&names).await.remove(0);
        found.is_err_and(|e| e.is_missing_topic()).then_some(())
    };
    eventually("the deletion", gone).await;
    let again = admin.create_topics(&[topic(&name, 1)]).await.remove(0);
    assert_ne!(again.unwrap().id, first);
    let outcome = admin.delete_topics(&by_id).await.remove(0);
    assert!(outcome.unwrap_err().is_missing_topic());
    let by_name = [TopicRef::Name(Arc::clone(&name))];
    admin.delete_topics(&by_name).await.remove(0).unwrap();
}

async fn any_broker(admin: &dyn Admin) -> NodeId {
    let cluster = admin.describe_cluster().await.unwrap();
    *cluster.brokers.keys().next().expect("a broker")
}

async fn setting(admin: &dyn Admin, broker: NodeId, name: &str) -> BrokerConfig {
    let configs = admin.describe_broker_configs(broker).await.unwrap();
    let mut configs = configs.into_iter();
    let found = configs.find(|config| &*config.name == name);
    found.expect("the setting is known")
}

pub(crate) async fn brokers_take_settings_while_they_run(admin: &dyn Admin) {
    const KEY: &str = "log.retention.ms";
    let broker = any_broker(admin).await;
    let before = setting(admin, broker, KEY).await;
    assert!(!before.read_only);
    let becomes = |source: ConfigSource, value: Option<&'static str>| async move {
        let there = || async {
            let found = setting(admin, broker, KEY).await;
            let same =
                found.source == source && value.is_none_or(|v| found.value.as_deref() == Some(v));
            same.then_some(())
        };
        eventually(&format!("{source:?}"), there).await;
    };
    let all = BrokerScope::All;
    admin
        .alter_broker_configs(all, &[set(KEY, "700000000")])
        .await
        .unwrap();
    becomes(ConfigSource::AllBrokers, Some("700000000")).await;
    let one = BrokerScope::One(broker);
    admin
        .alter_broker_configs(one, &[set(KEY, "800000000")])
        .await
        .unwrap();
    becomes(ConfigSource::Broker, Some("800000000")).await;
    admin
        .alter_broker_configs(one, &[delete(KEY)])
        .await
        .unwrap();
    becomes(ConfigSource::AllBrokers, Some("700000000")).await;
    let bad = admin.alter_broker_configs(all, &[set(KEY, "long")]).await;
    assert!(bad.is_err_and(|error| !error.retryable()));
    admin
        .alter_broker_configs(all, &[delete(KEY)])
        .await
        .unwrap();
    becomes(before.source, None).await;
}

pub(crate) async fn fixed_settings_of_brokers_are_refused(admin: &dyn Admin) {
    let broker = any_broker(admin).await;
    assert!(setting(admin, broker, "log.dirs").await.read_only);
    let change = [set("log.dirs", "/elsewhere")];
    for scope in [BrokerScope::All, BrokerScope::One(broker)] {
        let refused = admin.alter_broker_configs(scope, &change).await;
        let error = refused.unwrap_err();
        assert!(error.code().is_some() && !error.retryable(), "{error}");
    }
}

pub(crate) async fn disks_tell_what_lies_on_them(admin: &dyn Admin) {
    let name = create(admin, "stored", 2).await;
    let broker = any_broker(admin).await;
    let both = || async {
        let dirs = admin.log_dirs(broker).await.unwrap();
        for dir in &dirs {
            let (total, free) = (dir.total_bytes.unwrap(), dir.usable_bytes.unwrap());
            assert!(total > 0 && (0..=total).contains(&free));
        }
        let replicas = dirs.iter().flat_map(|dir| &dir.replicas);
        let ours = replicas.filter(|replica| replica.partition.topic == name);
        (ours.count() == 2).then_some(())
    };
    eventually("both partitions", both).await;
}

pub(crate) async fn nothing_asked_is_nothing_answered(admin: &dyn Admin) {
    assert!(admin.describe_topics(&[]).await.is_empty());
    assert!(admin.create_topics(&[]).await.is_empty());
    assert!(admin.delete_topics(&[]).await.is_empty());
    assert!(admin.alter_topic_configs(&[]).await.is_empty());
    assert!(admin.describe_topic_configs(&[]).await.is_empty());
}
