//! Clusters and what is said about them: as text in, as text out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use millrace_crds::KafkaCluster;
use millrace_model::{
    AllowedNamespaces, Cluster, Defaults, Platform, Problem, Resolved, UnavailablePartitions,
};

fn defaults(brokers_served: u32) -> Defaults {
    Defaults {
        image_repository: "registry.example.com/broker".to_owned(),
        version: "1.2.3".to_owned(),
        image_pull_policy: None,
        platform: Platform::Kubernetes {
            dns_domain: "cluster.local".to_owned(),
        },
        brokers_served,
        operator_pods: None,
    }
}

const POOL: &str = "nodePools: [{name: p, replicas: 1, storage: {ephemeral: {}}}]";
const BROKERS_SERVED: u32 = 100;

fn resolve_for(spec: &str, served: u32) -> Result<Resolved<Cluster>, Vec<Problem>> {
    let pools = if spec.contains("nodePools") { "" } else { POOL };
    let lines: String = [pools, spec]
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| format!("  {line}\n"))
        .collect();
    let text = format!(
        "apiVersion: millrace.dev/v1alpha1\nkind: KafkaCluster\n\
         metadata: {{name: c, namespace: n, uid: u, generation: 3}}\nspec:\n{lines}"
    );
    let raw: KafkaCluster = serde_yaml::from_str(&text).unwrap();
    Cluster::resolve(&raw, &defaults(served))
}

fn resolve(spec: &str) -> Result<Resolved<Cluster>, Vec<Problem>> {
    resolve_for(spec, BROKERS_SERVED)
}

fn good(spec: &str) -> Cluster {
    let resolved = resolve(spec).unwrap();
    assert_eq!(resolved.warnings, [], "{spec}");
    resolved.value
}

/// `field reason` of each problem.
fn short(problems: &[Problem]) -> Vec<String> {
    let line = |problem: &Problem| format!("{} {}", problem.field, problem.reason);
    problems.iter().map(line).collect()
}

#[test]
fn what_is_left_out_is_filled_in() {
    let cluster = good("");
    assert_eq!(cluster.key.to_string(), "n/c");
    assert_eq!(cluster.image, "registry.example.com/broker:1.2.3");
    assert_eq!(cluster.metrics.port, 9404);
    assert_eq!(cluster.unavailable_partitions, UnavailablePartitions::Allow);
    assert!(!cluster.paused);
    let [broker] = cluster.brokers.as_slice() else {
        panic!("{:?}", cluster.brokers)
    };
    assert_eq!((broker.id.0, broker.pod.as_str()), (0, "c-p-0"));
    let [listener] = cluster.listeners.as_slice() else {
        panic!("{:?}", cluster.listeners)
    };
    assert_eq!(
        (listener.kafka_name.as_str(), listener.port),
        ("PLAIN", 9092)
    );
}

#[test]
fn what_is_said_is_resolved() {
    let cluster = good(
        "nodePools: [{name: a, replicas: 2, storage: {persistent: {size: 1.5Ti}}}, \
         {name: b, replicas: 1, firstBrokerId: 1000, roles: [broker], storage: {ephemeral: {}}}]\n\
         version: v2\n\
         listeners: [{name: over-there, port: 9100, type: loadBalancer, \
         advertised: {host: 'b{id}.{cluster}.{namespace}.example.com', port: 443}}]\n\
         defaults: {partitions: 3, retention: {time: 1h30m, bytes: 1Gi}}\n\
         config: {num.io.threads: 4, background.threads: '5'}\n\
         topics: {allowedNamespaces: [x]}\n\
         paused: true",
    );
    assert_eq!(cluster.image, "registry.example.com/broker:v2");
    let pods: Vec<_> = cluster
        .brokers
        .iter()
        .map(|one| (one.id.0, one.pod.as_str()))
        .collect();
    assert_eq!(pods, [(0, "c-a-0"), (1, "c-a-1"), (1000, "c-b-0")]);
    assert_eq!(cluster.unavailable_partitions, UnavailablePartitions::Wait);
    let listener = &cluster.listeners[0];
    assert_eq!(listener.kafka_name, "OVER_THERE");
    let hosts: Vec<_> = listener
        .advertised
        .as_ref()
        .unwrap()
        .hosts
        .values()
        .collect();
    assert_eq!(
        hosts,
        [
            "b0.c.n.example.com",
            "b1.c.n.example.com",
            "b1000.c.n.example.com"
        ]
    );
    let properties: Vec<String> = cluster
        .properties
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let expected = [
        "background.threads=5",
        "log.retention.bytes=1073741824",
        "log.retention.ms=5400000",
        "num.io.threads=4",
        "num.partitions=3",
    ];
    assert_eq!(properties, expected);
    assert!(cluster.paused);
    for (namespace, admitted) in [("n", true), ("x", true), ("y", false)] {
        assert_eq!(cluster.admits_topics_of(namespace), admitted, "{namespace}");
    }
}

/// A spec, and what is wrong with it.
const REFUSED: &[(&str, &[&str])] = &[
    ("nodePools: []", &["spec.nodePools InvalidValue"]),
    (
        "nodePools: [{name: P, replicas: 0, storage: {}, firstBrokerId: -1}]",
        &[
            "spec.nodePools[0].name InvalidValue",
            "spec.nodePools[0].replicas InvalidValue",
            "spec.nodePools[0].firstBrokerId InvalidValue",
            "spec.nodePools[0].storage ConflictingFields",
        ],
    ),
    (
        "nodePools: [{name: a-name-that-is-too-long, replicas: 1, storage: {ephemeral: {}}}]",
        &["spec.nodePools[0].name InvalidValue"],
    ),
    (
        "nodePools: [{name: p, replicas: 1, storage: {ephemeral: {}, persistent: {size: 1Gi}}}]",
        &["spec.nodePools[0].storage ConflictingFields"],
    ),
    (
        "nodePools: [{name: p, replicas: 1, storage: {persistent: {size: much}}}]",
        &["spec.nodePools[0].storage.persistent.size InvalidValue"],
    ),
    (
        "nodePools: [{name: p, replicas: 1, storage: {ephemeral: {sizeLimit: '0'}}}]",
        &["spec.nodePools[0].storage.ephemeral.sizeLimit InvalidValue"],
    ),
    (
        "nodePools: [{name: p, replicas: 1, storage: {ephemeral: {}}}, \
         {name: p, replicas: 1, firstBrokerId: 999, storage: {ephemeral: {}}}]",
        &[
            "spec.nodePools[1].name Duplicate",
            "spec.nodePools[1].firstBrokerId ConflictingFields",
        ],
    ),
    ("version: a\nimage: b", &["spec.image ConflictingFields"]),
    ("version: a b", &["spec.version InvalidValue"]),
    ("image: a b", &["spec.image InvalidValue"]),
    (
        "rack: {topologyKey: a b}",
        &["spec.rack.topologyKey InvalidValue"],
    ),
    ("metrics: {port: 9091}", &["spec.metrics.port InvalidValue"]),
    ("metrics: {port: 80}", &["spec.metrics.port InvalidValue"]),
    (
        "metrics: {port: 9092}",
        &["spec.listeners[0].port ConflictingFields"],
    ),
    (
        "listeners: [{name: brokers, port: 80, type: internal}]",
        &[
            "spec.listeners[0].name Reserved",
            "spec.listeners[0].port InvalidValue",
        ],
    ),
    (
        "listeners: [{name: a, port: 9100, type: internal}, {name: a, port: 9100, type: internal}]",
        &[
            "spec.listeners[1].name Duplicate",
            "spec.listeners[1].port Duplicate",
            "spec.listeners[1].name ConflictingFields",
        ],
    ),
    (
        "listeners: [{name: l, port: 9100, type: nodePort, advertised: {host: 'b{x}', port: 0}}]",
        &[
            "spec.listeners[0].advertised.port InvalidValue",
            "spec.listeners[0].advertised.host InvalidValue",
        ],
    ),
    (
        "listeners: [{name: l, port: 9100, type: internal, advertised: {host: '${env:X}'}}]",
        &["spec.listeners[0].advertised.host InvalidValue"],
    ),
    (
        "nodePools: [{name: p, replicas: 2, storage: {ephemeral: {}}}]\n\
         listeners: [{name: l, port: 9100, type: loadBalancer, advertised: {host: one}}]",
        &["spec.listeners[0].advertised.host ConflictingFields"],
    ),
    // A broker's Service of one listener, and the bootstrap Service of another.
    (
        "listeners: [{name: x-bootstrap, port: 9100, type: clusterIP}, \
         {name: p-0-x, port: 9101, type: internal}]",
        &["spec.listeners[1].name ConflictingFields"],
    ),
];

#[test]
fn what_cannot_be_built_is_refused_with_every_reason() {
    for (spec, expected) in REFUSED {
        assert_eq!(short(&resolve(spec).unwrap_err()), *expected, "{spec}");
    }
}

#[test]
fn parts_that_cannot_be_used_are_left_out_and_the_rest_goes_on() {
    let cases: &[(&str, &[&str])] = &[
        (
            "config: {listeners: x, controller.quorum.voters: z}",
            &[
                "spec.config.controller.quorum.voters Reserved",
                "spec.config.listeners Reserved",
            ],
        ),
        ("config: {'a b': c}", &["spec.config InvalidValue"]),
        (
            "defaults: {partitions: 0, replicas: 2}",
            &[
                "spec.defaults.partitions InvalidValue",
                "spec.defaults.replicas InvalidValue",
            ],
        ),
        (
            "defaults: {retention: {time: soon, bytes: much}}",
            &[
                "spec.defaults.retention.time InvalidValue",
                "spec.defaults.retention.bytes InvalidValue",
            ],
        ),
        (
            "topics: {allowedNamespaces: ['*', A]}",
            &[
                "spec.topics.allowedNamespaces InvalidValue",
                "spec.topics.allowedNamespaces InvalidValue",
            ],
        ),
    ];
    for (spec, expected) in cases {
        let resolved = resolve(spec).unwrap();
        assert_eq!(short(&resolved.warnings), *expected, "{spec}");
        assert_eq!(resolved.value.properties, good("").properties, "{spec}");
        let nobody = AllowedNamespaces::Some([].into());
        assert_eq!(resolved.value.allowed_namespaces, nobody, "{spec}");
    }
}

#[test]
fn a_default_wins_over_the_property_of_the_same_meaning() {
    let resolved =
        resolve("defaults: {retention: {time: unlimited}}\nconfig: {log.retention.hours: 3}");
    let resolved = resolved.unwrap();
    assert_eq!(
        short(&resolved.warnings),
        ["spec.config.log.retention.hours Duplicate"]
    );
    let properties: Vec<_> = resolved.value.properties.into_iter().collect();
    assert_eq!(
        properties,
        [("log.retention.ms".to_owned(), "-1".to_owned())]
    );
}

#[test]
fn pods_carry_nothing_of_the_operators_own() {
    let resolved = resolve(
        "nodePools: [{name: p, replicas: 1, storage: {ephemeral: {}}, template: {\
         labels: {millrace.dev/pool: x, a: b}, \
         env: [{name: HOST_IP, value: x}, {name: A, value: '1'}, {name: A, value: '2'}]}}]",
    );
    let resolved = resolved.unwrap();
    let expected = [
        "spec.nodePools[0].template.labels Reserved",
        "spec.nodePools[0].template.env Reserved",
        "spec.nodePools[0].template.env Duplicate",
    ];
    assert_eq!(short(&resolved.warnings), expected);
    let template = &resolved.value.pools[0].template;
    assert_eq!(template.labels.len(), 1);
    assert_eq!(template.env.len(), 1);
    assert_eq!(template.env[0].value.as_deref(), Some("1"));
}

#[test]
fn a_star_alone_admits_every_namespace() {
    assert!(good("topics: {allowedNamespaces: ['*']}").admits_topics_of("any"));
}

#[test]
fn more_brokers_than_the_version_serves_are_refused() {
    let two = "nodePools: [{name: p, replicas: 2, storage: {ephemeral: {}}}]";
    let half = "nodePools: [{name: p, replicas: 1, roles: [broker], storage: {ephemeral: {}}}]";
    let pools = "nodePools: [{name: p, replicas: 1, storage: {ephemeral: {}}}, \
                 {name: q, replicas: 1, firstBrokerId: 5000, storage: {ephemeral: {}}}]";
    let problems = |spec| short(&resolve_for(spec, 1).unwrap_err());
    assert_eq!(problems(two), ["spec.nodePools[0].replicas NotServed"]);
    assert_eq!(problems(pools), ["spec.nodePools[1].replicas NotServed"]);
    assert_eq!(problems(half), ["spec.nodePools[0].roles NotServed"]);
    assert!(resolve_for(two, 2).is_ok());
    assert!(resolve_for(pools, 2).is_ok());
    let said = resolve_for(two, 1).unwrap_err().remove(0);
    assert_eq!(
        said.to_string(),
        "spec.nodePools[0].replicas: this version serves clusters of at most 1 broker; \
         let all node pools together have at most 1"
    );
}

#[test]
fn a_pool_that_is_wrong_otherwise_too_is_told_that_it_has_too_many_brokers() {
    let spec = "nodePools: [{name: p, replicas: 3, storage: {}}]";
    let expected = [
        "spec.nodePools[0].storage ConflictingFields",
        "spec.nodePools[0].replicas NotServed",
    ];
    assert_eq!(short(&resolve_for(spec, 1).unwrap_err()), expected);
}
