//! DescribeTopicPartitions: read off the image, page by page.

use millrace_metadata::query;
use millrace_wire::messages::describe_topic_partitions_request::DescribeTopicPartitionsRequest;
use millrace_wire::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponse;

use crate::call::Call;

pub(crate) fn handle(
    call: &Call,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let image = call.context.image();
    let page_max = call.context.config.load().network.max_partitions_per_page;
    query::describe_topic_partitions(&image, &request, page_max, call.asker())
}
