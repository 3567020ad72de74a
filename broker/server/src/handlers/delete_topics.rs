//! DeleteTopics: the controller decides.

use millrace_metadata::control::topics::delete_topics;
use millrace_wire::messages::delete_topics_request::DeleteTopicsRequest;
use millrace_wire::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};

use crate::call::Call;
use crate::metadata::patience;

pub(crate) async fn handle(call: Call, request: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let named = request
        .topic_names
        .iter()
        .map(|name| (Some(name.clone()), Default::default()));
    let asked = request
        .topics
        .iter()
        .map(|topic| (topic.name.clone(), topic.topic_id));
    let asked: Vec<_> = asked.chain(named).collect();
    let version = call.version;
    let patience = patience(request.timeout_ms);
    let decided = call
        .context
        .controller
        .decide_within(patience, move |context, _| {
            delete_topics(context, &request, version)
        })
        .await;
    decided.unwrap_or_else(|error| {
        let failed = |(name, topic_id)| DeletableTopicResult {
            name,
            topic_id,
            error_code: error.code().code(),
            error_message: Some(error.to_string().into()),
        };
        let responses = asked.into_iter().map(failed).collect();
        DeleteTopicsResponse {
            responses,
            ..DeleteTopicsResponse::default()
        }
    })
}
