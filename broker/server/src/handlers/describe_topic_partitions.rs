//! DescribeTopicPartitions: read off the image, page by page.

use millrace_metadata::query;
use millrace_wire::messages::describe_topic_partitions_request::DescribeTopicPartitionsRequest;
use millrace_wire::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponse;

use crate::call::Call;

/// `max.request.partition.size.limit`, Kafka's default.
const PAGE_PARTITIONS_MAX: usize = 2000;

pub(crate) fn handle(
    call: &Call,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let image = call.context.image();
    query::describe_topic_partitions(&image, &request, PAGE_PARTITIONS_MAX, call.asker())
}
