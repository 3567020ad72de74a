//! DescribeTopicPartitions: topics in the order of their names, page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use millrace_types::{ErrorCode, PartitionIndex, is_internal_topic};
use millrace_wire::messages::describe_topic_partitions_request::DescribeTopicPartitionsRequest;
use millrace_wire::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
};

use crate::image::MetadataImage;
use crate::image::partition::{Nodes, Partition, ids};
use crate::image::topics::Topic;
use crate::query::view::{Asker, PartitionView};

type Page = DescribeTopicPartitionsResponse;
type PageTopic = DescribeTopicPartitionsResponseTopic;

/// `limit` is the most partitions that the broker puts on a page, however many are asked for.
#[must_use]
pub fn describe_topic_partitions(
    image: &MetadataImage,
    request: &DescribeTopicPartitionsRequest,
    limit: usize,
    asker: Asker<'_>,
) -> Page {
    let asked = usize::try_from(request.response_partition_limit).unwrap_or(0);
    let room = asked.clamp(1, limit.max(1));
    let (from, first) = match &request.cursor {
        Some(cursor) => (&*cursor.topic_name, cursor.partition_index.max(0)),
        None => ("", 0),
    };
    let start = |name: &str| if name == from { first } else { 0 };
    let mut pager = Pager {
        image,
        asker,
        room,
        page: Page::default(),
    };
    if request.topics.is_empty() {
        let mut topics = image.topics.iter_from(from);
        let _full = topics.try_for_each(|topic| pager.add(topic, start(&topic.name)));
    } else {
        let names: BTreeSet<&Arc<str>> = request.topics.iter().map(|topic| &topic.name).collect();
        let mut names = names.into_iter().filter(|name| &***name >= from);
        let _full = names.try_for_each(|name| match image.topics.get(name) {
            Some(topic) => pager.add(topic, start(name)),
            None => pager.add_unknown(name),
        });
    }
    pager.page
}

/// The page has no more room.
struct Full;

struct Pager<'a> {
    image: &'a MetadataImage,
    asker: Asker<'a>,
    /// How many more partitions fit.
    room: usize,
    page: Page,
}

impl Pager<'_> {
    fn add(&mut self, topic: &Topic, first: PartitionIndex) -> Result<(), Full> {
        self.continue_at(&topic.name, first)?;
        let rest = topic.indexed().skip_while(|&(index, _)| index < first);
        let partitions: Vec<_> = rest
            .take(self.room)
            .map(|(index, partition)| self.describe(index, partition))
            .collect();
        self.room -= partitions.len();
        let next = partitions
            .last()
            .map_or(first, |last| last.partition_index + 1);
        self.page.topics.push(PageTopic {
            name: Some(Arc::clone(&topic.name)),
            topic_id: topic.id,
            is_internal: is_internal_topic(&topic.name),
            partitions,
            ..PageTopic::default()
        });
        if topic.partition(next).is_some() {
            self.continue_at(&topic.name, next)?;
        }
        Ok(())
    }

    fn add_unknown(&mut self, name: &Arc<str>) -> Result<(), Full> {
        self.continue_at(name, 0)?;
        self.page.topics.push(PageTopic {
            error_code: ErrorCode::UnknownTopicOrPartition.code(),
            name: Some(Arc::clone(name)),
            is_internal: is_internal_topic(name),
            ..PageTopic::default()
        });
        Ok(())
    }

    /// Says where the next page begins, when this one is full.
    fn continue_at(&mut self, topic: &Arc<str>, partition: PartitionIndex) -> Result<(), Full> {
        if self.room > 0 {
            return Ok(());
        }
        self.page.next_cursor = Some(Cursor {
            topic_name: Arc::clone(topic),
            partition_index: partition,
        });
        Err(Full)
    }

    fn describe(
        &self,
        index: PartitionIndex,
        partition: &Partition,
    ) -> DescribeTopicPartitionsResponsePartition {
        let view = PartitionView::of(self.image, partition, self.asker.listener);
        let listed = |nodes: &Nodes| Some(ids(nodes));
        DescribeTopicPartitionsResponsePartition {
            error_code: view.error.code(),
            partition_index: index,
            leader_id: view.leader.0,
            leader_epoch: partition.leader_epoch,
            replica_nodes: view.replicas,
            isr_nodes: view.isr,
            eligible_leader_replicas: listed(&partition.elr),
            last_known_elr: listed(&partition.last_known_elr),
            offline_replicas: view.offline,
        }
    }
}
