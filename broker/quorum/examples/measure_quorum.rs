//! How fast a quorum of one is, in a directory of the disk in question:
//! `cargo run --release -p millrace-quorum --example measure_quorum -- <directory>`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_log::disk::SystemDisk;
use millrace_quorum::{
    Chunks, LogPosition, MetadataQuorum, NoTransport, QuorumOptions, RestoreError, StateMachine,
};
use millrace_types::{Clock, NodeId, SystemClock};

/// As many pieces as the snapshot of a cluster with this many topics has, and about as long.
const TOPICS: usize = 10_000;
const BYTES_PER_TOPIC: usize = 200;
/// A batch like that of a small topic.
const BATCH: Bytes = Bytes::from_static(&[7; 300]);
const SEQUENTIAL: usize = 2_000;
const PROPOSERS: usize = 64;
const EACH: usize = 500;
const OPENINGS: usize = 8;
const IDLE: Duration = Duration::from_secs(10);

/// Holds what a cluster of that size would.
struct Topics(Vec<Bytes>);

impl StateMachine for Topics {
    fn apply(&mut self, _position: LogPosition, _batch: Bytes) {}

    fn snapshot(&self) -> Chunks<'static> {
        Box::new(self.0.clone().into_iter())
    }

    fn restore(&mut self, _position: LogPosition, chunks: Chunks<'_>) -> Result<(), RestoreError> {
        self.0 = chunks.collect();
        Ok(())
    }
}

async fn open(dir: &Path) -> MetadataQuorum {
    let options = QuorumOptions::new(NodeId(1), vec![NodeId(1)], dir.to_owned());
    let topics = Topics(vec![Bytes::from(vec![1; BYTES_PER_TOPIC]); TOPICS]);
    let opened = MetadataQuorum::open(
        options,
        Arc::new(SystemDisk),
        Box::new(topics),
        Arc::new(NoTransport),
    );
    opened.await.expect("the directory can be used")
}

/// Milliseconds of processor time that this process has used.
fn processor_millis() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("this is Linux");
    let after_name = stat.rsplit(')').next().expect("the name is in parentheses");
    let ticks = after_name.split_whitespace().skip(11).take(2);
    // The kernel counts in hundredths of a second.
    ticks
        .map(|ticks| ticks.parse::<u64>().expect("a number") * 10)
        .sum()
}

#[expect(clippy::print_stdout, reason = "printing is all this program is for")]
#[tokio::main]
async fn main() {
    let parent = PathBuf::from(std::env::args().nth(1).expect("a directory is named"));
    let dir = parent.join("millrace-quorum-measure");
    let clock = SystemClock::new();
    // Whoever measures twice must not find the first run's files.
    if dir.exists() {
        std::fs::remove_dir_all(&dir).expect("the directory is ours");
    }
    let since = |start: Duration| (clock.elapsed() - start).as_secs_f64() * 1e3;

    let timed_open = async || {
        let start = clock.elapsed();
        let quorum = open(&dir).await;
        let took = since(start);
        quorum.shutdown().await;
        took
    };

    let mut openings = Vec::with_capacity(OPENINGS);
    for _ in 0..OPENINGS {
        openings.push(timed_open().await);
        std::fs::remove_dir_all(&dir).expect("the directory is ours");
    }
    println!("open an empty directory, lead, apply: {openings:.1?} ms");
    let quorum = open(&dir).await;

    let mut latencies = Vec::with_capacity(SEQUENTIAL);
    for _ in 0..SEQUENTIAL {
        let start = clock.elapsed();
        quorum.propose(BATCH).await.expect("it leads");
        latencies.push(since(start));
    }
    latencies.sort_by(f64::total_cmp);
    let percentile = |of: usize| latencies[(SEQUENTIAL - 1) * of / 100];
    println!(
        "propose: p50 {:.3} ms, p99 {:.3} ms",
        percentile(50),
        percentile(99)
    );

    let start = clock.elapsed();
    let proposers = (0..PROPOSERS).map(|_| {
        let quorum = quorum.clone();
        tokio::spawn(async move {
            for _ in 0..EACH {
                quorum.propose(BATCH).await.expect("it leads");
            }
        })
    });
    for proposer in Vec::from_iter(proposers) {
        proposer.await.expect("it leads");
    }
    let per_second = (PROPOSERS * EACH) as f64 / since(start) * 1e3;
    println!("{PROPOSERS} proposers: {per_second:.0} batches/s");

    let before = processor_millis();
    tokio::time::sleep(IDLE).await;
    let used = processor_millis() - before;
    println!("idle: {used} ms of processor time in {} s", IDLE.as_secs());
    println!("{:?}", quorum.status());
    quorum.shutdown().await;

    let mut openings = Vec::with_capacity(OPENINGS);
    for _ in 0..OPENINGS {
        openings.push(timed_open().await);
    }
    println!("open with a snapshot of {TOPICS} topics: {openings:.1?} ms");
    std::fs::remove_dir_all(&dir).expect("the directory is ours");
}
