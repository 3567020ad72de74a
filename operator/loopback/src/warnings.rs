//! What of a cluster does nothing on one machine, told to whoever writes it in the answer's warnings,
//! which `kubectl` prints. It changes neither the request nor what is stored.

use http::{HeaderValue, Method, header};
use http_body_util::{BodyExt, Full};
use millrace_crds::KafkaCluster;
use millrace_local::Kind;
use millrace_model::without_effect;

use crate::answer::Answer;

/// Whether the answer may have something to warn of.
pub(crate) fn concern(kind: &Kind, method: &Method) -> bool {
    let writes = [Method::POST, Method::PUT, Method::PATCH].contains(method);
    writes && kind.kind == "KafkaCluster"
}

/// The answer with its warnings. Only one that holds a whole cluster gets any.
pub(crate) async fn with_warnings(answer: Answer) -> Answer {
    let (mut head, body) = answer.into_parts();
    let Ok(body) = body.collect().await;
    let body = body.to_bytes();
    let cluster = serde_json::from_slice::<KafkaCluster>(&body);
    for idle in cluster.iter().flat_map(without_effect) {
        if let Ok(warning) = HeaderValue::try_from(format!("299 - {:?}", idle.to_string())) {
            head.headers.append(header::WARNING, warning);
        }
    }
    Answer::from_parts(head, Full::new(body).boxed_unsync())
}
