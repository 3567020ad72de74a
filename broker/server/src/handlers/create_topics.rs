//! CreateTopics: the controller decides.

use std::sync::Arc;

use millrace_metadata::control::topics::create_topics;
use millrace_wire::messages::create_topics_request::CreateTopicsRequest;
use millrace_wire::messages::create_topics_response::{CreatableTopicResult, CreateTopicsResponse};

use crate::call::Call;
use crate::metadata::patience;

pub(crate) async fn handle(call: Call, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let names: Vec<Arc<str>> = request
        .topics
        .iter()
        .map(|topic| topic.name.clone())
        .collect();
    let patience = patience(request.timeout_ms);
    let decided = call
        .context
        .controller
        .decide_within(patience, move |context, entropy| {
            create_topics(context, &request, entropy)
        })
        .await;
    decided.unwrap_or_else(|error| {
        let failed = |name| CreatableTopicResult {
            name,
            error_code: error.code().code(),
            error_message: Some(error.to_string().into()),
            ..CreatableTopicResult::default()
        };
        let topics = names.into_iter().map(failed).collect();
        CreateTopicsResponse {
            topics,
            ..CreateTopicsResponse::default()
        }
    })
}
