//! Answers that come in pages, as large as the broker's settings allow.

use millrace_wire::messages::describe_topic_partitions_request::{
    DescribeTopicPartitionsRequest, TopicRequest,
};

use crate::requests::{ask, create, topic};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_no_more_partitions_than_the_setting_says() {
    let mut world = World::start_with("max.request.partition.size.limit=2\n").await;
    let mut three = topic("events", &[]);
    three.num_partitions = 3;
    ask(&mut world, 5, &create(vec![three])).await;
    let request = DescribeTopicPartitionsRequest {
        topics: vec![TopicRequest {
            name: "events".into(),
        }],
        response_partition_limit: 100,
        ..DescribeTopicPartitionsRequest::default()
    };
    let page = ask(&mut world, 0, &request).await;
    assert_eq!(page.topics[0].partitions.len(), 2);
    let next = page.next_cursor.expect("there is more");
    assert_eq!((&*next.topic_name, next.partition_index), ("events", 2));
}
