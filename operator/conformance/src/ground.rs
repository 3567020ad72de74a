//! Where a check takes place: a client and a namespace of its own.

use anyhow::{Context, Result};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::Value;

use crate::answer::Answer;

/// Where the kinds of the checks lie.
const GROUPS: &[(&str, &str)] = &[
    ("statefulsets", "apis/apps/v1"),
    ("poddisruptionbudgets", "apis/policy/v1"),
    ("networkpolicies", "apis/networking.k8s.io/v1"),
    ("leases", "apis/coordination.k8s.io/v1"),
    ("kafkaclusters", "apis/millrace.dev/v1alpha1"),
    ("kafkatopics", "apis/millrace.dev/v1alpha1"),
];

pub struct Ground {
    client: Client,
    pub(crate) namespace: String,
}

impl Ground {
    pub(crate) fn new(client: Client, namespace: &str) -> Self {
        Self {
            client,
            namespace: namespace.to_owned(),
        }
    }

    /// The path of `configmaps/a?dryRun=All` in the namespace; one that begins with `/` is whole.
    fn path(&self, short: &str) -> String {
        if short.starts_with('/') {
            return short.to_owned();
        }
        let plural = short.split(['/', '?']).next().unwrap_or_default();
        let group = GROUPS.iter().find(|(name, _)| *name == plural);
        let group = group.map_or("api/v1", |(_, group)| group);
        format!("/{group}/namespaces/{}/{short}", self.namespace)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        media: &str,
        body: &Value,
    ) -> Result<http::Response<Body>> {
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let request = Request::builder()
            .method(method)
            .uri(self.path(path))
            .header(header::CONTENT_TYPE, media)
            .header(header::USER_AGENT, "conformance/1")
            .body(Body::from(body))?;
        self.client
            .send(request)
            .await
            .with_context(|| path.to_owned())
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        media: &str,
        body: &Value,
    ) -> Result<Answer> {
        let response = self.send(method, path, media, body).await?;
        read(response).await
    }

    /// The body of a watch, as it comes.
    pub(crate) async fn stream(&self, path: &str) -> Result<Body> {
        let response = self
            .send(Method::GET, path, "application/json", &Value::Null)
            .await?;
        Ok(response.into_body())
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        self.ask(Method::GET, path, "application/json", &Value::Null)
            .await
    }

    /// A read that asks for another form of the answer.
    pub(crate) async fn accepting(&self, media: &str, path: &str) -> Result<Answer> {
        let request = Request::builder()
            .uri(self.path(path))
            .header(header::ACCEPT, media)
            .body(Body::empty())?;
        read(self.client.send(request).await?).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.ask(Method::POST, path, "application/json", body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.ask(Method::PUT, path, "application/json", body).await
    }

    pub(crate) async fn delete(&self, path: &str, options: &Value) -> Result<Answer> {
        self.ask(Method::DELETE, path, "application/json", options)
            .await
    }

    /// `kind` is `merge`, `strategic-merge` or `json`.
    pub(crate) async fn patch(&self, kind: &str, path: &str, body: &Value) -> Result<Answer> {
        let media = match kind {
            "json" => "application/json-patch+json".to_owned(),
            kind => format!("application/{kind}-patch+json"),
        };
        self.ask(Method::PATCH, path, &media, body).await
    }

    /// Server-side apply by a manager.
    pub(crate) async fn apply(&self, manager: &str, path: &str, body: &Value) -> Result<Answer> {
        self.apply_with(manager, path, "", body).await
    }

    /// Server-side apply by a manager who insists.
    pub(crate) async fn force(&self, manager: &str, path: &str, body: &Value) -> Result<Answer> {
        self.apply_with(manager, path, "&force=true", body).await
    }

    async fn apply_with(
        &self,
        manager: &str,
        path: &str,
        more: &str,
        body: &Value,
    ) -> Result<Answer> {
        let path = format!("{path}?fieldManager={manager}{more}");
        self.ask(Method::PATCH, &path, "application/apply-patch+yaml", body)
            .await
    }
}

async fn read(response: http::Response<Body>) -> Result<Answer> {
    let (head, body) = response.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let warnings = head.headers.get_all(header::WARNING).iter();
    let warnings = warnings.filter_map(|value| value.to_str().ok().map(str::to_owned));
    Ok(Answer {
        code: head.status.as_u16(),
        body: serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned().into()),
        warnings: warnings.collect(),
    })
}
