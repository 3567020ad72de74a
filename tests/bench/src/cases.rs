//! What is measured, by name.

use millrace_records::Compression;

use crate::subject::Kind;

/// Kafka producers' `batch.size` when nobody sets it.
const DEFAULT_BATCH: usize = 16 * 1024;
const LARGE_BATCH: usize = 64 * 1024;

/// One way to produce.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) record_bytes: usize,
    pub(crate) partitions: i32,
    /// -1 is "all".
    pub(crate) acks: i16,
    pub(crate) batch_bytes: usize,
    pub(crate) compression: Compression,
    pub(crate) keyed: bool,
    pub(crate) producers: usize,
    /// `flush.messages=1`
    pub(crate) flush_each: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// By the raw client, as fast as it goes.
    Produce(Load),
    /// By the raw client, from the start of a topic that was filled like this.
    CatchUp(Load),
    /// A record each millisecond by the raw client, and another that waits for it.
    FixedRate(Load),
    /// Kafka's `ProducerPerformance`.
    JavaProducer(Load),
    /// Kafka's `ConsumerPerformance`.
    JavaConsumer(Load),
    /// Kafka's `EndToEndLatency`.
    JavaEndToEnd(Load),
    /// librdkafka's producer.
    RdkafkaProducer(Load),
    /// librdkafka's consumer.
    RdkafkaConsumer(Load),
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) work: Work,
}

impl Case {
    pub(crate) fn new(work: Work) -> Self {
        let what = match &work {
            Work::Produce(_) => "produce",
            Work::CatchUp(_) => "catch-up read",
            Work::FixedRate(_) => "tailing read at 1000 records/s",
            Work::JavaProducer(_) => "ProducerPerformance",
            Work::JavaConsumer(_) => "ConsumerPerformance",
            Work::JavaEndToEnd(_) => "EndToEndLatency",
            Work::RdkafkaProducer(_) => "librdkafka producer",
            Work::RdkafkaConsumer(_) => "librdkafka consumer",
        };
        let name = format!("{what}: {}", work.load().describe());
        Self { name, work }
    }

    /// A sink can only take what is sent as fast as it goes, and knows nothing of flushes.
    pub(crate) fn suits(&self, kind: Kind) -> bool {
        kind.is_broker() || matches!(&self.work, Work::Produce(load) if !load.flush_each)
    }
}

impl Load {
    const fn new(record_bytes: usize, partitions: i32, acks: i16, batch_bytes: usize) -> Self {
        Self {
            record_bytes,
            partitions,
            acks,
            batch_bytes,
            compression: Compression::None,
            keyed: false,
            producers: 1,
            flush_each: false,
        }
    }

    /// Small records in default batches.
    pub(crate) const fn small(partitions: i32) -> Self {
        Self::new(100, partitions, 1, DEFAULT_BATCH)
    }

    fn describe(&self) -> String {
        let mut text = format!(
            "{} B, {} partition{}, acks={}, {} KiB batches",
            self.record_bytes,
            self.partitions,
            if self.partitions == 1 { "" } else { "s" },
            if self.acks == -1 {
                "all".to_owned()
            } else {
                self.acks.to_string()
            },
            self.batch_bytes / 1024,
        );
        if self.compression == Compression::Lz4 {
            text.push_str(", lz4");
        }
        if self.keyed {
            text.push_str(", keyed");
        }
        if self.producers > 1 {
            text.push_str(&format!(", {} producers", self.producers));
        }
        if self.flush_each {
            text.push_str(", flush.messages=1");
        }
        text
    }
}

pub(crate) fn all(quick: bool) -> Vec<Case> {
    let loads = if quick {
        with_goals()
    } else {
        every_combination()
    };
    let base = || Load::new(1024, 1, -1, LARGE_BATCH);
    let small = || Load::small(1);
    let spread = |load: Load| Load {
        partitions: 64,
        ..load
    };
    let flushed = |load: Load| Load {
        flush_each: true,
        ..load
    };
    let mut works: Vec<_> = loads.into_iter().map(Work::Produce).collect();
    works.extend(variations(&base()).map(Work::Produce));
    if !quick {
        works.extend(variations(&Load::new(100, 64, -1, LARGE_BATCH)).map(Work::Produce));
    }
    let many = Load {
        producers: 16,
        ..base()
    };
    works.extend([flushed(base()), flushed(many)].map(Work::Produce));
    works.extend([
        Work::CatchUp(base()),
        Work::CatchUp(spread(base())),
        Work::CatchUp(small()),
        Work::FixedRate(small()),
        Work::FixedRate(flushed(Load {
            acks: -1,
            ..small()
        })),
        Work::JavaProducer(base()),
        Work::JavaProducer(Load::new(100, 64, -1, DEFAULT_BATCH)),
        Work::JavaConsumer(base()),
        Work::JavaEndToEnd(small()),
        Work::RdkafkaProducer(base()),
        Work::RdkafkaConsumer(base()),
    ]);
    works.into_iter().map(Case::new).collect()
}

/// What a broker is warmed up with: large batches produced, small ones produced and read.
pub(crate) fn warm_up() -> [Case; 2] {
    let produce = Load::new(1024, 1, -1, LARGE_BATCH);
    [Work::Produce(produce), Work::CatchUp(Load::small(16))].map(Case::new)
}

/// The cases that have a goal.
fn with_goals() -> Vec<Load> {
    vec![
        Load::new(1024, 1, -1, LARGE_BATCH),
        Load::new(100, 1, -1, LARGE_BATCH),
        Load::new(100, 64, -1, LARGE_BATCH),
        Load::new(1024, 1, 1, DEFAULT_BATCH),
    ]
}

fn every_combination() -> Vec<Load> {
    let mut loads = Vec::new();
    for record_bytes in [100, 1024] {
        for partitions in [1, 64] {
            for acks in [1, -1] {
                for batch_bytes in [DEFAULT_BATCH, LARGE_BATCH] {
                    loads.push(Load::new(record_bytes, partitions, acks, batch_bytes));
                }
            }
        }
    }
    loads
}

/// One thing at a time that differs from the base.
fn variations(base: &Load) -> impl Iterator<Item = Load> {
    let compressed = Load {
        compression: Compression::Lz4,
        ..base.clone()
    };
    let keyed = Load {
        keyed: true,
        ..base.clone()
    };
    let many = Load {
        producers: 16,
        ..base.clone()
    };
    [compressed, keyed, many].into_iter()
}

impl Work {
    pub(crate) fn load(&self) -> &Load {
        match self {
            Self::Produce(load)
            | Self::CatchUp(load)
            | Self::FixedRate(load)
            | Self::JavaProducer(load)
            | Self::JavaConsumer(load)
            | Self::JavaEndToEnd(load)
            | Self::RdkafkaProducer(load)
            | Self::RdkafkaConsumer(load) => load,
        }
    }
}
