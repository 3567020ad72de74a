//! IncrementalAlterConfigs: the controller decides.

use millrace_metadata::control::configs::incremental_alter_configs;
use millrace_wire::messages::incremental_alter_configs_request::IncrementalAlterConfigsRequest;
use millrace_wire::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsResponse,
};

use crate::call::Call;

pub(crate) async fn handle(
    call: Call,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let asked: Vec<_> = request
        .resources
        .iter()
        .map(|resource| (resource.resource_type, resource.resource_name.clone()))
        .collect();
    let decided = call
        .context
        .controller
        .decide(move |context, _| incremental_alter_configs(context, &request))
        .await;
    decided.unwrap_or_else(|error| {
        let failed = |(resource_type, resource_name)| AlterConfigsResourceResponse {
            error_code: error.code().code(),
            error_message: Some(error.to_string().into()),
            resource_type,
            resource_name,
        };
        IncrementalAlterConfigsResponse {
            responses: asked.into_iter().map(failed).collect(),
            ..IncrementalAlterConfigsResponse::default()
        }
    })
}
