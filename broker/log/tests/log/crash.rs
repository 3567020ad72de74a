//! Power losses and failing disks, anywhere.

use std::path::Path;
use std::sync::Arc;

use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk};
use millrace_log::{AppendOutcome, Log, LogConfig, LogDir, LogError, OpenLog, Recovery};
use millrace_records::BatchHeader;
use millrace_types::{Moment, Offset};
use proptest::prelude::*;

use crate::support::*;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// So many batches of so many bytes in one append.
    Append {
        batches: usize,
        bytes: usize,
    },
    Flush,
    Roll,
    /// Cut off so many offsets.
    Truncate(Offset),
    /// Reopen after a clean close.
    Restart,
    Retention,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1..5_usize, 0..400_usize).prop_map(|(batches, bytes)| Step::Append { batches, bytes }),
        3 => Just(Step::Flush),
        1 => Just(Step::Roll),
        1 => (0..20_i64).prop_map(Step::Truncate),
        1 => Just(Step::Restart),
        1 => Just(Step::Retention),
    ];
    prop::collection::vec(step, 1..40)
}

fn config() -> LogConfig {
    LogConfig {
        retention_bytes: 6000,
        file_delete_delay_ms: 0,
        ..small_segments()
    }
}

fn options(log: Option<&Log>, was_clean: bool) -> OpenLog {
    let new = OpenLog::new(Arc::new(config()), NOW);
    let Some(log) = log else { return new };
    let view = log.view();
    let recovery_point = view.recovery_point();
    OpenLog {
        recovery_point,
        start_offset: Some(view.start_offset()),
        was_clean,
        ..new
    }
}

/// A log on a disk, and what it must have.
struct Model {
    disk: Arc<dyn Disk>,
    log: Option<Log>,
    /// Every batch, by base offset, that is in the log.
    batches: Vec<BatchHeader>,
}

impl Model {
    fn new(disk: Arc<dyn Disk>) -> Result<Self, LogError> {
        let dir = LogDir::new(Arc::clone(&disk), Path::new(DIR));
        let (log, _) = Log::open(dir, &options(None, false))?;
        Ok(Self {
            disk,
            log: Some(log),
            batches: Vec::new(),
        })
    }

    fn log(&mut self) -> &mut Log {
        self.log.as_mut().expect("it is open")
    }

    fn run(&mut self, step: Step) -> Result<(), LogError> {
        match step {
            Step::Append { batches, bytes } => {
                let batch: Vec<_> = (0..batches)
                    .map(|n| plain(1 + n, &vec![3; bytes]))
                    .collect();
                let mut outcomes = Vec::new();
                let end = self.log().view().end_offset();
                let result = self.log().append(&batch, 7, NOW, &mut outcomes);
                for (batch, outcome) in batch.iter().zip(&outcomes) {
                    let AppendOutcome::Appended { base_offset } = *outcome else {
                        unreachable!()
                    };
                    self.batches.push(BatchHeader {
                        base_offset,
                        leader_epoch: 7,
                        ..batch.header
                    });
                }
                let next = self.batches.last().map_or(end, BatchHeader::next_offset);
                assert_eq!(self.log().view().end_offset(), next.max(end));
                result
            }
            Step::Flush => self.log().view().flush().map(|_| ()),
            Step::Roll => self.log().roll(NOW),
            Step::Truncate(count) => {
                let view = Arc::clone(self.log().view());
                let target = (view.end_offset() - count).max(view.start_offset());
                self.log().truncate_to(target)?;
                self.batches.retain(|batch| batch.last_offset() < target);
                Ok(())
            }
            Step::Restart => {
                let options = options(self.log.as_ref(), true);
                self.log.take().expect("it is open").close()?;
                let dir = LogDir::new(Arc::clone(&self.disk), Path::new(DIR));
                let (log, recovery) = Log::open(dir, &options)?;
                assert_eq!(recovery, Recovery::default());
                self.log = Some(log);
                Ok(())
            }
            Step::Retention => {
                let end = self.log().view().end_offset();
                self.log().apply_retention(end, Moment::at(NOW)).map(|_| ())
            }
        }
    }

    fn check(&self) {
        let view = self.log.as_ref().expect("it is open").view();
        let start = view.start_offset();
        let expected = self
            .batches
            .iter()
            .filter(|batch| batch.last_offset() >= start);
        assert_eq!(brief(&read_all(view, start, 700)), brief(expected));
    }
}

fn run_all(disk: &Arc<dyn Disk>, steps: &[Step]) -> Result<Model, LogError> {
    let mut model = Model::new(Arc::clone(disk))?;
    for &step in steps {
        model.run(step)?;
        model.check();
    }
    Ok(model)
}

fn brief<'a>(batches: impl IntoIterator<Item = &'a BatchHeader>) -> Vec<(Offset, u32, u32)> {
    let brief = |batch: &BatchHeader| (batch.base_offset, batch.length, batch.crc);
    batches.into_iter().map(brief).collect()
}

/// What is left after a crash is a beginning of what there was, and has all that was durable.
fn check_after_crash(disk: Arc<dyn Disk>, before: &Log, batches: &[BatchHeader]) {
    let point = before.view().recovery_point();
    let (mut log, _) = open(&disk, &options(Some(before), false));
    let view = Arc::clone(log.view());
    let start = view.start_offset();
    assert!(
        view.end_offset() >= point,
        "{} < {point}",
        view.end_offset()
    );
    let left = read_all(&view, start, 700);
    let expected = batches.iter().filter(|batch| batch.last_offset() >= start);
    assert_eq!(brief(&left), brief(expected.take(left.len())));
    // The indexes are as good as those of a log that never crashed.
    for batch in &left {
        assert_eq!(
            headers_in(&bytes_of(
                &view.read(&request(batch.last_offset())).unwrap().unwrap()
            ))[0],
            *batch
        );
    }
    append(&mut log, plain(2, b"after the crash"));
    let all = read_all(&view, start, 700);
    assert_eq!(all.len(), left.len() + 1);
    let options = options(Some(&log), true);
    log.close().unwrap();
    let (log, recovery) = open(&disk, &options);
    assert_eq!(recovery, Recovery::default());
    assert_eq!(brief(&read_all(log.view(), start, 700)), brief(&all));
}

/// Decides by a seed.
fn chance(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed | 1;
    move |n| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % n as u64).unwrap()
    }
}

/// Runs the steps, and looks at what a power loss after each of them would leave.
pub(crate) fn lose_power_after_each(steps: &[Step], chance: &mut dyn FnMut(usize) -> usize) {
    let mem = MemDisk::new();
    let mut model = Model::new(Arc::new(mem.clone())).unwrap();
    for &step in steps {
        model.run(step).unwrap();
        let crashed: Arc<dyn Disk> = Arc::new(mem.after_power_loss(chance));
        check_after_crash(crashed, model.log.as_ref().unwrap(), &model.batches);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_has_what_was_appended_and_not_cut_off(steps in steps()) {
        let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
        run_all(&disk, &steps).unwrap();
    }

    #[test]
    fn after_a_power_loss_everything_flushed_is_there(steps in steps(), seed in any::<u64>()) {
        lose_power_after_each(&steps, &mut chance(seed));
    }

    #[test]
    fn whatever_fails_nothing_acknowledged_is_lost(
        steps in steps(),
        turn in 0..400_u64,
        fault in prop_oneof![
            Just(Fault::ShortWrite), Just(Fault::NoSpace), Just(Fault::Io), Just(Fault::Dead)
        ],
    ) {
        let mem = MemDisk::new();
        let hostile = HostileDisk::new(Arc::new(mem.clone()));
        let disk: Arc<dyn Disk> = Arc::new(hostile.clone());
        let mut model = Model::new(disk).unwrap();
        hostile.fail_after(turn, fault);
        for &step in &steps {
            let result = model.run(step);
            if fault == Fault::ShortWrite {
                result.unwrap();
            }
            if model.log.is_none() {
                // It failed to close or to open: the process would end here.
                return Ok(());
            }
            let view = Arc::clone(model.log().view());
            if fault != Fault::Dead && !(view.is_offline() && matches!(step, Step::Truncate(_))) {
                model.check();
            }
            if view.is_offline() {
                let end = view.end_offset();
                let mut outcomes = Vec::new();
                let refused = model.log().append(&[plain(1, b"")], 7, NOW, &mut outcomes);
                let is_typed = matches!(refused, Err(LogError::Offline { .. }));
                prop_assert!(is_typed);
                prop_assert_eq!(view.end_offset(), end);
                return Ok(());
            }
        }
        // The process dies now, the machine does not.
        let log = model.log.take().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(mem);
        let (reopened, _) = open(&disk, &options(Some(&log), false));
        model.log = Some(reopened);
        model.check();
    }
}

#[test]
fn a_garbled_tail_is_cut_off_and_reported() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let mut log = new_log(&disk, LogConfig::default());
    for _ in 0..10 {
        append(&mut log, plain(1, b"some value"));
    }
    let size = log.view().size_in_bytes();
    let path = Path::new(DIR).join("00000000000000000000.log");
    let file = disk.open(&path).unwrap();
    let each = size / 10;
    // The last byte of batch 7.
    file.write_all_at(&mut [std::io::IoSlice::new(b"?")], 8 * each - 1)
        .unwrap();
    let (log, recovery) = open(&disk, &OpenLog::new(Arc::new(LogConfig::default()), NOW));
    let cut = recovery.cut.unwrap();
    assert_eq!(
        (cut.segment_base, cut.position, cut.bytes),
        (0, 7 * each, 3 * each)
    );
    assert_eq!(
        (cut.end_offset, cut.reason),
        (7, "the checksum of a batch is wrong")
    );
    assert_eq!(log.view().end_offset(), 7);
    assert_eq!(file.len().unwrap(), 7 * each);
}

#[test]
fn rebuilt_indexes_are_those_that_were_lost() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let config = LogConfig {
        index_interval_bytes: 100,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk, config.clone());
    for index in 0..2000_usize {
        append(&mut log, plain(1 + index % 4, &vec![1; index % 90]));
    }
    log.close().unwrap();
    let read = |suffix: &str| {
        let path = Path::new(DIR).join(format!("00000000000000000000.{suffix}"));
        millrace_log::disk::read_file(&*disk, &path, 1 << 20).unwrap()
    };
    let before = (read("index"), read("timeindex"));
    assert!(before.0.len() > 8 * 512, "more than what is kept in memory");
    for suffix in ["index", "timeindex"] {
        let path = Path::new(DIR).join(format!("00000000000000000000.{suffix}"));
        disk.create(&path).unwrap().set_len(77).unwrap();
    }
    let (log, recovery) = open(&disk, &OpenLog::new(Arc::new(config), NOW));
    assert_eq!((recovery.cut, recovery.first_segment), (None, Some(0)));
    log.close().unwrap();
    assert_eq!((read("index"), read("timeindex")), before);
}
