//! A log driven by a script of a few words per line, and shown in as few.
//!
//! ```text
//! a=1 b= =x        a batch with three records: a value, a tombstone, a record without key
//! p7 a=1           the same from idempotent producer 7
//! t7 a=1           in a transaction of producer 7
//! commit 7         ends it; `abort 7` as well
//! roll             closes the segment
//! wait 50          the clock goes on by 50 ms
//! clean            cleans all that may be cleaned, if anything is dirty
//! ```
//!
//! The log is shown with a line per batch: the offsets it covers, what it is, and its records as
//! `offset:key=value`. Segments are separated by `--`.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hashbrown::HashMap;
use millrace_log::clean::{CleanConfig, CleanRequest, Cleaned, LastRecords, OffsetMap, clean};
use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{
    AppendBatch, AppendOutcome, Log, LogConfig, LogDir, LogError, OpenLog, Origin, ReadRequest,
};
use millrace_records::{
    BatchBuilder, BatchHeader, BatchView, Batches, ControlRecord, EndTxnMarker, NewRecord, Scratch,
    read_control,
};
use millrace_types::{Offset, ProducerId, Sequence, Timestamp};

pub(crate) const START: Timestamp = 1_000_000;
const LIMIT: usize = 1 << 20;
pub(crate) const DIR: &str = "data/topic-0";

pub(crate) struct Fixture {
    pub(crate) log: Log,
    pub(crate) clean: CleanConfig,
    pub(crate) keys_in_map: usize,
    pub(crate) now: Timestamp,
    pub(crate) checkpoint: Option<Offset>,
    sequences: HashMap<ProducerId, Sequence>,
}

pub(crate) fn log_config() -> Arc<LogConfig> {
    Arc::new(LogConfig {
        index_interval_bytes: 50,
        compact: true,
        delete: false,
        file_delete_delay_ms: 0,
        producer_id_expiration_ms: 1000,
        ..LogConfig::default()
    })
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(MemDisk::new()))
    }

    pub(crate) fn on(disk: Arc<dyn Disk>) -> Self {
        let dir = LogDir::new(disk, Path::new(DIR));
        let (log, _) = Log::open(dir, &OpenLog::new(log_config(), START)).unwrap();
        Self {
            log,
            clean: CleanConfig {
                delete_retention_ms: 100,
                index_interval_bytes: 50,
                // Batches are larger and smaller than that.
                io_buffer_bytes: 80,
                ..CleanConfig::default()
            },
            keys_in_map: 1000,
            now: START,
            checkpoint: None,
            sequences: HashMap::new(),
        }
    }

    /// The log as it is found after a crash.
    pub(crate) fn reopened(disk: Arc<dyn Disk>, recovery_point: Offset) -> Self {
        let mut fixture = Self::on(Arc::new(MemDisk::new()));
        let options = OpenLog {
            recovery_point,
            ..OpenLog::new(log_config(), START)
        };
        let opened = Log::open(LogDir::new(disk, Path::new(DIR)), &options);
        fixture.log = opened.unwrap().0;
        fixture
    }

    /// The log as it is found when what it knew of producers has to be read from its batches.
    pub(crate) fn restart_without_snapshots(self) -> Self {
        let dir = self.log.view().dir();
        let disk = Arc::clone(dir.disk());
        self.log.view().flush().unwrap();
        let recovery_point = self.log.view().recovery_point();
        for entry in disk.list(Path::new(DIR)).unwrap() {
            if entry.name.ends_with(".snapshot") {
                disk.remove_file(&Path::new(DIR).join(entry.name)).unwrap();
            }
        }
        let reopened = Self::reopened(disk, recovery_point);
        Self {
            log: reopened.log,
            ..self
        }
    }

    pub(crate) fn run(&mut self, script: &str) {
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            self.step(line).unwrap();
        }
    }

    pub(crate) fn step(&mut self, line: &str) -> Result<(), LogError> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "commit" => self.end(rest, true),
            "abort" => self.end(rest, false),
            "roll" => self.log.roll(self.now)?,
            "wait" => self.now += rest.parse::<i64>().unwrap(),
            "expire" => self.log.expire_producers(self.now),
            "clean" => {
                self.clean()?;
            }
            _ => self.produce(line),
        }
        Ok(())
    }

    /// Cleans all that may be cleaned, and remembers up to where that was.
    fn clean(&mut self) -> Result<Option<Cleaned>, LogError> {
        self.clean_with(&|_| true, &|_| {})
    }

    /// [`Self::clean`] with something to do after each batch, and before new segments are swapped in.
    pub(crate) fn clean_with(
        &mut self,
        may_go_on: &dyn Fn(&mut Log) -> bool,
        before_swap: &dyn Fn(&mut Log),
    ) -> Result<Option<Cleaned>, LogError> {
        let view = Arc::clone(self.log.view());
        let stable = view.last_stable_offset(view.end_offset());
        let span = view.dirty_span(self.checkpoint, stable, &self.clean, self.now)?;
        if span.dirty_bytes == 0 {
            return Ok(None);
        }
        let producers = LastRecords::of(self.log.producers());
        let log = RefCell::new(&mut self.log);
        let request = CleanRequest {
            span,
            config: &self.clean,
            producers: &producers,
            now: self.now,
            may_go_on: &|_| may_go_on(&mut log.borrow_mut()),
        };
        let mut map = OffsetMap::new(self.keys_in_map * 48, 0.5, [1; 16]);
        let cleaned = clean(&view, &request, &mut map, &mut |new| {
            let mut log = log.borrow_mut();
            before_swap(&mut log);
            new.apply(&mut log, self.now)
        })?;
        if !cleaned.was_interrupted {
            self.checkpoint = Some(cleaned.end);
        }
        Ok(Some(cleaned))
    }

    fn produce(&mut self, line: &str) {
        let mut words = line.split(' ').peekable();
        let mut builder = BatchBuilder::new(0);
        let producer = words.next_if(|word| !word.contains('='));
        let count = i32::try_from(words.clone().count()).unwrap();
        if let Some(producer) = producer {
            let (kind, id) = producer.split_at(1);
            let id = id.parse().unwrap();
            let sequence = self.sequences.entry(id).or_default();
            builder = builder.producer(id, 0, *sequence);
            *sequence += count;
            if kind == "t" {
                builder = builder.transactional();
            }
        }
        for word in words {
            let (key, value) = word.split_once('=').unwrap();
            let record = NewRecord {
                timestamp: self.now,
                key: Some(key.as_bytes()).filter(|key| !key.is_empty()),
                value: Some(value.as_bytes()).filter(|value| !value.is_empty()),
                headers: &[],
            };
            builder.push(&record).unwrap();
        }
        self.append(builder.build().unwrap(), Origin::Client);
    }

    fn end(&mut self, producer: &str, committed: bool) {
        let marker = EndTxnMarker {
            committed,
            coordinator_epoch: 0,
        };
        let batch = marker.to_batch(producer.parse().unwrap(), 0, self.now);
        self.append(batch.unwrap(), Origin::Coordinator);
    }

    pub(crate) fn append_client(&mut self, bytes: Vec<u8>) {
        self.append(bytes, Origin::Client);
    }

    fn append(&mut self, bytes: Vec<u8>, origin: Origin) {
        let header = BatchHeader::read(&bytes).unwrap();
        let batch = AppendBatch {
            header,
            bytes: Bytes::from(bytes),
            origin,
        };
        let mut outcomes = Vec::new();
        self.log
            .append(&[batch], 0, self.now, &mut outcomes)
            .unwrap();
        assert!(
            matches!(outcomes[..], [AppendOutcome::Appended { .. }]),
            "{outcomes:?}"
        );
    }

    pub(crate) fn show(&self) -> String {
        show(&self.log)
    }
}

/// The batches of a log as a reader from offset 0 gets them, with the segment they are in.
pub(crate) fn batches(log: &Log, from: Offset) -> Vec<(Offset, Vec<u8>)> {
    let mut batches = Vec::new();
    let mut from = from;
    loop {
        let request = ReadRequest {
            from,
            max_bytes: usize::MAX,
            upper_bound: Offset::MAX,
            min_one_batch: true,
        };
        let Some(slice) = log.view().read(&request).unwrap() else {
            return batches;
        };
        let mut bytes = vec![0; slice.len];
        slice
            .file
            .read_exact_at(&mut bytes, slice.position)
            .unwrap();
        for batch in Batches::new(&bytes) {
            let batch = batch.unwrap();
            batch.check_crc().unwrap();
            batches.push((slice.segment_base, batch.bytes().to_vec()));
        }
        assert!(slice.next_offset > from);
        from = slice.next_offset;
    }
}

pub(crate) fn show(log: &Log) -> String {
    let mut text = String::new();
    let mut segment = None;
    for (base, bytes) in batches(log, log.view().start_offset()) {
        if segment.replace(base).is_some_and(|before| before != base) {
            text.push_str("--\n");
        }
        show_batch(&BatchView::read(&bytes).unwrap(), &mut text);
    }
    text
}

fn show_batch(batch: &BatchView<'_>, text: &mut String) {
    let header = batch.header();
    write!(text, "{}-{}", header.base_offset, header.last_offset()).unwrap();
    if header.has_producer_id() {
        let kind = if header.attributes.is_transactional() {
            't'
        } else {
            'p'
        };
        write!(text, " {kind}{}", header.producer_id).unwrap();
        if !header.attributes.is_control() {
            write!(text, "#{}", header.last_sequence()).unwrap();
        }
    }
    if let Some(horizon) = header.delete_horizon() {
        write!(text, " horizon+{}", horizon - START).unwrap();
    }
    let mut scratch = Scratch::default();
    if header.attributes.is_control() {
        let name = match read_control(batch, &mut scratch).unwrap() {
            Some(ControlRecord::EndTxn(EndTxnMarker {
                committed: true, ..
            })) => " commit",
            Some(ControlRecord::EndTxn(_)) => " abort",
            _ => "",
        };
        text.push_str(name);
    } else {
        for record in batch
            .records(&mut scratch, LIMIT)
            .unwrap()
            .map(Result::unwrap)
        {
            let field =
                |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or(b"")).into_owned();
            let (key, value) = (field(record.key), field(record.value));
            write!(text, " {}:{key}={value}", record.offset).unwrap();
        }
    }
    text.push('\n');
}
