//! What a producer is told when, and what consumers see meanwhile.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use millrace_config::{BrokerLayers, TopicConfig};
use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk};
use millrace_log::{AppendBatch, Log, LogConfig, LogDir, OpenLog, Origin};
use millrace_records::{BatchBuilder, BatchHeader, NewRecord};
use millrace_types::{ErrorCode, NodeId, SystemClock, Uuid};

use crate::flusher::Flusher;
use crate::leadership::Assignment;
use crate::meter::TopicMeter;
use crate::partition::{Appended, Partition, TopicShared};

const ME: NodeId = NodeId(1);

/// A partition that this broker leads alone. Its flusher has no threads: the tests flush by hand.
fn leader(flush_messages: Option<u64>) -> Arc<Partition> {
    leader_on(Arc::new(MemDisk::default()), flush_messages)
}

fn leader_on(disk: Arc<dyn Disk>, flush_messages: Option<u64>) -> Arc<Partition> {
    let config = TopicConfig {
        flush_messages,
        ..TopicConfig::resolve(&(), &BrokerLayers::at_start(&()))
    };
    let topic = TopicShared {
        name: "topic".into(),
        id: Uuid::random(),
        config: ArcSwap::from_pointee(config),
        meter: TopicMeter::default(),
    };
    let path = Path::new("data/topic-0");
    disk.create_dir_all(path).unwrap();
    let options = OpenLog::new(Arc::new(LogConfig::default()), 0);
    let (log, _) = Log::open(LogDir::new(disk, path), &options).unwrap();
    let flusher = Flusher::new(Arc::new(SystemClock::new()));
    let partition = Partition::new(ME, Arc::new(topic), 0, log, 0, flusher);
    partition.assign(Assignment {
        leader: ME,
        leader_epoch: 0,
        partition_epoch: 0,
        replicas: vec![ME],
        isr: vec![ME],
    });
    partition
}

/// Appends one record; returns the end of the log behind it.
fn append(partition: &Arc<Partition>) -> i64 {
    let mut builder = BatchBuilder::new(0);
    builder.push(&NewRecord::default()).unwrap();
    let bytes = Bytes::from(builder.build().unwrap());
    let batch = AppendBatch {
        header: BatchHeader::read(&bytes).unwrap(),
        bytes,
        origin: Origin::Client,
    };
    match partition.append(batch, true, 0) {
        Appended::Done(placed) => placed.unwrap().end_offset,
        Appended::Soon(_) => panic!("nobody else writes"),
    }
}

#[test]
fn without_flushes_an_append_is_acknowledged_at_once() {
    let partition = leader(None);
    let end = append(&partition);
    assert!(partition.acknowledged(end, false).is_none());
    assert!(partition.acknowledged(end, true).is_none());
    assert_eq!(partition.high_watermark(), end);
}

#[test]
fn the_append_that_fills_flush_messages_is_acknowledged_after_the_flush() {
    for every in [1, 3] {
        let partition = leader(Some(every));
        for _ in 1..every {
            let end = append(&partition);
            assert!(partition.acknowledged(end, false).is_none());
            assert!(partition.acknowledged(end, true).is_none());
        }
        let shown = partition.high_watermark();
        let end = append(&partition);
        let mut waiting = [false, true].map(|all| partition.acknowledged(end, all).unwrap());
        assert_eq!(partition.high_watermark(), shown, "not durable, not shown");
        assert!(waiting.iter_mut().all(|wait| wait.try_recv().is_err()));
        partition.run_flush();
        assert_eq!(partition.high_watermark(), end);
        for wait in &mut waiting {
            assert_eq!(wait.try_recv(), Ok(Ok(())));
        }
        assert!(partition.acknowledged(end, false).is_none());
    }
}

/// A bug once: a producer that asked after the flush had failed waited until its time was up.
#[test]
fn who_asks_after_the_end_is_told_at_once() {
    for all in [true, false] {
        let disk = HostileDisk::new(Arc::new(MemDisk::default()));
        let partition = leader_on(Arc::new(disk.clone()), Some(1));
        let end = append(&partition);
        disk.fail_after(0, Fault::Dead);
        partition.run_flush();
        let mut told = partition.acknowledged(end, all).unwrap();
        assert_eq!(told.try_recv(), Ok(Err(ErrorCode::KafkaStorageError)));

        let partition = leader(Some(1));
        let end = append(&partition);
        partition.resign(ErrorCode::UnknownTopicOrPartition);
        let mut told = partition.acknowledged(end, all).unwrap();
        assert_eq!(told.try_recv(), Ok(Err(ErrorCode::NotLeaderOrFollower)));
    }
}
