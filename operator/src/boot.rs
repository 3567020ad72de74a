//! The one file that knows every part of the operator: it starts them, and stops them in order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use millrace_admin::Clusters;
use millrace_model::{Defaults, Platform};
use millrace_reconcile::{Health, Metrics, Operator, Settings};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use crate::args::Args;
use crate::lease::LeaderLease;
use crate::{http, kubernetes};

/// Brokers that one cluster can have: a fleet of more is not served yet.
const BROKERS_SERVED: u32 = 1;
/// How long passes that are under way may go on after a signal to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);
/// Giving the lease up takes no longer.
const RELEASE_LIMIT: Duration = Duration::from_secs(3);

/// Runs until a signal to stop. An error means that the process must end at once.
pub(crate) async fn run(args: Args) -> Result<()> {
    let mut stop = signal(SignalKind::terminate()).context("listening for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for signals")?;
    let health = Arc::new(Health::default());
    let metrics = Arc::new(Metrics::new(Arc::clone(&health)));
    http::serve(args.http_listen, Arc::clone(&health), Arc::clone(&metrics)).await?;
    let client = kubernetes::connect(Arc::clone(&metrics)).await?;

    let mut lease = args.leader_lease_namespace.as_deref().map(|namespace| {
        LeaderLease::new(
            client.clone(),
            namespace,
            &args.leader_lease_name,
            &args.identity,
            Duration::from_secs(args.leader_lease_seconds),
        )
    });
    if let Some(lease) = &mut lease {
        tracing::info!(lease = %args.leader_lease_name, "waiting to lead");
        tokio::select! {
            () = lease.acquire() => {}
            _ = stop.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
        }
    }
    metrics.leader.set(1);
    tracing::info!(identity = %args.identity, "leading");

    let kafka = Clusters::over_network();
    let operator = Operator::start(client, kafka, settings(&args), health, Arc::clone(&metrics));
    let lost = async {
        match &mut lease {
            Some(lease) => lease.keep().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // Another replica may start soon: nothing of this one may go on.
        reason = lost => return Err(reason.context("this replica must not work any more")),
        _ = stop.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    if timeout(DRAIN_LIMIT, operator.stop()).await.is_err() {
        tracing::warn!("passes under way were cut off");
    }
    if let Some(lease) = &lease
        && let Ok(Err(error)) = timeout(RELEASE_LIMIT, lease.release()).await
    {
        tracing::warn!(error = format!("{error:#}"), "the lease runs out by itself");
    }
    Ok(())
}

fn settings(args: &Args) -> Settings {
    let namespaces = args.watch_namespaces.iter();
    Settings {
        namespaces: namespaces
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        defaults: Defaults {
            image_repository: args.broker_image_repository.clone(),
            version: args.broker_image_tag.clone(),
            image_pull_policy: args.broker_image_pull_policy.clone(),
            platform: Platform::Kubernetes {
                dns_domain: args.cluster_domain.clone(),
            },
            brokers_served: BROKERS_SERVED,
            operator_pods: args.namespace.as_deref().map(own_pods),
        },
        instance: args.identity.clone(),
    }
}

/// Every replica of the operator, as brokers' network policies admit it.
fn own_pods(namespace: &str) -> NetworkPolicyPeer {
    let labelled = |key: &str, value: &str| {
        Some(LabelSelector {
            match_labels: Some([(key.to_owned(), value.to_owned())].into()),
            ..LabelSelector::default()
        })
    };
    NetworkPolicyPeer {
        namespace_selector: labelled("kubernetes.io/metadata.name", namespace),
        pod_selector: labelled("app.kubernetes.io/name", "millrace-operator"),
        ..NetworkPolicyPeer::default()
    }
}
