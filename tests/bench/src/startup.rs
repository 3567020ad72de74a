//! How long a broker takes to its first answer, and how much memory it holds: fresh and idle, and
//! with ten thousand partitions.

use std::time::Duration;

use anyhow::{Context, Result};
use millrace_bench_shared::clock;

use crate::admin;
use crate::cases::Load;
use crate::raw::{Batch, Producing};
use crate::report::Report;
use crate::subject::{Kind, Subject};

const TOPICS: i32 = 10;
const PARTITIONS_EACH: i32 = 1000;

/// A broker that has just started still frees and fills caches.
const REST: Duration = Duration::from_secs(3);

pub(crate) fn measure(rounds: usize, report: &mut Report) -> Result<()> {
    for _ in 0..rounds {
        for kind in Kind::BROKERS {
            let mut subject = Subject::start(kind)?;
            subject.stop()?;
            let took = subject.resume()?;
            report.add_single("start to first metadata, s", kind, took.as_secs_f64());
            clock::pause(REST);
            let idle = subject.rss_megabytes()?;
            report.add_single("RSS idle, MB", kind, idle);
            subject.stop()?;
        }
    }
    report.write()
}

/// From the start of the process until the last of ten thousand partitions takes a record.
pub(crate) fn measure_many_partitions(report: &mut Report) -> Result<()> {
    for kind in Kind::BROKERS {
        let outcome = many_partitions(kind, report);
        outcome.with_context(|| format!("{kind:?} with 10000 partitions"))?;
        report.write()?;
    }
    Ok(())
}

fn many_partitions(kind: Kind, report: &mut Report) -> Result<()> {
    let mut subject = Subject::start(kind)?;
    let began = clock::now();
    for number in 0..TOPICS {
        admin::create_topic(subject.address(), &topic(number), PARTITIONS_EACH, &[])?;
    }
    let took = began.elapsed().as_secs_f64();
    report.add_single("10000 partitions: create, s", kind, took);
    settle(&subject, &Load::small(PARTITIONS_EACH))?;
    let began = clock::now();
    subject.stop()?;
    let took = began.elapsed().as_secs_f64();
    report.add_single("10000 partitions: stop, s", kind, took);
    let began = clock::now();
    subject.resume()?;
    // One partition of each topic tells enough, and costs the measurement little.
    settle(&subject, &Load::small(1))?;
    let took = began.elapsed();
    let rss = subject.rss_megabytes()?;
    report.add_single(
        "10000 partitions: restart to served, s",
        kind,
        took.as_secs_f64(),
    );
    report.add_single("10000 partitions: RSS, MB", kind, rss);
    subject.stop()
}

fn topic(number: i32) -> String {
    format!("many-{number}")
}

/// Has a record taken by the first partitions of every topic.
fn settle(subject: &Subject, load: &Load) -> Result<()> {
    let batch = Batch::one_record(load)?;
    for number in 0..TOPICS {
        let producing = Producing {
            address: subject.address(),
            topic: &topic(number),
            load,
            batch: &batch,
            is_sink: false,
        };
        producing.settle()?;
    }
    Ok(())
}
