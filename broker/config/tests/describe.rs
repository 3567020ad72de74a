//! DescribeConfigs entries: values, sources and synonyms in order.

use std::collections::BTreeMap;

use millrace_config::{
    BrokerLayers, ConfigEntry, RawConfig, describe_broker, describe_cluster, describe_group,
    describe_topic,
};

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |&(k, v): &(&str, &str)| (k.to_owned(), v.to_owned());
    pairs.iter().map(owned).collect()
}

fn shown(entries: &[ConfigEntry], name: &str) -> String {
    let entry = entries.iter().find(|entry| entry.name == name);
    let entry = entry.expect(name);
    let value = entry.value.as_deref().unwrap_or("null");
    let mut text = format!("{value} {:?}", entry.source);
    for synonym in &entry.synonyms {
        let value = synonym.value.as_deref().unwrap_or("null");
        text += &format!(" | {}={value} {:?}", synonym.name, synonym.source);
    }
    text
}

fn statics() -> RawConfig {
    let mut raw = RawConfig::built_in();
    let file = "log.retention.minutes=30\nssl.key.password=secret\n";
    raw.add_file("f", file).expect("the file is legal");
    raw
}

#[test]
fn a_topic_shows_its_own_word_and_everything_behind_it() {
    let (own, statics) = (
        map(&[("retention.ms", " 77 "), ("cleanup.policy", "")]),
        statics(),
    );
    let (broker, cluster) = (
        map(&[("log.retention.ms", "3000")]),
        map(&[("log.retention.ms", "4000")]),
    );
    let layers = BrokerLayers {
        broker: &broker,
        cluster: &cluster,
        statics: &statics,
    };
    let entries = describe_topic(&own, &layers);
    assert_eq!(entries.len(), 33);
    assert_eq!(
        shown(&entries, "retention.ms"),
        "77 TopicConfig | retention.ms= 77  TopicConfig | log.retention.ms=3000 DynamicBrokerConfig \
         | log.retention.ms=4000 DynamicDefaultBrokerConfig \
         | log.retention.minutes=30 StaticBrokerConfig | log.retention.hours=168 DefaultConfig"
    );
    assert_eq!(
        shown(&entries, "cleanup.policy"),
        " TopicConfig | cleanup.policy= TopicConfig | log.cleanup.policy=delete DefaultConfig"
    );
    assert_eq!(
        shown(&entries, "remote.storage.enable"),
        "false DefaultConfig | remote.storage.enable=false DefaultConfig"
    );
    let without = describe_topic(&(), &BrokerLayers::at_start(&statics));
    assert!(shown(&without, "retention.ms").starts_with("1800000 StaticBrokerConfig"));
    assert!(
        without
            .iter()
            .all(|entry| !entry.read_only && !entry.doc.is_empty())
    );
}

#[test]
fn a_broker_shows_all_it_was_told_but_no_secret() {
    let (statics, cluster) = (statics(), map(&[("log.cleaner.threads", "2")]));
    let layers = BrokerLayers {
        broker: &(),
        cluster: &cluster,
        statics: &statics,
    };
    let entries = describe_broker(&layers);
    let cases = [
        (
            "node.id",
            "1 StaticBrokerConfig | node.id=1 StaticBrokerConfig",
        ),
        ("log.retention.ms", "null DefaultConfig"),
        (
            "log.retention.minutes",
            "30 StaticBrokerConfig | log.retention.minutes=30 StaticBrokerConfig \
             | log.retention.hours=168 DefaultConfig",
        ),
        (
            "log.cleaner.threads",
            "2 DynamicDefaultBrokerConfig | log.cleaner.threads=2 DynamicDefaultBrokerConfig \
             | log.cleaner.threads=1 DefaultConfig",
        ),
        (
            "ssl.key.password",
            "null StaticBrokerConfig | ssl.key.password=null StaticBrokerConfig",
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(shown(&entries, name), expected, "{name}");
    }
    let read_only = |name| entries.iter().any(|e| e.name == name && e.read_only);
    assert!(read_only("node.id") && !read_only("log.cleaner.threads"));
}

#[test]
fn the_cluster_shows_only_what_was_changed_for_all() {
    let entries = describe_cluster(&map(&[("log.cleaner.threads", "2")]));
    assert_eq!(entries.len(), 1);
    assert_eq!(
        shown(&entries, "log.cleaner.threads"),
        "2 DynamicDefaultBrokerConfig | log.cleaner.threads=2 DynamicDefaultBrokerConfig"
    );
}

#[test]
fn a_group_falls_back_on_the_broker() {
    let (own, statics) = (
        map(&[("consumer.session.timeout.ms", "50000")]),
        map(&[("group.streams.num.standby.replicas", "1")]),
    );
    let entries = describe_group(&own, &BrokerLayers::at_start(&statics));
    assert_eq!(entries.len(), 11);
    assert!(shown(&entries, "consumer.session.timeout.ms").starts_with("50000 GroupConfig"));
    assert!(shown(&entries, "streams.num.standby.replicas").starts_with("1 StaticBrokerConfig"));
    assert!(shown(&entries, "share.isolation.level").starts_with("read_uncommitted DefaultConfig"));
}
