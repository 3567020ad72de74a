//! The rules of elections under one image: what its settings and features say about each topic.

use millrace_config::{Resource, Settings, Value};
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;

use crate::control::context::{Context, known, number};
use crate::control::election::{Election, Rules, Wish, change};
use crate::image::configs::ResourceKind;
use crate::image::partition::Partition;
use crate::image::topics::Topic;

const MIN_ISR: &str = "min.insync.replicas";
const UNCLEAN: &str = "unclean.leader.election.enable";

/// Settings that say who may lead: when one changes, partitions are to be looked at again.
pub(crate) const ELECTION_SETTINGS: [&str; 2] = [MIN_ISR, UNCLEAN];

/// The rules of elections under one image.
pub(crate) struct Elections<'a> {
    pub(crate) context: Context<'a>,
    tracks_elr: bool,
    default_min_isr: i64,
    default_unclean: bool,
}

impl<'a> Elections<'a> {
    pub(crate) fn new(context: Context<'a>) -> Self {
        let default =
            |name| context.with_layers(|layers| layers.default_of(known(Resource::Topic, name)));
        Self {
            context,
            tracks_elr: context.image.features.tracks_elr(),
            default_min_isr: number(default(MIN_ISR).as_ref()),
            default_unclean: matches!(default(UNCLEAN), Some(Value::Boolean(true))),
        }
    }

    /// The change that fulfils the wish. Without an explicit election the topic's own settings
    /// say whether an unclean leader is better than none.
    pub(crate) fn change(
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
        let min_isr = usize::try_from(min_isr.unwrap_or(self.default_min_isr)).unwrap_or(0);
        let rules = Rules {
            election: election.unwrap_or(by_settings),
            is_eligible: &|node| self.context.image.brokers.is_active(node),
            min_isr: min_isr.clamp(1, partition.replicas.len().max(1)),
            tracks_elr: self.tracks_elr,
        };
        change(topic.id, index, partition, wish, &rules)
    }
}
