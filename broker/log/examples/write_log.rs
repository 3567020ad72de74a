//! Writes a data directory with one log that has a bit of everything, for other programs to read:
//! `write_log <directory>`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool that cannot go on should stop"
)]

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::SystemDisk;
use millrace_log::{AppendBatch, AppendOutcome, DataDir, Identity, Log, LogConfig, Origin};
use millrace_records::{BatchBuilder, BatchHeader, Compression, EndTxnMarker, NewRecord};
use millrace_types::{NodeId, Timestamp, TopicPartition, Uuid};

const START: Timestamp = 1_700_000_000_000;
const ROUNDS: i32 = 400;

fn main() {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "log-data".to_owned());
    let identity = Identity {
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".to_owned(),
        node_id: NodeId(1),
    };
    let disk = Arc::new(SystemDisk);
    let dir = DataDir::open(disk, Path::new(&path), &identity, Uuid::random()).unwrap();
    let config = LogConfig {
        segment_bytes: 64 << 10,
        ..LogConfig::default()
    };
    let partition = TopicPartition::new("sample", 0);
    let mut log = dir
        .create_log(&partition, Uuid::random(), Arc::new(config), START)
        .unwrap();
    for round in 0..ROUNDS {
        append_round(&mut log, round);
    }
    let view = Arc::clone(log.view());
    log.close().unwrap();
    let offsets = [(&partition, view.end_offset())];
    dir.write_recovery_points(offsets.into_iter()).unwrap();
    dir.write_start_offsets([(&partition, view.start_offset())].into_iter())
        .unwrap();
    dir.write_high_watermarks(offsets.into_iter()).unwrap();
    dir.close(1).unwrap();
    println!(
        "{} segments, {} records",
        view.segment_count(),
        view.end_offset()
    );
}

/// Plain, compressed, idempotent and transactional batches; some transactions are aborted, and the
/// leader changes now and then.
fn append_round(log: &mut Log, round: i32) {
    let time = START + i64::from(round) * 1000;
    let codecs = Compression::ALL;
    let codec = codecs[usize::try_from(round).unwrap() % codecs.len()];
    let plain = BatchBuilder::new(0).compression(codec);
    let idempotent = BatchBuilder::new(0).producer(7, 0, round * 2);
    let in_txn = BatchBuilder::new(0)
        .producer(8, 0, round * 3)
        .transactional();
    let marker = EndTxnMarker {
        committed: round % 3 != 0,
        coordinator_epoch: 1,
    };
    let batches = [
        (records(plain, 5, time), Origin::Client),
        (records(idempotent, 2, time + 1), Origin::Client),
        (records(in_txn, 3, time - 5000), Origin::Client),
        (
            marker.to_batch(8, 0, time + 3).unwrap(),
            Origin::Coordinator,
        ),
    ];
    let batches = batches.map(|(bytes, origin)| {
        let header = BatchHeader::read(&bytes).unwrap();
        AppendBatch {
            header,
            bytes: Bytes::from(bytes),
            origin,
        }
    });
    let mut outcomes = Vec::new();
    log.append(&batches, round / 100, time, &mut outcomes)
        .unwrap();
    let appended = |outcome: &AppendOutcome| matches!(outcome, AppendOutcome::Appended { .. });
    assert!(outcomes.iter().all(appended), "{outcomes:?}");
}

fn records(mut builder: BatchBuilder, count: i64, time: Timestamp) -> Vec<u8> {
    for index in 0..count {
        let (key, value) = (
            format!("key-{index}"),
            format!("value at {time} number {index}"),
        );
        let (key, value) = (Some(key.as_bytes()), Some(value.as_bytes()));
        builder
            .push(&NewRecord {
                timestamp: time + index,
                key,
                value,
                headers: &[],
            })
            .unwrap();
    }
    builder.build().unwrap()
}
