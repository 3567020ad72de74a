//! The partitions of a broker through what the metadata and the disk may do to them.

use std::path::Path;
use std::sync::Arc;

use millrace_config::{BrokerLayers, TopicConfig};
use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk};
use millrace_log::{DataDir, Identity};
use millrace_metadata::{MetadataImage, MetadataRecord};
use millrace_replication::{Flusher, Replicas, ReplicasOptions, Topics};
use millrace_types::{ManualClock, NodeId, Uuid};
use millrace_wire::records::metadata::partition_record::PartitionRecord;
use millrace_wire::records::metadata::remove_topic_record::RemoveTopicRecord;
use millrace_wire::records::metadata::topic_record::TopicRecord;

const ROOT: &str = "data";
const ME: NodeId = NodeId(1);
const OLD: Uuid = Uuid([7; 16]);
const NEW: Uuid = Uuid([8; 16]);
const PARTITIONS: i32 = 3;

/// A broker's replicas on a disk that can be told to fail.
struct Bench {
    disk: HostileDisk,
    clock: Arc<ManualClock>,
    topics: Arc<Topics>,
    replicas: Replicas,
    image: MetadataImage,
}

impl Bench {
    fn new() -> Self {
        let disk = HostileDisk::new(Arc::new(MemDisk::new()));
        let identity = Identity {
            cluster_id: "cluster".to_owned(),
            node_id: ME,
        };
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let dir = DataDir::open(shared, Path::new(ROOT), &identity, Uuid([5; 16]));
        let dir = dir.expect("a fresh disk takes a directory");
        let clock = Arc::new(ManualClock::at(0));
        let topics = Arc::new(Topics::default());
        let options = ReplicasOptions {
            me: ME,
            dirs: vec![dir],
            clock: clock.clone(),
            topic_configs: Box::new(|_, _| {
                let nothing = BrokerLayers {
                    broker: &(),
                    cluster: &(),
                    statics: &(),
                };
                TopicConfig::resolve(&(), &nothing)
            }),
            recovery_threads: 2,
            producer_id_expiration_ms: i64::MAX,
        };
        let flusher = Flusher::new(clock.clone());
        Self {
            disk,
            clock,
            replicas: Replicas::new(options, Arc::clone(&topics), flusher),
            topics,
            image: MetadataImage::empty("cluster"),
        }
    }

    fn apply(&mut self, records: &[MetadataRecord]) {
        let (image, delta) = self.image.apply(records).expect("the records apply");
        self.image = image;
        self.replicas.apply(&delta, &self.image);
    }

    fn served(&self, id: Uuid) -> usize {
        self.topics
            .get_by_id(id)
            .map_or(0, |topic| topic.partitions().len())
    }

    fn dirs(&self, suffix: &str) -> usize {
        let entries = self
            .disk
            .list(Path::new(ROOT))
            .expect("the directory is there");
        let found = entries.iter().filter(|entry| entry.is_dir);
        found.filter(|dir| dir.name.ends_with(suffix)).count()
    }
}

fn topic(id: Uuid) -> Vec<MetadataRecord> {
    let head = TopicRecord {
        name: "topic".into(),
        topic_id: id,
    };
    let partitions = (0..PARTITIONS).map(|partition_id| PartitionRecord {
        partition_id,
        topic_id: id,
        replicas: vec![ME.0],
        isr: vec![ME.0],
        leader: ME.0,
        ..PartitionRecord::default()
    });
    let partitions = partitions.map(MetadataRecord::from);
    std::iter::once(head.into()).chain(partitions).collect()
}

#[test]
fn what_a_full_volume_refused_is_made_when_there_is_room() {
    let mut bench = Bench::new();
    bench.disk.fail_after(0, Fault::NoSpace);
    bench.apply(&topic(OLD));
    assert_eq!(bench.served(OLD), 0);
    assert!(bench.topics.is_any_unmade_in(Path::new(ROOT)));
    bench.disk.heal();
    assert!(!bench.replicas.retry(&bench.image), "it is too early");
    bench.clock.step(-5_000_000);
    bench.clock.advance(1_000);
    assert!(bench.replicas.retry(&bench.image));
    assert_eq!(bench.served(OLD), PARTITIONS as usize);
    let topic = bench.topics.get_by_id(OLD).unwrap();
    assert!(
        topic
            .partitions()
            .iter()
            .all(|partition| partition.is_leader())
    );
    assert!(!bench.topics.is_any_unmade_in(Path::new(ROOT)));
    assert!(!bench.replicas.retry(&bench.image), "nothing is missing");
}

#[test]
fn what_was_never_made_is_not_tried_again_once_it_is_deleted() {
    let mut bench = Bench::new();
    bench.disk.fail_after(0, Fault::NoSpace);
    bench.apply(&topic(OLD));
    bench.apply(&[RemoveTopicRecord { topic_id: OLD }.into()]);
    bench.disk.heal();
    bench.clock.advance(60_000);
    assert!(!bench.replicas.retry(&bench.image));
    assert!(!bench.topics.is_any_unmade_in(Path::new(ROOT)));
}

#[test]
fn a_topic_deleted_and_made_again_in_one_step_has_logs_of_its_own() {
    let mut bench = Bench::new();
    bench.apply(&topic(OLD));
    let mut step = vec![RemoveTopicRecord { topic_id: OLD }.into()];
    step.extend(topic(NEW));
    bench.apply(&step);
    assert_eq!((bench.served(OLD), bench.served(NEW)), (0, 3));
    assert_eq!(bench.dirs("-delete"), 3);
    assert_eq!(bench.dirs("-0"), 1);
}

#[test]
fn deleted_files_go_when_their_time_has_come_however_the_clock_is_set() {
    let mut bench = Bench::new();
    bench.apply(&topic(OLD));
    bench.apply(&[RemoveTopicRecord { topic_id: OLD }.into()]);
    bench.clock.advance(59_999);
    bench.clock.step(1_000_000);
    bench.replicas.remove_deleted();
    assert_eq!(bench.dirs("-delete"), 3);
    bench.clock.step(-5_000_000);
    bench.clock.advance(1);
    bench.replicas.remove_deleted();
    assert_eq!(bench.dirs("-delete"), 0);
}

#[test]
fn a_deleted_topic_keeps_no_file_open() {
    let mut bench = Bench::new();
    bench.apply(&topic(OLD));
    let served = bench.topics.get_by_id(OLD).expect("it was made");
    let partitions: Vec<_> = served.partitions().iter().map(Arc::downgrade).collect();
    drop(served);
    bench.apply(&[RemoveTopicRecord { topic_id: OLD }.into()]);
    assert_eq!(partitions.len(), PARTITIONS as usize);
    for partition in partitions {
        assert!(partition.upgrade().is_none(), "somebody holds it");
    }
}

/// One sync for all of them: each costs milliseconds on a real disk.
#[test]
fn deletions_are_made_durable_together() {
    let mut bench = Bench::new();
    bench.apply(&topic(OLD));
    let before = bench.disk.operations();
    bench.apply(&[RemoveTopicRecord { topic_id: OLD }.into()]);
    let renames_and_a_sync = PARTITIONS as u64 + 1;
    assert_eq!(bench.disk.operations() - before, renames_and_a_sync);
}
