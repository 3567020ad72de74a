//! Data directories: whose they are, which logs they have, how they come back.

use std::path::Path;
use std::sync::Arc;

use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk};
use millrace_log::{DataDir, DataDirError, Identity, Log, LogConfig, LogError, NewLog};
use millrace_types::{NodeId, TopicPartition, Uuid};

use crate::support::*;

const ROOT: &str = "data";
const NEW_ID: Uuid = Uuid([5; 16]);

fn identity() -> Identity {
    Identity {
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".to_owned(),
        node_id: NodeId(3),
    }
}

fn open_dir(disk: &Arc<dyn Disk>) -> Result<DataDir, DataDirError> {
    DataDir::open(Arc::clone(disk), Path::new(ROOT), &identity(), NEW_ID)
}

fn config() -> Arc<LogConfig> {
    Arc::new(LogConfig::default())
}

#[test]
fn a_directory_belongs_to_one_node_of_one_cluster() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let dir = open_dir(&disk).unwrap();
    assert_eq!(dir.properties().directory_id, NEW_ID);
    assert!(matches!(open_dir(&disk), Err(DataDirError::Locked { .. })));
    drop(dir);
    let other_id = DataDir::open(
        Arc::clone(&disk),
        Path::new(ROOT),
        &identity(),
        Uuid([6; 16]),
    );
    assert_eq!(other_id.unwrap().properties().directory_id, NEW_ID);
    for (change, expected) in [
        (
            Identity {
                node_id: NodeId(4),
                ..identity()
            },
            "data belongs to node 3, not to 4",
        ),
        (
            Identity {
                cluster_id: "x".to_owned(),
                ..identity()
            },
            "data belongs to cluster MkU3OEVBNTcwNTJENDM2Qg, not to x",
        ),
    ] {
        let refused = DataDir::open(Arc::clone(&disk), Path::new(ROOT), &change, NEW_ID);
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    let text = millrace_log::disk::read_file(&*disk, &Path::new(ROOT).join("meta.properties"), 999);
    let expected = "#\nversion=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qg\nnode.id=3\n\
        directory.id=BQUFBQUFBQUFBQUFBQUFBQ\n";
    assert_eq!(String::from_utf8(text.unwrap()).unwrap(), expected);
}

#[test]
fn logs_come_back_with_their_checkpoints() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let dir = open_dir(&disk).unwrap();
    assert_eq!(dir.clean_shutdown(), None);
    let partitions: Vec<_> = (0..20)
        .map(|index| TopicPartition::new("a-topic", index))
        .collect();
    let id = Uuid([9; 16]);
    let mut logs = Vec::new();
    for partition in &partitions {
        let mut log = dir.create_log(partition, id, config(), NOW).unwrap();
        for _ in 0..=partition.partition {
            append(&mut log, plain(2, b"value"));
        }
        log.delete_records(1).unwrap();
        logs.push(log);
    }
    disk.create_dir_all(&Path::new(ROOT).join("lost+found"))
        .unwrap();
    let paired = |offset: fn(&millrace_log::LogView) -> i64| {
        let offsets: Vec<_> = logs.iter().map(|log| offset(log.view())).collect();
        partitions.iter().zip(offsets)
    };
    dir.write_start_offsets(paired(|view| view.start_offset()))
        .unwrap();
    dir.write_high_watermarks(paired(|view| view.end_offset() - 1))
        .unwrap();
    logs.into_iter().for_each(|log| log.close().unwrap());
    dir.close(77).unwrap();

    let dir = open_dir(&disk).unwrap();
    assert_eq!(dir.clean_shutdown(), Some(77));
    let opened = dir.open_logs(4, &|_| config(), NOW).unwrap();
    assert_eq!(opened.len(), 20);
    for (partition, opened) in opened {
        let opened = opened.unwrap();
        let end = i64::from(2 * (partition.partition + 1));
        assert_eq!(opened.log.view().end_offset(), end);
        assert_eq!(opened.log.view().start_offset(), 1);
        assert_eq!(opened.high_watermark, Some(end - 1));
        assert_eq!(opened.topic_id, Some(id));
        assert_eq!(opened.recovery, millrace_log::Recovery::default());
    }
    // This time nobody closes anything.
    drop(dir);
    assert_eq!(open_dir(&disk).unwrap().clean_shutdown(), None);
}

#[test]
fn a_topic_may_be_deleted_and_made_again() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let dir = open_dir(&disk).unwrap();
    let partition = TopicPartition::new("topic", 0);
    let mut log = dir
        .create_log(&partition, Uuid([1; 16]), config(), NOW)
        .unwrap();
    append(&mut log, plain(1, b"old"));
    let slice = log.view().read(&request(0)).unwrap().unwrap();
    let deleted = dir
        .begin_deletion(&partition, log.view(), Uuid([2; 16]))
        .unwrap();
    assert!(
        log.append(&[plain(1, b"lost")], 0, NOW, &mut Vec::new())
            .is_err()
    );
    let new = dir
        .create_log(&partition, Uuid([3; 16]), config(), NOW)
        .unwrap();
    assert_eq!(new.view().end_offset(), 0);
    assert_eq!(headers_in(&bytes_of(&slice)).len(), 1);
    assert_eq!(
        log.view().read(&request(0)).unwrap().unwrap().len,
        slice.len
    );
    assert_eq!(dir.partitions().unwrap().len(), 1);
    assert_eq!(dir.deleted_dirs().unwrap(), std::slice::from_ref(&deleted));
    dir.remove(&deleted).unwrap();
    assert_eq!(
        dir.deleted_dirs().unwrap(),
        Vec::<std::path::PathBuf>::new()
    );
}

#[test]
fn a_log_whose_deletion_failed_is_not_taken_for_its_successor() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let dir = open_dir(&disk).unwrap();
    let partition = TopicPartition::new("topic", 0);
    let mut old = dir
        .create_log(&partition, Uuid([1; 16]), config(), NOW)
        .unwrap();
    append(&mut old, plain(1, b"old"));
    let new = dir
        .create_log(&partition, Uuid([3; 16]), config(), NOW)
        .unwrap();
    assert_eq!(new.view().end_offset(), 0);
    assert_eq!(dir.deleted_dirs().unwrap().len(), 1);
}

#[test]
fn many_logs_are_made_at_once_and_what_was_half_made_is_taken_up() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let dir = open_dir(&disk).unwrap();
    let half_made = Path::new(ROOT).join("topic-7");
    disk.create_dir_all(&half_made).unwrap();
    disk.create(&half_made.join("00000000000000000000.log"))
        .unwrap();
    let wanted = (0..100).map(|index| NewLog {
        partition: TopicPartition::new("topic", index),
        topic_id: Uuid([9; 16]),
        config: config(),
    });
    let made = dir.create_logs(wanted.collect(), 4, NOW);
    assert_eq!(made.len(), 100);
    for (partition, log) in made {
        assert_eq!(log.unwrap().view().end_offset(), 0, "{partition}");
    }
    assert_eq!(dir.partitions().unwrap().len(), 100);
}

/// A restart gives every log a new leader epoch; that alone is nothing to write down.
#[test]
fn an_idle_log_costs_nothing_to_close_under_a_new_leader() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let dir = open_dir(&disk).unwrap();
    dir.close_logs(fill(&dir, 3).unwrap(), 1).unwrap();
    dir.close(0).unwrap();
    let dir = open_dir(&disk).unwrap();
    for (_, opened) in dir.open_logs(1, &|_| config(), NOW).unwrap() {
        let mut log = opened.unwrap().log;
        log.assign_epoch(9);
        let written = Path::new(ROOT).join("topic-0/leader-epoch-checkpoint");
        let before = millrace_log::disk::read_file(&*disk, &written, 999).unwrap();
        log.close().unwrap();
        let after = millrace_log::disk::read_file(&*disk, &written, 999).unwrap();
        assert_eq!(before, after);
    }
}

/// Makes so many logs with one batch each.
fn fill(dir: &DataDir, count: i32) -> Result<Vec<Log>, LogError> {
    let make = |index| {
        let partition = TopicPartition::new("topic", index);
        let mut log = dir.create_log(&partition, Uuid([9; 16]), config(), NOW)?;
        log.append(&[plain(2, b"value")], 0, NOW, &mut Vec::new())?;
        Ok(log)
    };
    (0..count).map(make).collect()
}

#[test]
fn closed_logs_survive_a_power_loss_without_recovery() {
    for count in [3, 100] {
        let mem = MemDisk::new();
        let disk: Arc<dyn Disk> = Arc::new(mem.clone());
        let dir = open_dir(&disk).unwrap();
        let logs = fill(&dir, count).unwrap();
        dir.close_logs(logs, 4).unwrap();
        dir.close(0).unwrap();
        let after: Arc<dyn Disk> = Arc::new(mem.after_power_loss(&mut |_| 0));
        let opened = open_dir(&after)
            .unwrap()
            .open_logs(4, &|_| config(), NOW)
            .unwrap();
        assert_eq!(opened.len(), usize::try_from(count).unwrap());
        for (_, opened) in opened {
            let opened = opened.unwrap();
            assert_eq!(read_all(opened.log.view(), 0, 99).len(), 1);
            assert_eq!(opened.recovery, millrace_log::Recovery::default());
            assert_eq!(opened.topic_id, Some(Uuid([9; 16])));
        }
    }
}

#[test]
fn an_idle_log_costs_nothing_to_open_and_close() {
    let hostile = HostileDisk::new(Arc::new(MemDisk::new()));
    let disk: Arc<dyn Disk> = Arc::new(hostile.clone());
    let dir = open_dir(&disk).unwrap();
    let logs = fill(&dir, 3).unwrap();
    dir.close_logs(logs, 1).unwrap();
    dir.close(0).unwrap();
    let dir = open_dir(&disk).unwrap();
    let before = hostile.operations();
    let opened = dir.open_logs(1, &|_| config(), NOW).unwrap();
    let logs = opened
        .into_iter()
        .map(|(_, opened)| opened.unwrap().log)
        .collect();
    dir.close_logs(logs, 1).unwrap();
    assert_eq!(hostile.operations(), before);
}

#[test]
fn a_failure_at_any_operation_is_an_error_and_loses_nothing() {
    for fault in [Fault::Io, Fault::NoSpace, Fault::Dead] {
        for turn in 0.. {
            let mem = MemDisk::new();
            let hostile = HostileDisk::new(Arc::new(mem.clone()));
            let disk: Arc<dyn Disk> = Arc::new(hostile.clone());
            hostile.fail_after(turn, fault);
            let mut appended = 0;
            let result = open_dir(&disk).and_then(|dir| {
                let logs = fill(&dir, 2)?;
                appended = logs.len();
                dir.close_logs(logs, 1)?;
                Ok(dir.close(0)?)
            });
            // The next process finds the disk in order.
            let disk: Arc<dyn Disk> = Arc::new(mem);
            let opened = open_dir(&disk)
                .unwrap()
                .open_logs(1, &|_| config(), NOW)
                .unwrap();
            assert!(opened.len() >= appended);
            let in_order = |(_, opened): &(_, Result<millrace_log::OpenedLog, LogError>)| {
                let log = &opened.as_ref().unwrap().log;
                read_all(log.view(), 0, 99).len() == 1
            };
            assert!(opened.iter().filter(|opened| in_order(opened)).count() >= appended);
            if result.is_ok() {
                assert!(turn > 20);
                break;
            }
        }
    }
}
