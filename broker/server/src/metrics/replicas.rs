//! The partitions of this broker, looked at once for all their metrics.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use millrace_metadata::MetadataImage;
use millrace_metadata::image::partition::Partition as Described;
use millrace_replication::{Partition, Topics};
use millrace_types::NodeId;

use crate::metrics::catalog as names;
use crate::metrics::catalog::Metric;
use crate::metrics::families::Families;

/// Partitions that have series of their own. With about fifteen each, more would make a scrape
/// larger than what Prometheus likes to take from one process.
const SERIES_PARTITIONS_MAX: usize = 10_000;

/// One replica, at the moment of the scrape.
struct Replica {
    topic: Arc<str>,
    partition: String,
    leads: bool,
    is_preferred: bool,
    is_reassigning: bool,
    replicas: usize,
    in_sync: usize,
    min_in_sync: usize,
    size: u64,
    start: i64,
    end: i64,
    high_watermark: i64,
    segments: usize,
    producers: usize,
    parked_produces: usize,
    parked_fetches: usize,
}

impl Replica {
    fn look_at(partition: &Partition, described: &Described) -> Self {
        let view = partition.view();
        let (parked_produces, parked_fetches) = partition.parked();
        Self {
            topic: Arc::clone(&partition.id().topic),
            partition: partition.id().partition.to_string(),
            leads: partition.is_leader(),
            is_preferred: described.leader == described.preferred_leader(),
            is_reassigning: !(described.adding.is_empty() && described.removing.is_empty()),
            replicas: described.replicas.len(),
            in_sync: described.isr.len(),
            min_in_sync: partition.topic().config.load().min_insync_replicas,
            size: view.size_in_bytes(),
            start: view.start_offset(),
            end: view.end_offset(),
            high_watermark: partition.high_watermark(),
            segments: view.segment_count(),
            producers: partition.producers(),
            parked_produces,
            parked_fetches,
        }
    }

    fn is_under_replicated(&self) -> bool {
        self.leads && self.in_sync < self.replicas
    }

    fn is_under_min(&self) -> bool {
        self.leads && self.in_sync < self.min_in_sync
    }

    fn is_at_min(&self) -> bool {
        self.leads && self.in_sync == self.min_in_sync
    }
}

/// What one look at all partitions found.
pub struct Survey {
    /// Ordered by topic and index.
    replicas: Vec<Replica>,
    offline: usize,
    offline_dirs: usize,
}

impl Survey {
    #[must_use]
    pub fn take(me: NodeId, image: &MetadataImage, topics: &Topics) -> Self {
        let mut replicas = Vec::new();
        let mut offline = 0;
        let mut offline_dirs = HashSet::new();
        for described in image.topics.iter() {
            let topic = topics.get_by_id(described.id);
            for (index, partition) in described.indexed() {
                if !partition.replicas.contains(&me) {
                    continue;
                }
                match topic.as_ref().and_then(|topic| topic.partition(index)) {
                    Some(here) => {
                        if here.view().is_offline() {
                            offline += 1;
                            let log_dir = here.view().dir().path();
                            offline_dirs.extend(log_dir.parent().map(Path::to_path_buf));
                        }
                        replicas.push(Replica::look_at(&here, partition));
                    }
                    None => offline += 1,
                }
            }
        }
        Self {
            replicas,
            offline,
            offline_dirs: offline_dirs.len(),
        }
    }

    pub fn scrape(&self, families: &mut Families) {
        self.scrape_totals(families);
        let shown = self.replicas.len().min(SERIES_PARTITIONS_MAX);
        let omitted = self.replicas.len() - shown;
        families.value(&names::OMITTED_PARTITIONS, omitted as f64);
        for (metric, value) in OF_EACH {
            let mut family = families.of(metric);
            for replica in &self.replicas[..shown] {
                family.sample(&[&replica.topic, &replica.partition], value(replica));
            }
        }
        for (metric, value) in OF_THOSE_LED {
            let mut family = families.of(metric);
            for replica in self.replicas[..shown]
                .iter()
                .filter(|replica| replica.leads)
            {
                family.sample(&[&replica.topic, &replica.partition], value(replica));
            }
        }
    }

    fn scrape_totals(&self, families: &mut Families) {
        let count =
            |is: fn(&Replica) -> bool| self.replicas.iter().filter(|r| is(r)).count() as f64;
        let sum = |of: fn(&Replica) -> usize| self.replicas.iter().map(of).sum::<usize>() as f64;
        families.value(&names::PARTITION_COUNT, self.replicas.len() as f64);
        families.value(&names::LEADER_COUNT, count(|r| r.leads));
        families.value(
            &names::UNDER_REPLICATED_PARTITIONS,
            count(Replica::is_under_replicated),
        );
        families.value(&names::UNDER_MIN_ISR_COUNT, count(Replica::is_under_min));
        families.value(&names::AT_MIN_ISR_COUNT, count(Replica::is_at_min));
        families.value(
            &names::REASSIGNING_PARTITIONS,
            count(|r| r.leads && r.is_reassigning),
        );
        families.value(&names::OFFLINE_REPLICAS, self.offline as f64);
        families.value(&names::OFFLINE_LOG_DIRS, self.offline_dirs as f64);
        families.value(&names::PRODUCER_IDS, sum(|r| r.producers));
        // No broker follows another yet, so no in-sync set changes and nobody lags.
        for metric in [
            &names::ISR_SHRINKS,
            &names::ISR_EXPANDS,
            &names::FAILED_ISR_UPDATES,
        ] {
            families.value(metric, 0.0);
        }
        families.value(&names::MAX_LAG, 0.0);
        let mut purgatory = families.of(&names::PURGATORY);
        purgatory.sample(&["Produce"], sum(|r| r.parked_produces));
        purgatory.sample(&["Fetch"], sum(|r| r.parked_fetches));
    }
}

type Series = (&'static Metric, fn(&Replica) -> f64);

/// Every replica tells these of itself.
const OF_EACH: [Series; 4] = [
    (&names::LOG_SIZE, |r| r.size as f64),
    (&names::LOG_END, |r| r.end as f64),
    (&names::LOG_START, |r| r.start as f64),
    (&names::LOG_SEGMENTS, |r| r.segments as f64),
];

/// The leader alone tells these, so that a sum over all brokers is one over all partitions.
const OF_THOSE_LED: [Series; 9] = [
    (&names::PARTITION_UNDER_REPLICATED, |r| {
        yes(r.is_under_replicated())
    }),
    (&names::PARTITION_UNDER_MIN_ISR, |r| yes(r.is_under_min())),
    (&names::PARTITION_AT_MIN_ISR, |r| yes(r.is_at_min())),
    (&names::PARTITION_CURRENT_OFFSET, |r| {
        r.high_watermark as f64
    }),
    (&names::PARTITION_OLDEST_OFFSET, |r| r.start as f64),
    (&names::PARTITION_REPLICAS, |r| r.replicas as f64),
    (&names::PARTITION_IN_SYNC, |r| r.in_sync as f64),
    (&names::PARTITION_LEADER_PREFERRED, |r| yes(r.is_preferred)),
    (&names::EXPORTER_UNDER_REPLICATED, |r| {
        yes(r.is_under_replicated())
    }),
];

fn yes(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}
