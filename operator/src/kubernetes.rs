//! The operator's client of the API server: bounded in time, and every request counted.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::{Method, Request, Response};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use millrace_reconcile::Metrics;
use tokio::time::timeout;
use tower::{BoxError, Layer, Service};

/// Connecting to the API server takes no longer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An answer begins by then, also that of a list or a watch, which nobody else bounds.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A client of the cluster that the operator runs in, or that the kubeconfig names.
pub(crate) async fn connect(metrics: Arc<Metrics>) -> Result<Client> {
    let mut config = Config::infer()
        .await
        .context("finding the Kubernetes cluster")?;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    let client = ClientBuilder::try_from(config)
        .context("preparing the Kubernetes client")?
        .with_layer(&Metered { metrics })
        .build();
    Ok(client)
}

/// Counts requests by verb and outcome.
struct Metered {
    metrics: Arc<Metrics>,
}

#[derive(Clone)]
struct MeteredService<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S> Layer<S> for Metered {
    type Service = MeteredService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MeteredService {
            inner,
            metrics: Arc::clone(&self.metrics),
        }
    }
}

impl<S, B> Service<Request<Body>> for MeteredService<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let verb = verb(&request);
        let metrics = Arc::clone(&self.metrics);
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = match timeout(ANSWER_LIMIT, answer).await {
                Ok(answer) => answer,
                Err(elapsed) => Err(elapsed.into()),
            };
            let outcome = match &answer {
                Ok(response) if response.status().is_success() => "ok",
                Ok(response) if response.status().as_u16() == 409 => "conflict",
                Ok(response) if response.status().is_client_error() => "refused",
                Ok(_) => "failed",
                Err(_) => "unreachable",
            };
            metrics
                .kubernetes_requests
                .with_label_values(&[verb, outcome])
                .inc();
            answer
        })
    }
}

/// The verb as Kubernetes' own audit names it, as far as a request shows it.
fn verb(request: &Request<Body>) -> &'static str {
    let watches = request
        .uri()
        .query()
        .is_some_and(|query| query.split('&').any(|part| part == "watch=true"));
    match *request.method() {
        Method::GET if watches => "watch",
        Method::GET => "get",
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ => "other",
    }
}
