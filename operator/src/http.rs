//! The HTTP side of the operator: `/healthz`, `/readyz`, `/metrics`. Serves what others computed.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use millrace_http::HttpLimits;
use millrace_reconcile::{Health, Metrics};
use tokio::net::TcpListener;

#[derive(Clone)]
struct Shared {
    health: Arc<Health>,
    metrics: Arc<Metrics>,
}

/// Listens on `address` and serves until the process ends.
pub(crate) async fn serve(
    address: SocketAddr,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
) -> Result<()> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address}"))?;
    let router = Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(|| async { "ready\n" }))
        .route("/metrics", get(render))
        .with_state(Shared { health, metrics });
    tokio::spawn(millrace_http::serve(
        listener,
        router,
        HttpLimits::default(),
    ));
    Ok(())
}

/// A replica that waits for the lease is alive; one whose work hangs is not.
async fn alive(State(shared): State<Shared>) -> Response {
    match shared.health.stuck() {
        None => "alive\n".into_response(),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

async fn render(State(shared): State<Shared>) -> Response {
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        shared.metrics.render(),
    )
        .into_response()
}
