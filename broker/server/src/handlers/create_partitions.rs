//! CreatePartitions: the controller decides.

use std::sync::Arc;

use millrace_metadata::control::partitions::create_partitions;
use millrace_wire::messages::create_partitions_request::CreatePartitionsRequest;
use millrace_wire::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};

use crate::call::Call;
use crate::metadata::patience;

pub(crate) async fn handle(
    call: Call,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
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
            create_partitions(context, &request, entropy)
        })
        .await;
    decided.unwrap_or_else(|error| {
        let failed = |name| CreatePartitionsTopicResult {
            name,
            error_code: error.code().code(),
            error_message: Some(error.to_string().into()),
        };
        CreatePartitionsResponse {
            results: names.into_iter().map(failed).collect(),
            ..CreatePartitionsResponse::default()
        }
    })
}
