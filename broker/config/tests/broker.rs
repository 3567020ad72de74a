//! Whole files in, what they mean or what is wrong with them out.

use millrace_config::{BrokerConfig, RawConfig};

fn read(file: &str) -> Result<BrokerConfig, String> {
    let mut raw = RawConfig::default();
    raw.add_file("f", file).expect("the test writes properties");
    match BrokerConfig::from_raw(&raw) {
        Ok((config, _)) => Ok(config),
        Err(error) => Err(error.to_string()),
    }
}

const COMBINED: &str = "process.roles=broker,controller\n\
    node.id=1\n\
    controller.quorum.voters=1@localhost:9093\n\
    listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
    inter.broker.listener.name=PLAINTEXT\n\
    advertised.listeners=PLAINTEXT://localhost:9092\n\
    controller.listener.names=CONTROLLER\n\
    listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL\n\
    num.network.threads=3\n\
    log.dirs=/var/lib/a,/var/lib/b\n\
    log.retention.hours=1\n";

#[test]
fn a_broker_that_was_told_nothing_is_a_fleet_of_one_on_this_machine() {
    let (config, warnings) = BrokerConfig::from_raw(&RawConfig::built_in()).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(config.node.id.0, 1);
    assert!(config.node.is_broker && config.node.is_controller);
    assert_eq!(&*config.listeners.advertised[0].host, "127.0.0.1");
    assert_eq!(config.listeners.advertised[0].port, 9092);
    assert_eq!(config.listeners.inter_broker.as_deref(), Some("PLAINTEXT"));
    assert!(config.listeners.controllers.is_empty());
    assert_eq!(config.storage.dirs, [std::path::Path::new("data")]);
    assert_eq!(config.offsets.topic.replication_factor, 1);
    assert_eq!(config.metrics.listener, Some(("127.0.0.1".into(), 9404)));
}

#[test]
fn a_combined_node_of_an_ordinary_file_is_understood() {
    let config = read(COMBINED).unwrap();
    assert_eq!(config.quorum.voters[0].endpoint.port, 9093);
    assert_eq!(config.listeners.bound.len(), 2);
    assert_eq!(config.listeners.advertised.len(), 1);
    assert!(config.listeners.is_controller("CONTROLLER"));
    assert_eq!(config.storage.dirs.len(), 2);
    assert_eq!(config.metadata_log.dir, std::path::Path::new("/var/lib/a"));
    assert_eq!(config.topic_defaults.retention_ms, Some(3_600_000));
}

#[test]
fn listeners_may_have_any_name() {
    let file = "process.roles=broker,controller\nnode.id=4\n\
        listeners=internal://[::1]:9092,EXT://:9094,C://:9093\n\
        advertised.listeners=INTERNAL://b:9092,EXT://e:9094\n\
        listener.security.protocol.map=INTERNAL:PLAINTEXT,EXT:PLAINTEXT,C:PLAINTEXT\n\
        inter.broker.listener.name=INTERNAL\ncontroller.listener.names=C\n\
        controller.quorum.bootstrap.servers=c-0:9093,c-1:9093\n";
    let config = read(file).unwrap();
    assert_eq!(&*config.listeners.bound[0].host, "::1");
    assert_eq!(config.listeners.advertised.len(), 2);
    assert_eq!(config.listeners.inter_broker.as_deref(), Some("INTERNAL"));
    assert_eq!(config.quorum.bootstrap_servers.len(), 2);
}

/// Nothing else is wrong with them: the day they are served they are understood.
#[test]
fn brokers_and_controllers_of_their_own_are_refused_by_one_rule() {
    let broker = "process.roles=broker\nnode.id=4\nlisteners=PLAINTEXT://b:9092\n\
        controller.listener.names=C\ncontroller.quorum.bootstrap.servers=c:9093\n";
    let controller = "process.roles=controller\nbroker.id=9\nlisteners=CONTROLLER://:9093\n\
        controller.listener.names=CONTROLLER\ncontroller.quorum.voters=9@c:9093\n";
    for (file, roles) in [(broker, "broker"), (controller, "controller")] {
        let expected = format!(
            "1 invalid setting:\n  f:1: process.roles={roles}: a node that is not broker and \
             controller at once is not served by this version"
        );
        assert_eq!(read(file).unwrap_err(), expected);
    }
}

/// What to add to the combined file, and what the error must say.
const WRONG: &[(&str, &str)] = &[
    (
        "num.partitions=0",
        "f:12: num.partitions=0: Value must be at least 1",
    ),
    (
        "num.partitions=x",
        "f:12: num.partitions=x: Not a number of type INT",
    ),
    ("node.id=", "f:12: node.id=: Not a number of type INT"),
    ("node.id=-1", "Value must be at least 0"),
    (
        "node.id=2",
        "controller.quorum.voters=1@localhost:9093: must name this controller, whose node.id is 2",
    ),
    (
        "broker.id=7",
        "broker.id=7: must be the same as node.id, which is 1",
    ),
    (
        "process.roles=",
        "must name at least one of broker and controller",
    ),
    (
        "process.roles=worker",
        "String must be one of: broker, controller",
    ),
    ("process.roles=broker,broker", "names a role twice"),
    (
        "listeners=PLAINTEXT://:9092,CONTROLLER://:9092",
        "two listeners have port 9092",
    ),
    (
        "listeners=PLAINTEXT://:9092,plaintext://:9094,CONTROLLER://:9093",
        "two listeners are called PLAINTEXT",
    ),
    (
        "listeners=PLAINTEXT:9092",
        "\"PLAINTEXT:9092\" is not of the form NAME://host:port",
    ),
    (
        "listeners=FOO://:9092",
        "listener.security.protocol.map has no protocol for FOO",
    ),
    (
        "listeners=PLAINTEXT://:9092,SSL://:9094,CONTROLLER://:9093",
        "listener SSL asks for SSL, which is not served by this version",
    ),
    (
        "advertised.listeners=SSL://h:1",
        "SSL is not the name of a listener",
    ),
    (
        "advertised.listeners=PLAINTEXT://0.0.0.0:9092",
        "clients cannot connect to 0.0.0.0",
    ),
    (
        "inter.broker.listener.name=SSL",
        "SSL is not an advertised listener",
    ),
    (
        "security.inter.broker.protocol=SSL",
        "set either this or inter.broker.listener.name",
    ),
    (
        "listener.security.protocol.map=A",
        "\"A\" is not of the form listener:protocol",
    ),
    (
        "controller.listener.names=",
        "must name the listener that controllers use",
    ),
    (
        "controller.listener.names=OTHER",
        "OTHER is not the name of a listener",
    ),
    (
        "controller.quorum.voters=1@localhost",
        "\"1@localhost\" is not of the form id@host:port",
    ),
    ("controller.quorum.voters=1@a:1,1@b:2", "names a node twice"),
    (
        "controller.quorum.voters=1@a:1,2@b:2",
        "a quorum of several controllers is not served by this version",
    ),
    (
        "process.roles=broker",
        "names node 1, which is not a controller",
    ),
    ("log.dirs=", "must name at least one directory"),
    ("log.dirs=/a,/a", "names /a twice"),
    (
        "log.retention.ms=0",
        "must be -1 for no limit, or at least 1",
    ),
    (
        "group.min.session.timeout.ms=2000000",
        "must not be above group.max.session.timeout.ms, which is 1800000",
    ),
    (
        "group.max.session.timeout.ms=10",
        "must not be below group.min.session.timeout.ms, which is 6000",
    ),
    (
        "group.consumer.heartbeat.interval.ms=45000",
        "must not be above group.consumer.max.heartbeat.interval.ms",
    ),
    (
        "group.coordinator.rebalance.protocols=consumer",
        "must hold classic",
    ),
    ("offsets.topic.compression.codec=9", "must be 0 (none)"),
    (
        "max.connections.per.ip.overrides=a",
        "\"a\" is not of the form host:count",
    ),
    (
        "millrace.metrics.listener=9404",
        "\"9404\" is not of the form host:port",
    ),
    (
        "queued.max.request.bytes=5",
        "must not be below socket.request.max.bytes",
    ),
    (
        "log.cleaner.threads=1000",
        "must be above 1048576 for each cleaner thread",
    ),
];

#[test]
fn says_what_is_wrong() {
    for (line, expected) in WRONG {
        let error = read(&format!("{COMBINED}{line}\n")).unwrap_err();
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn one_error_lists_every_bad_setting_and_hides_secrets() {
    let bad = "num.partitions=0\nlog.segment.bytes=12\nnum.io.threads=many\n";
    let error = read(&format!("{COMBINED}{bad}")).unwrap_err();
    assert_eq!(
        error,
        "3 invalid settings:\n  \
         f:13: log.segment.bytes=12: Value must be at least 1048576\n  \
         f:14: num.io.threads=many: Not a number of type INT\n  \
         f:12: num.partitions=0: Value must be at least 1"
    );
}

#[test]
fn warns_of_unknown_and_unserved_settings() {
    let mut raw = RawConfig::built_in();
    let file = "log.retention.hour=1\nlistener.name.a.ssl.client.auth=none\nmy.plugin=1\n\
        quota.window.num=5\nnum.io.threads=4\nzookeeper.connect=z:2181\n";
    raw.add_file("f", file).unwrap();
    let (_, warnings) = BrokerConfig::from_raw(&raw).unwrap();
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "f:1: unknown setting log.retention.hour; did you mean log.retention.hours?",
            "f:3: unknown setting my.plugin",
            "f:4: quota.window.num is not served by this version",
        ]
    );
}

#[test]
fn updates_change_what_may_change_and_nothing_else() {
    let mut raw = RawConfig::default();
    raw.add_file("f", COMBINED).unwrap();
    let (config, _) = BrokerConfig::from_raw(&raw).unwrap();
    let map = |entries: &[(&str, &str)]| -> std::collections::BTreeMap<String, String> {
        let owned = |&(k, v): &(&str, &str)| (k.to_owned(), v.to_owned());
        entries.iter().map(owned).collect()
    };
    let own = "listener.name.plaintext.max.connections";
    let cluster = map(&[
        ("log.retention.ms", "5"),
        ("max.connections", "10"),
        (own, "7"),
    ]);
    let broker = map(&[("max.connections", "20"), ("listeners", "X://:1")]);
    let updated = config.with_updates(&raw, &cluster, &broker);
    assert_eq!(updated.topic_defaults.retention_ms, Some(5));
    assert_eq!(updated.network.max_connections, 20);
    let of_listeners = |config: &BrokerConfig| -> Vec<_> {
        let limits = config.network.of_listeners.iter();
        limits.filter_map(|own| own.connections).collect()
    };
    assert_eq!(of_listeners(&config), [0; 0]);
    assert_eq!(of_listeners(&updated), [7]);
    assert_eq!(updated.listeners, config.listeners);
}
