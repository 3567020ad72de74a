//! Why a pass did not come to its end, and whether trying again may help.

use std::time::Duration;

use millrace_admin::AdminError;
use thiserror::Error;

/// No request to the API server takes longer.
pub(crate) const KUBERNETES_DEADLINE: Duration = Duration::from_secs(10);

/// What a pass failed on.
#[derive(Debug, Error)]
pub(crate) enum ReconcileError {
    #[error("cannot {action}")]
    Kubernetes {
        action: String,
        #[source]
        source: Box<kube::Error>,
    },
    #[error("no answer in {} s: {action}", KUBERNETES_DEADLINE.as_secs())]
    KubernetesDeadline { action: String },
    #[error("cannot {action}")]
    Kafka {
        action: String,
        #[source]
        source: AdminError,
    },
    /// An object of a name that we need belongs to somebody else.
    #[error("{kind} {name} exists and does not belong to this cluster; rename one of the two")]
    NameTaken { kind: String, name: String },
}

impl ReconcileError {
    /// Whether the resource changed or went while we worked: its next event brings the next pass.
    pub(crate) fn overtaken(&self) -> bool {
        match self {
            Self::Kubernetes { source, .. } => match source.as_ref() {
                kube::Error::Api(status) => status.is_conflict() || status.is_not_found(),
                _ => false,
            },
            _ => false,
        }
    }

    /// The whole chain in a line, for a status.
    pub(crate) fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            sentence.push_str(": ");
            sentence.push_str(&error.to_string());
            cause = error.source();
        }
        sentence
    }
}

/// Waits for a request to the API server, but not for ever.
pub(crate) async fn kubernetes<T>(
    action: impl Fn() -> String,
    request: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, ReconcileError> {
    match tokio::time::timeout(KUBERNETES_DEADLINE, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(source)) => Err(ReconcileError::Kubernetes {
            action: action(),
            source: Box::new(source),
        }),
        Err(_) => Err(ReconcileError::KubernetesDeadline { action: action() }),
    }
}
