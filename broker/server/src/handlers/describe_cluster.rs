//! DescribeCluster: read off the image.

use millrace_metadata::query;
use millrace_wire::messages::describe_cluster_request::DescribeClusterRequest;
use millrace_wire::messages::describe_cluster_response::DescribeClusterResponse;

use crate::call::Call;

pub(crate) fn handle(call: &Call, request: DescribeClusterRequest) -> DescribeClusterResponse {
    query::describe_cluster(&call.context.image(), &request, call.asker())
}
