//! AlterConfigs, IncrementalAlterConfigs and UpdateFeatures.

use millrace_metadata::control::brokers::fence_broker;
use millrace_metadata::control::configs::{alter_configs, incremental_alter_configs};
use millrace_metadata::control::features::{initial_features, update_features};
use millrace_metadata::image::configs::ResourceKind;
use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::alter_configs_request as whole;
use millrace_wire::messages::incremental_alter_configs_request as incremental;
use millrace_wire::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};

use crate::fleet::{ELR, Fleet, feature};

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;

type Entry<'a> = (&'a str, i8, Option<&'a str>);

fn resource(kind: i8, name: &str, entries: &[Entry<'_>]) -> incremental::AlterConfigsResource {
    let configs = entries
        .iter()
        .map(|&(name, operation, value)| incremental::AlterableConfig {
            name: name.into(),
            config_operation: operation,
            value: value.map(Into::into),
        });
    incremental::AlterConfigsResource {
        resource_type: kind,
        resource_name: name.into(),
        configs: configs.collect(),
    }
}

fn change(fleet: &mut Fleet, resources: Vec<incremental::AlterConfigsResource>) -> Vec<ErrorCode> {
    let request = incremental::IncrementalAlterConfigsRequest {
        resources,
        validate_only: false,
    };
    let decision = incremental_alter_configs(fleet.context(), &request);
    let response = fleet.commit(decision);
    response
        .responses
        .iter()
        .map(|result| ErrorCode::from_code(result.error_code))
        .collect()
}

fn set_on(fleet: &Fleet, kind: ResourceKind, name: &str) -> Vec<(String, String)> {
    let settings = fleet.image.configs.of(kind, name);
    settings
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn each_resource_is_answered_for_itself() {
    let one: &[Entry<'_>] = &[("retention.ms", SET, Some("5"))];
    let broker: &[Entry<'_>] = &[("log.retention.ms", SET, Some("5"))];
    let group: &[Entry<'_>] = &[("consumer.session.timeout.ms", SET, Some("46000"))];
    let cases = [
        (resource(2, "t", one), ErrorCode::None),
        (resource(2, "nope", one), ErrorCode::UnknownTopicOrPartition),
        (
            resource(2, "u", &[("no.such", SET, Some("1"))]),
            ErrorCode::InvalidConfig,
        ),
        (
            resource(2, "v", &[("retention.ms", SET, Some("x"))]),
            ErrorCode::InvalidConfig,
        ),
        (
            resource(2, "w", &[("retention.ms", 9, Some("1"))]),
            ErrorCode::InvalidRequest,
        ),
        (resource(4, "", broker), ErrorCode::None),
        (resource(4, "0", broker), ErrorCode::None),
        (resource(4, "7", broker), ErrorCode::BrokerIdNotRegistered),
        (resource(4, "x", broker), ErrorCode::InvalidRequest),
        (resource(32, "g", group), ErrorCode::None),
        (resource(32, "", group), ErrorCode::InvalidRequest),
        (resource(99, "x", one), ErrorCode::UnsupportedVersion),
        (resource(2, "x", one), ErrorCode::InvalidRequest),
    ];
    let mut fleet = Fleet::of_one();
    for name in ["t", "u", "v", "w", "x"] {
        fleet.create(name, 1, 1);
    }
    let (mut resources, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    resources.push(resource(2, "x", one));
    assert_eq!(change(&mut fleet, resources), expected);
    assert_eq!(
        set_on(&fleet, ResourceKind::Topic, "t"),
        [pair("retention.ms", "5")]
    );
    assert_eq!(set_on(&fleet, ResourceKind::Topic, "x"), []);
    assert_eq!(
        set_on(&fleet, ResourceKind::Broker, ""),
        [pair("log.retention.ms", "5")]
    );
    assert_eq!(
        fleet.image.configs.resources(ResourceKind::Group).count(),
        1
    );
}

#[test]
fn entries_add_up_and_what_is_deleted_is_gone() {
    let mut fleet = Fleet::of_one();
    fleet.create("t", 1, 1);
    let mut step = |entries: &[Entry<'_>]| {
        assert_eq!(
            change(&mut fleet, vec![resource(2, "t", entries)]),
            [ErrorCode::None]
        );
        set_on(&fleet, ResourceKind::Topic, "t")
    };
    let added = step(&[
        ("retention.ms", SET, Some("5")),
        ("cleanup.policy", APPEND, Some("compact")),
    ]);
    assert_eq!(
        added,
        [
            pair("cleanup.policy", "delete,compact"),
            pair("retention.ms", "5")
        ]
    );
    let left = step(&[("cleanup.policy", DELETE, None)]);
    assert_eq!(left, [pair("retention.ms", "5")]);
    assert_eq!(step(&[("retention.ms", DELETE, None)]), []);
}

#[test]
fn alter_configs_replaces_everything_that_was_set() {
    let mut fleet = Fleet::of_one();
    fleet.create("t", 1, 1);
    let mut replace = |name: &str, value: &str, validate_only| {
        let request = whole::AlterConfigsRequest {
            resources: vec![whole::AlterConfigsResource {
                resource_type: 2,
                resource_name: "t".into(),
                configs: vec![whole::AlterableConfig {
                    name: name.into(),
                    value: Some(value.into()),
                }],
            }],
            validate_only,
        };
        let decision = alter_configs(fleet.context(), &request);
        let response = fleet.commit(decision);
        (
            response.responses[0].error_code,
            set_on(&fleet, ResourceKind::Topic, "t"),
        )
    };
    let (first, second) = (pair("retention.ms", "5"), pair("segment.ms", "6"));
    assert_eq!(
        replace("retention.ms", "5", false),
        (0, vec![first.clone()])
    );
    assert_eq!(replace("segment.ms", "6", true), (0, vec![first]));
    assert_eq!(replace("segment.ms", "6", false), (0, vec![second.clone()]));
    assert_eq!(
        replace("segment.ms", "x", false),
        (ErrorCode::InvalidConfig.code(), vec![second])
    );
}

#[test]
fn what_the_settings_allow_now_happens_with_the_change() {
    let mut fleet = Fleet::new(&[None, None]).set("min.insync.replicas", "2");
    fleet.apply(&[feature(ELR, 1)]);
    fleet.create_on("t", &[0, 1]);
    let records = fence_broker(fleet.context(), NodeId(1));
    fleet.apply(&records);
    let partition = |fleet: &Fleet| fleet.image.topics.partition("t", 0).unwrap().clone();
    assert_eq!(&*partition(&fleet).elr, [NodeId(1)]);
    let fewer: &[Entry<'_>] = &[("min.insync.replicas", SET, Some("1"))];
    change(&mut fleet, vec![resource(2, "t", fewer)]);
    assert!(
        partition(&fleet).elr.is_empty(),
        "writes no longer reach broker 1"
    );

    let mut fleet = Fleet::new(&[None, None]);
    fleet.create_on("t", &[0, 1]);
    for node in [1, 0] {
        let records = fence_broker(fleet.context(), NodeId(node));
        fleet.apply(&records);
    }
    fleet.apply(&[crate::fleet::broker_record(1, None)]);
    assert_eq!(partition(&fleet).leader, None);
    let unclean: &[Entry<'_>] = &[("unclean.leader.election.enable", SET, Some("true"))];
    change(&mut fleet, vec![resource(2, "t", unclean)]);
    assert_eq!(partition(&fleet).leader, Some(NodeId(1)));
}

fn update(fleet: &mut Fleet, name: &str, level: i16, upgrade_type: i8) -> ErrorCode {
    let request = UpdateFeaturesRequest {
        feature_updates: vec![FeatureUpdateKey {
            feature: name.into(),
            max_version_level: level,
            upgrade_type,
            ..FeatureUpdateKey::default()
        }],
        ..UpdateFeaturesRequest::default()
    };
    let decision = update_features(fleet.context(), &request, 2);
    ErrorCode::from_code(fleet.commit(decision).error_code)
}

#[test]
fn features_go_up_freely_and_down_only_when_that_is_meant() {
    let mut fleet = Fleet::of_one();
    fleet.apply(&initial_features().collect::<Vec<_>>());
    let levels: Vec<_> = fleet
        .image
        .features
        .iter()
        .map(|(name, level)| (name.to_string(), level))
        .collect();
    assert_eq!(levels, [("metadata.version".to_owned(), 29)]);
    for (name, level, upgrade_type, expected) in [
        ("no.such", 1, 1, ErrorCode::InvalidUpdateVersion),
        (ELR, 1, 1, ErrorCode::None),
        (ELR, 2, 1, ErrorCode::InvalidUpdateVersion),
        (ELR, -1, 2, ErrorCode::InvalidUpdateVersion),
        (ELR, 0, 1, ErrorCode::InvalidUpdateVersion),
        (ELR, 0, 0, ErrorCode::InvalidUpdateVersion),
        (ELR, 0, 2, ErrorCode::None),
        (ELR, 1, 2, ErrorCode::InvalidUpdateVersion),
        (ELR, 1, 1, ErrorCode::None),
        ("metadata.version", 24, 2, ErrorCode::InvalidUpdateVersion),
        ("metadata.version", 25, 2, ErrorCode::None),
    ] {
        assert_eq!(
            update(&mut fleet, name, level, upgrade_type),
            expected,
            "{name} {level}"
        );
    }
    assert_eq!(fleet.image.features.level("metadata.version"), 25);
    assert_eq!(fleet.image.features.level(ELR), 1);
}
