//! What flows through topics: one series for all together, one for each that has seen any.

use std::sync::Arc;

use millrace_replication::{Count, Topic, TopicMeter};

use crate::metrics::catalog as names;
use crate::metrics::catalog::Metric;
use crate::metrics::families::{Families, SERIES_TOPICS_MAX};

type Series = (&'static Metric, fn(&TopicMeter) -> &Count);

const SERIES: [Series; 11] = [
    (&names::MESSAGES_IN, |meter| &meter.messages_in),
    (&names::BYTES_IN, |meter| &meter.bytes_in),
    (&names::BYTES_OUT, |meter| &meter.bytes_out),
    (&names::BYTES_REJECTED, |meter| &meter.bytes_rejected),
    (&names::PRODUCE_REQUESTS, |meter| &meter.produce_requests),
    (&names::FETCH_REQUESTS, |meter| &meter.fetch_requests),
    (&names::FAILED_PRODUCE, |meter| {
        &meter.failed_produce_requests
    }),
    (&names::FAILED_FETCH, |meter| &meter.failed_fetch_requests),
    (&names::INVALID_CRC, |meter| &meter.invalid_crc_records),
    (&names::INVALID_SEQUENCE, |meter| {
        &meter.invalid_sequence_records
    }),
    (&names::KEYLESS_COMPACTED, |meter| {
        &meter.keyless_compacted_records
    }),
];

pub fn scrape(all: &TopicMeter, mut topics: Vec<Arc<Topic>>, families: &mut Families) {
    topics.sort_unstable_by(|one, other| one.shared.name.cmp(&other.shared.name));
    let omitted = topics.len().saturating_sub(SERIES_TOPICS_MAX);
    families.value(&names::OMITTED_TOPICS, omitted as f64);
    topics.truncate(SERIES_TOPICS_MAX);
    for (metric, count) in SERIES {
        let mut family = families.of(metric);
        family.sample(&[], count(all).value() as f64);
        for topic in &topics {
            let value = count(&topic.shared.meter).value();
            if value > 0 {
                family.sample(&[&topic.shared.name], value as f64);
            }
        }
    }
}
