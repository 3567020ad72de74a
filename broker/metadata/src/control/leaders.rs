//! Who leads: elections that clients ask for, in-sync sets that leaders report, and everything
//! that follows for partitions when brokers or settings change.

mod alter_partition;
mod elect;

pub use alter_partition::alter_partition;
pub use elect::{balance_leaders, elect_leaders};

use millrace_config::{Resource, Settings, Value};
use millrace_types::NodeId;
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;

use super::election::{Election, Rules, Wish, change};
use super::features::ELR_FEATURE;
use super::{Context, known, number};
use crate::image::configs::ResourceKind;
use crate::image::partition::Partition;
use crate::image::topics::Topic;
use crate::record::MetadataRecord;

const MIN_ISR: &str = "min.insync.replicas";
const UNCLEAN: &str = "unclean.leader.election.enable";

/// Settings that say who may lead: when one changes, partitions are to be looked at again.
pub(super) const ELECTION_SETTINGS: [&str; 2] = [MIN_ISR, UNCLEAN];

/// The rules of elections under one image.
pub(super) struct Elections<'a> {
    context: Context<'a>,
    tracks_elr: bool,
    default_min_isr: i64,
    default_unclean: bool,
}

impl<'a> Elections<'a> {
    pub(super) fn new(context: Context<'a>) -> Self {
        let default =
            |name| context.with_layers(|layers| layers.default_of(known(Resource::Topic, name)));
        Self {
            context,
            tracks_elr: context.image.features.level(ELR_FEATURE) > 0,
            default_min_isr: number(default(MIN_ISR).as_ref()),
            default_unclean: matches!(default(UNCLEAN), Some(Value::Boolean(true))),
        }
    }

    /// The change that fulfils the wish. Without an explicit election the topic's own settings
    /// say whether an unclean leader is better than none.
    pub(super) fn change(
        &self,
        topic: &Topic,
        index: i32,
        partition: &Partition,
        wish: Wish,
        election: Option<Election>,
    ) -> Option<PartitionChangeRecord> {
        let own = self
            .context
            .image
            .configs
            .of(ResourceKind::Topic, &topic.name);
        let unclean = own.text(UNCLEAN).map_or(self.default_unclean, |text| {
            text.trim().eq_ignore_ascii_case("true")
        });
        let by_settings = if unclean {
            Election::Unclean
        } else {
            Election::Clean
        };
        let min_isr = own.text(MIN_ISR).and_then(|text| text.trim().parse().ok());
        let min_isr = usize::try_from(min_isr.unwrap_or(self.default_min_isr)).unwrap_or(1);
        let rules = Rules {
            election: election.unwrap_or(by_settings),
            is_eligible: &|node| self.context.image.brokers.is_active(node),
            min_isr: min_isr.min(partition.replicas.len()),
            tracks_elr: self.tracks_elr,
        };
        change(topic.id, index, partition, wish, &rules)
    }
}

/// Appends what follows from the records for the partitions: each is asked for its wish, under the
/// image that the records lead to.
pub(super) fn with_consequences(
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
pub(super) fn leaving(node: NodeId) -> impl Fn(&Partition) -> Option<Wish> {
    move |partition| {
        partition
            .isr
            .contains(&node)
            .then(|| Wish::without(partition, node))
    }
}

/// The broker leaves, and is not trusted to have what it had.
pub(super) fn losing(node: NodeId) -> impl Fn(&Partition) -> Option<Wish> {
    move |partition| {
        let trusted = partition.isr.contains(&node) || partition.elr.contains(&node);
        trusted.then(|| Wish {
            unclean_shutdown: Some(node),
            ..Wish::without(partition, node)
        })
    }
}

/// A chance to find a leader.
pub(super) fn leaderless(partition: &Partition) -> Option<Wish> {
    partition.leader.is_none().then(|| Wish::of(partition))
}

/// A chance for whatever depends on [`ELECTION_SETTINGS`].
pub(super) fn unsettled(partition: &Partition) -> Option<Wish> {
    let unsettled = partition.leader.is_none() || !partition.elr.is_empty();
    unsettled.then(|| Wish::of(partition))
}
