//! The pod of a broker: one container that reads its own properties file, within the restricted
//! profile unless the user wants another.

use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMapVolumeSource, Container, ContainerPort, DownwardAPIVolumeFile,
    DownwardAPIVolumeSource, EmptyDirVolumeSource, EnvVar, EnvVarSource, HTTPGetAction,
    ObjectFieldSelector, PodSecurityContext, PodSpec, PodTemplateSpec, Probe, SeccompProfile,
    SecurityContext, TopologySpreadConstraint, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use millrace_model::{Cluster, Platform, Pool, PoolStorage, Reserved, names};

use crate::labels;
use crate::restart::{RESTART_ANNOTATION, RestartInputs};

pub(crate) const CONTAINER: &str = "broker";
/// What Kubernetes tells the broker of its pod, as files.
pub(crate) const FACTS_DIRECTORY: &str = "/etc/millrace-pod";
pub(crate) const RACK_FILE: &str = "rack";

const DATA_DIRECTORY: &str = "/var/lib/millrace";
/// Where that really is, on a platform that has no file system of its own for a pod.
const DATA_DIRECTORY_VARIABLE: &str = "MILLRACE_DATA_DIRECTORY";
/// The pod's address, where it has no name.
const ADDRESS_VARIABLE: &str = "MILLRACE_POD_IP";
const CONFIG_DIRECTORY: &str = "/etc/millrace";
const CONFIG_VOLUME: &str = "config";
const FACTS_VOLUME: &str = "pod";
const TEMPORARY_VOLUME: &str = "tmp";
const METRICS_PORT: &str = "metrics";

/// "Nobody" of images without a user database.
const USER: i64 = 65_532;
/// A broker closes thousands of logs before it goes.
const STOP_SECONDS: i64 = 120;

/// A broker answers only after it has read all its logs: after a crash that may take an hour.
const START_PERIOD_SECONDS: i32 = 1;
const START_TRIES: i32 = 3600;
const HEALTH_PERIOD_SECONDS: i32 = 10;
const READY_PERIOD_SECONDS: i32 = 2;
const PROBE_SECONDS: i32 = 5;

/// Below the mount point: the root of a volume may hold what belongs to the file system.
pub(crate) fn log_directory(cluster: &Cluster) -> String {
    match cluster.platform {
        Platform::Kubernetes { .. } => format!("{DATA_DIRECTORY}/data"),
        Platform::Loopback => format!("${{env:{DATA_DIRECTORY_VARIABLE}}}/data"),
    }
}

pub(crate) fn template(cluster: &Cluster, pool: &Pool, inputs: &RestartInputs) -> PodTemplateSpec {
    let mut annotations = pool.template.annotations.clone();
    annotations.insert(RESTART_ANNOTATION.to_owned(), inputs.write());
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels::of_pods(cluster, pool)),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(spec(cluster, pool)),
    }
}

fn spec(cluster: &Cluster, pool: &Pool) -> PodSpec {
    let template = pool.template.clone();
    let security_context = restricted(template.security_context.unwrap_or_default());
    PodSpec {
        affinity: template.affinity,
        automount_service_account_token: Some(false),
        containers: vec![container(cluster, pool)],
        enable_service_links: Some(false),
        image_pull_secrets: unless_empty(template.image_pull_secrets),
        node_selector: labels::unless_empty(template.node_selector),
        priority_class_name: template.priority_class_name,
        security_context: Some(security_context),
        service_account_name: Some(names::service_account(&cluster.key.name)),
        termination_grace_period_seconds: Some(STOP_SECONDS),
        tolerations: unless_empty(template.tolerations),
        topology_spread_constraints: spread(cluster, template.topology_spread_constraints),
        volumes: Some(volumes(cluster, pool)),
        ..PodSpec::default()
    }
}

/// What the restricted profile asks for stays as long as the user says nothing else about it.
fn restricted(said: PodSecurityContext) -> PodSecurityContext {
    let seccomp = || SeccompProfile {
        type_: "RuntimeDefault".to_owned(),
        ..SeccompProfile::default()
    };
    PodSecurityContext {
        fs_group: said.fs_group.or(Some(USER)),
        // Walking a large volume at each start takes minutes.
        fs_group_change_policy: said
            .fs_group_change_policy
            .or_else(|| Some("OnRootMismatch".to_owned())),
        run_as_group: said.run_as_group.or(Some(USER)),
        run_as_non_root: said.run_as_non_root.or(Some(true)),
        run_as_user: said.run_as_user.or(Some(USER)),
        seccomp_profile: said.seccomp_profile.or_else(|| Some(seccomp())),
        ..said
    }
}

/// Spreads over racks where there are racks. A pod that cannot be spread is better than no pod.
fn spread(
    cluster: &Cluster,
    said: Vec<TopologySpreadConstraint>,
) -> Option<Vec<TopologySpreadConstraint>> {
    if !said.is_empty() {
        return Some(said);
    }
    let key = cluster.rack_key.as_ref()?;
    Some(vec![TopologySpreadConstraint {
        label_selector: Some(labels::selector(labels::all_pods(cluster))),
        max_skew: 1,
        topology_key: key.clone(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        ..TopologySpreadConstraint::default()
    }])
}

fn container(cluster: &Cluster, pool: &Pool) -> Container {
    Container {
        name: CONTAINER.to_owned(),
        image: Some(cluster.image.clone()),
        image_pull_policy: cluster.image_pull_policy.clone(),
        args: Some(arguments(cluster)),
        env: Some(environment(cluster, pool)),
        ports: Some(ports(cluster)),
        resources: pool.resources.clone(),
        // What a broker says before it gives up is told in the cluster's status.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                ..Capabilities::default()
            }),
            read_only_root_filesystem: Some(true),
            ..SecurityContext::default()
        }),
        startup_probe: Some(probe("/healthz", START_PERIOD_SECONDS, START_TRIES)),
        liveness_probe: Some(probe("/healthz", HEALTH_PERIOD_SECONDS, 3)),
        readiness_probe: Some(probe("/readyz", READY_PERIOD_SECONDS, 3)),
        volume_mounts: Some(mounts(cluster)),
        ..Container::default()
    }
}

fn arguments(cluster: &Cluster) -> Vec<String> {
    let file = names::properties_file("$(POD_NAME)");
    let mut arguments = vec!["--config".to_owned(), format!("{CONFIG_DIRECTORY}/{file}")];
    if cluster.rack_key.is_some() {
        let file = format!("{FACTS_DIRECTORY}/{RACK_FILE}");
        arguments.extend(["--await-file".to_owned(), file]);
    }
    arguments
}

/// The user's variables may refer to the operator's, so those come first.
fn environment(cluster: &Cluster, pool: &Pool) -> Vec<EnvVar> {
    let field = |name: &str, path: &str| EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                field_path: path.to_owned(),
                ..ObjectFieldSelector::default()
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    };
    let mut variables = vec![
        field("POD_NAME", "metadata.name"),
        field("POD_NAMESPACE", "metadata.namespace"),
        field("HOST_IP", "status.hostIP"),
    ];
    if cluster.platform == Platform::Loopback {
        variables.push(field(ADDRESS_VARIABLE, "status.podIP"));
        variables.push(EnvVar {
            name: DATA_DIRECTORY_VARIABLE.to_owned(),
            value: Some(DATA_DIRECTORY.to_owned()),
            ..EnvVar::default()
        });
    }
    variables.extend(pool.template.env.clone());
    variables
}

/// Names of ports have at most 15 characters, so a listener goes by its number.
fn ports(cluster: &Cluster) -> Vec<ContainerPort> {
    let port = |name: &str, number: u16| ContainerPort {
        name: Some(name.to_owned()),
        container_port: number.into(),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    };
    let mut ports = vec![
        port("operator", Reserved::OPERATOR_PORT),
        port(METRICS_PORT, cluster.metrics.port),
    ];
    let listeners = cluster.listeners.iter();
    ports.extend(listeners.map(|one| port(&format!("kafka-{}", one.port), one.port)));
    ports
}

fn probe(path: &str, period_seconds: i32, failures: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String(METRICS_PORT.to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period_seconds),
        failure_threshold: Some(failures),
        timeout_seconds: Some(PROBE_SECONDS),
        ..Probe::default()
    }
}

fn mounts(cluster: &Cluster) -> Vec<VolumeMount> {
    let mount = |name: &str, path: &str, read_only: Option<bool>| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only,
        ..VolumeMount::default()
    };
    let mut mounts = vec![
        mount(names::DATA_VOLUME, DATA_DIRECTORY, None),
        mount(CONFIG_VOLUME, CONFIG_DIRECTORY, Some(true)),
        mount(TEMPORARY_VOLUME, "/tmp", None),
    ];
    if cluster.rack_key.is_some() {
        mounts.push(mount(FACTS_VOLUME, FACTS_DIRECTORY, Some(true)));
    }
    mounts
}

fn volumes(cluster: &Cluster, pool: &Pool) -> Vec<Volume> {
    let named = |name: &str| Volume {
        name: name.to_owned(),
        ..Volume::default()
    };
    let mut volumes = vec![
        Volume {
            config_map: Some(ConfigMapVolumeSource {
                name: names::config_map(&cluster.key.name),
                ..ConfigMapVolumeSource::default()
            }),
            ..named(CONFIG_VOLUME)
        },
        Volume {
            empty_dir: Some(EmptyDirVolumeSource::default()),
            ..named(TEMPORARY_VOLUME)
        },
    ];
    if let PoolStorage::Ephemeral { size_limit } = &pool.storage {
        volumes.push(Volume {
            empty_dir: Some(EmptyDirVolumeSource {
                size_limit: size_limit.clone(),
                ..EmptyDirVolumeSource::default()
            }),
            ..named(names::DATA_VOLUME)
        });
    }
    if let Some(key) = &cluster.rack_key {
        volumes.push(Volume {
            downward_api: Some(rack_file(key)),
            ..named(FACTS_VOLUME)
        });
    }
    volumes
}

/// The pod's own label of that key: Kubernetes copies it from the node, or the operator does. The
/// file is empty until then.
fn rack_file(key: &str) -> DownwardAPIVolumeSource {
    DownwardAPIVolumeSource {
        items: Some(vec![DownwardAPIVolumeFile {
            path: RACK_FILE.to_owned(),
            field_ref: Some(ObjectFieldSelector {
                field_path: format!("metadata.labels['{key}']"),
                ..ObjectFieldSelector::default()
            }),
            ..DownwardAPIVolumeFile::default()
        }]),
        ..DownwardAPIVolumeSource::default()
    }
}

fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
