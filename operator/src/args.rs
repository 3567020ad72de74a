//! What the operator is told on its command line; every flag can come from the environment.

use std::net::SocketAddr;

use clap::{Parser, ValueEnum};

/// Runs Kafka clusters and topics on Kubernetes.
#[derive(Parser, Debug)]
#[command(name = "millrace-operator", version)]
pub(crate) struct Args {
    /// Namespaces to watch, separated by commas; empty for all.
    #[arg(long, env = "WATCH_NAMESPACES", value_delimiter = ',')]
    pub(crate) watch_namespaces: Vec<String>,

    /// Image of a broker whose cluster names none, without its tag.
    #[arg(
        long,
        env = "BROKER_IMAGE_REPOSITORY",
        default_value = "millrace/broker"
    )]
    pub(crate) broker_image_repository: String,

    /// Tag of that image.
    #[arg(long, env = "BROKER_IMAGE_TAG", default_value = env!("CARGO_PKG_VERSION"))]
    pub(crate) broker_image_tag: String,

    /// Pull policy of broker images; left out, the one that Kubernetes derives from the tag.
    #[arg(long, env = "BROKER_IMAGE_PULL_POLICY")]
    pub(crate) broker_image_pull_policy: Option<String>,

    /// The domain of the cluster's DNS.
    #[arg(long, env = "CLUSTER_DOMAIN", default_value = "cluster.local")]
    pub(crate) cluster_domain: String,

    /// Namespace of the lease that decides which replica works; without it this one works alone.
    #[arg(long, env = "LEADER_LEASE_NAMESPACE")]
    pub(crate) leader_lease_namespace: Option<String>,

    /// Namespace of this replica's pod; brokers admit it from there.
    #[arg(long, env = "POD_NAMESPACE")]
    pub(crate) namespace: Option<String>,

    /// Name of that lease.
    #[arg(long, env = "LEADER_LEASE_NAME", default_value = "millrace-operator")]
    pub(crate) leader_lease_name: String,

    /// Seconds after which others take over from a leader that fell silent.
    #[arg(
        long,
        env = "LEADER_LEASE_SECONDS",
        default_value_t = 15,
        value_parser = clap::value_parser!(u64).range(5..=120)
    )]
    pub(crate) leader_lease_seconds: u64,

    /// Who this replica is to the others.
    #[arg(long, env = "POD_NAME", default_value = "millrace-operator")]
    pub(crate) identity: String,

    /// Address of `/metrics`, `/healthz` and `/readyz`.
    #[arg(long, env = "HTTP_LISTEN", default_value = "0.0.0.0:8080")]
    pub(crate) http_listen: SocketAddr,

    /// How logs are written.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}
