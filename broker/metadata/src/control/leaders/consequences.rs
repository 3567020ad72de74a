//! What follows for partitions when brokers, settings or features change, decided in the same
//! batch as the change.

use millrace_types::NodeId;

use crate::control::context::Context;
use crate::control::election::Wish;
use crate::control::leaders::elections::Elections;
use crate::image::partition::Partition;
use crate::record::MetadataRecord;

/// Appends what follows from the records for the partitions: each is asked for its wish, under the
/// image that the records lead to.
pub(crate) fn with_consequences(
    context: Context<'_>,
    mut records: Vec<MetadataRecord>,
    wish: impl Fn(&Partition) -> Option<Wish>,
) -> Vec<MetadataRecord> {
    let applied = context.image.apply(&records);
    let (next, _) = applied.expect("records that were just decided fit the image");
    let elections = Elections::new(Context {
        image: &next,
        ..context
    });
    for topic in next.topics.iter() {
        for (index, partition) in topic.indexed() {
            let changed = wish(partition)
                .and_then(|wish| elections.change(topic, index, partition, wish, None));
            records.extend(changed.map(MetadataRecord::from));
        }
    }
    records
}

/// The broker leaves the in-sync sets it is in.
pub(crate) fn leaving(node: NodeId) -> impl Fn(&Partition) -> Option<Wish> {
    move |partition| {
        partition
            .isr
            .contains(&node)
            .then(|| Wish::without(partition, node))
    }
}

/// The broker leaves, and is not trusted to have what it had.
pub(crate) fn losing(node: NodeId) -> impl Fn(&Partition) -> Option<Wish> {
    move |partition| {
        let trusted = partition.isr.contains(&node) || partition.elr.contains(&node);
        trusted.then(|| Wish {
            unclean_shutdown: Some(node),
            ..Wish::without(partition, node)
        })
    }
}

/// A chance to find a leader.
pub(crate) fn leaderless(partition: &Partition) -> Option<Wish> {
    partition.leader.is_none().then(|| Wish::of(partition))
}

/// A chance for whatever depends on [`ELECTION_SETTINGS`].
pub(crate) fn unsettled(partition: &Partition) -> Option<Wish> {
    let unsettled = partition.leader.is_none() || !partition.elr.is_empty();
    unsettled.then(|| Wish::of(partition))
}
