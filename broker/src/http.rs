//! The HTTP side of the broker: `/healthz`, `/readyz` with the reason when not, `/metrics`.
//! Serves what others computed; decides nothing.

use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use millrace_config::BrokerConfig;
use millrace_http::HttpLimits;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Whether clients should be sent here, and if not, what the broker waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    Waiting(&'static str),
    Ready,
}

/// Renders every metric as Prometheus text.
pub(crate) type RenderMetrics = dyn Fn() -> String + Send + Sync;

#[derive(Clone)]
struct Shared {
    readiness: watch::Receiver<Readiness>,
    metrics: Arc<RenderMetrics>,
}

/// Listens where the settings say, if they do, and serves until the process ends.
pub(crate) async fn start(
    config: &BrokerConfig,
    readiness: watch::Receiver<Readiness>,
    metrics: Arc<RenderMetrics>,
) -> Result<()> {
    let Some((host, port)) = &config.metrics.listener else {
        return Ok(());
    };
    let address = tokio::net::lookup_host((&**host, *port))
        .await?
        .next()
        .ok_or_else(|| anyhow!("millrace.metrics.listener: {host} has no address"))?;
    let mut listener = TcpListener::bind(address).await;
    if let Err(error) = &listener
        && error.kind() == ErrorKind::AddrInUse
        && !config.metrics.listener_was_said
    {
        // Two brokers on one machine are no mistake; nobody asked for this port.
        tracing::warn!(%address, "millrace.metrics.listener is not set and its port is taken");
        listener = TcpListener::bind((address.ip(), 0)).await;
    }
    let listener = listener
        .with_context(|| format!("cannot listen on {address} (millrace.metrics.listener)"))?;
    tracing::info!(address = %listener.local_addr()?, "metrics and health");
    serve(listener, readiness, metrics);
    Ok(())
}

fn serve(
    listener: TcpListener,
    readiness: watch::Receiver<Readiness>,
    metrics: Arc<RenderMetrics>,
) {
    let router = Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(Shared { readiness, metrics });
    tokio::spawn(millrace_http::serve(
        listener,
        router,
        HttpLimits::default(),
    ));
}

async fn ready(State(shared): State<Shared>) -> Response {
    match &*shared.readiness.borrow() {
        Readiness::Ready => "ready\n".into_response(),
        Readiness::Waiting(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {reason}\n"),
        )
            .into_response(),
    }
}

/// Encoding ten thousand series takes milliseconds, so it stays off the workers that serve
/// clients.
async fn render(State(shared): State<Shared>) -> Response {
    let metrics = shared.metrics;
    match tokio::task::spawn_blocking(move || metrics()).await {
        Ok(text) => (
            [(
                header::CONTENT_TYPE,
                "text/plain; version=0.0.4; charset=utf-8",
            )],
            text,
        )
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
