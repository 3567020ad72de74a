//! AlterConfigs: the controller decides.

use millrace_metadata::control::configs::alter_configs;
use millrace_wire::messages::alter_configs_request::AlterConfigsRequest;
use millrace_wire::messages::alter_configs_response::{
    AlterConfigsResourceResponse, AlterConfigsResponse,
};

use crate::call::Call;

pub(crate) async fn handle(call: Call, request: AlterConfigsRequest) -> AlterConfigsResponse {
    let asked: Vec<_> = request
        .resources
        .iter()
        .map(|resource| (resource.resource_type, resource.resource_name.clone()))
        .collect();
    let decided = call
        .context
        .controller
        .decide(move |context, _| alter_configs(context, &request))
        .await;
    decided.unwrap_or_else(|error| {
        let failed = |(resource_type, resource_name)| AlterConfigsResourceResponse {
            error_code: error.code().code(),
            error_message: Some(error.to_string().into()),
            resource_type,
            resource_name,
        };
        AlterConfigsResponse {
            responses: asked.into_iter().map(failed).collect(),
            ..AlterConfigsResponse::default()
        }
    })
}
