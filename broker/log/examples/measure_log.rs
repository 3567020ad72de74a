//! What appends, reads and opening cost on this machine: `measure_log <directory>`, once on a real disk and
//! once in memory (`/dev/shm`). Run it with `--release`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock, prints, and stops where it cannot go on"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use millrace_log::disk::{Disk, SystemDisk};
use millrace_log::{
    AppendBatch, DataDir, Identity, Log, LogConfig, LogDir, OpenLog, Origin, ReadRequest,
};
use millrace_records::{BatchBuilder, BatchHeader, NewRecord};
use millrace_types::{NodeId, Offset, TopicPartition, Uuid};

const NOW: i64 = 1_700_000_000_000;
const PARTITIONS: i32 = 10_000;
const BATCHES: u32 = 8_000;

fn main() {
    let root = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "measure-data".to_owned());
    let root = Path::new(&root);
    let _ = std::fs::remove_dir_all(root);
    for (bytes, count) in [
        (1 << 10, BATCHES * 8),
        (16 << 10, BATCHES),
        (64 << 10, BATCHES),
    ] {
        append_and_read(&root.join(format!("log-{bytes}")), bytes, count);
    }
    open_many(&root.join("many"));
    std::fs::remove_dir_all(root).unwrap();
}

fn batch(bytes: usize) -> AppendBatch {
    let value = vec![b'x'; 1000.min(bytes - 100)];
    let mut builder = BatchBuilder::new(0);
    while builder.records_len() + value.len() + 90 < bytes {
        let value = Some(value.as_slice());
        builder
            .push(&NewRecord {
                timestamp: NOW,
                value,
                ..NewRecord::default()
            })
            .unwrap();
    }
    let bytes = Bytes::from(builder.build().unwrap());
    AppendBatch {
        header: BatchHeader::read(&bytes).unwrap(),
        bytes,
        origin: Origin::Client,
    }
}

fn new_log(path: &Path) -> Log {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let dir = LogDir::new(disk, path);
    Log::open(dir, &OpenLog::new(Arc::new(LogConfig::default()), NOW))
        .unwrap()
        .0
}

fn append_and_read(path: &Path, bytes: usize, count: u32) {
    let mut log = new_log(path);
    let batch = batch(bytes);
    let mut outcomes = Vec::new();
    let append = time(count, || {
        outcomes.clear();
        log.append(std::slice::from_ref(&batch), 0, NOW, &mut outcomes)
            .unwrap();
    });
    let group: Vec<AppendBatch> = std::iter::repeat_n(batch.clone(), 64).collect();
    let grouped = time(count / 64, || {
        outcomes.clear();
        log.append(&group, 0, NOW, &mut outcomes).unwrap();
    });
    println!(
        "{bytes} B batches: append {append:?}, in groups of 64 {:?} each",
        grouped / 64
    );
    let flush = time(20, || {
        outcomes.clear();
        log.append(std::slice::from_ref(&batch), 0, NOW, &mut outcomes)
            .unwrap();
        log.view().flush().unwrap();
    });
    println!("  append and flush {flush:?}");
    let view = Arc::clone(log.view());
    let mut next = 0;
    let mut plans = 0;
    let scan = time(1, || {
        while let Some(slice) = view.read(&request(next)).unwrap() {
            next = slice.next_offset;
            plans += 1;
        }
    });
    println!(
        "  sequential plan of 1 MiB {:?} ({plans} plans)",
        scan / plans
    );
    let end = view.end_offset();
    let mut at: Offset = 0;
    let random = time(10_000, || {
        at = (at * 6_364_136_223_846_793_005_i64.wrapping_add(1) + 1_442_695_040_888)
            .rem_euclid(end);
        view.read(&request(at)).unwrap().unwrap();
    });
    println!("  random plan of 1 MiB {random:?}");
    let mut tail = view.end_offset();
    let follow = time(2_000, || {
        outcomes.clear();
        log.append(std::slice::from_ref(&batch), 0, NOW, &mut outcomes)
            .unwrap();
        tail = view.read(&request(tail)).unwrap().unwrap().next_offset;
    });
    println!("  append and the plan that follows it {follow:?}");
    log.close().unwrap();
}

fn request(from: Offset) -> ReadRequest {
    ReadRequest {
        from,
        max_bytes: 1 << 20,
        upper_bound: Offset::MAX,
        min_one_batch: true,
    }
}

fn open_many(path: &Path) {
    let identity = Identity {
        cluster_id: "measure".to_owned(),
        node_id: NodeId(1),
    };
    let take = || DataDir::open(Arc::new(SystemDisk), path, &identity, Uuid::random()).unwrap();
    let config = Arc::new(LogConfig::default());
    let dir = take();
    let batch = batch(1 << 10);
    let mut logs = Vec::new();
    let create = time(1, || {
        for index in 0..PARTITIONS {
            let partition = TopicPartition::new("topic", index);
            let mut log = dir
                .create_log(&partition, Uuid::ZERO, Arc::clone(&config), NOW)
                .unwrap();
            log.append(&[batch.clone(), batch.clone()], 0, NOW, &mut Vec::new())
                .unwrap();
            logs.push(log);
        }
    });
    let close = time(1, || dir.close_logs(std::mem::take(&mut logs), 2).unwrap());
    dir.close(0).unwrap();
    println!("creating and appending to {PARTITIONS} logs {create:?}, closing them {close:?}");
    for clean in [true, false] {
        let dir = take();
        assert_eq!(dir.clean_shutdown().is_some(), clean);
        let before = resident_bytes();
        let mut opened = Vec::new();
        let open = time(1, || {
            opened = dir.open_logs(2, &|_| Arc::clone(&config), NOW).unwrap();
        });
        let each = (resident_bytes() - before) / u64::try_from(opened.len()).unwrap();
        assert!(opened.iter().all(|(_, opened)| opened.is_ok()));
        println!("opening {PARTITIONS} logs (clean: {clean}) {open:?}, {each} B of memory each");
    }
}

fn time(count: u32, mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        work();
    }
    start.elapsed() / count
}

fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
