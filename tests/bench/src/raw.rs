//! A client that costs next to nothing, so that what a measurement shows is the broker: frames are
//! built once and sent again and again; answers are checked for errors and walked batch by batch.

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use millrace_bench_shared::clock;
use millrace_records::{BatchBuilder, NewRecord};

use crate::cases::Load;
use crate::frames::{Answer, Frame, receive, walk_batches};

/// What Kafka's producers keep in flight on one connection.
const IN_FLIGHT: usize = 5;

/// Half a second of waiting tells a tailing consumer that there is nothing more.
const FETCH_WAIT_MS: i32 = 500;

/// `fetch.max.bytes` of Kafka's consumers.
const FETCH_BYTES_MAX: i32 = 52_428_800;

/// A broker that keeps silent for so long will not answer.
const SILENCE: Duration = Duration::from_secs(60);

/// A new topic's leaders may take a moment to take office.
const SETTLE_LIMIT: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

const KEY_BYTES: usize = 8;

/// What one run sent or received, and how long single requests took.
#[derive(Default)]
pub(crate) struct Transfer {
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
    pub(crate) latencies: Vec<Duration>,
}

/// Who produces what, and where to.
pub(crate) struct Producing<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) topic: &'a str,
    pub(crate) load: &'a Load,
    pub(crate) batch: &'a Batch,
    /// The peer only counts frames: its answers hold nothing to check.
    pub(crate) is_sink: bool,
}

/// A run ends with whichever comes first.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) time: Duration,
    pub(crate) bytes: u64,
}

/// One batch as it goes over the wire.
pub(crate) struct Batch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: u64,
}

impl Batch {
    /// As many records as fit, with values that compress about by half.
    pub(crate) fn new(load: &Load) -> Result<Self> {
        let mut state = 88_172_645_463_325_252_u64;
        let mut value = |size: usize| -> Vec<u8> {
            let letter = |_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                b'a' + u8::try_from(state % 16).expect("below 16")
            };
            (0..size).map(letter).collect()
        };
        let mut builder = BatchBuilder::new(0).compression(load.compression);
        let mut records = 0;
        let mut size = 0;
        while size + load.record_bytes <= load.batch_bytes.max(load.record_bytes) {
            let (key, value) = (value(KEY_BYTES), value(load.record_bytes));
            builder.push(&NewRecord {
                timestamp: 1_700_000_000_000,
                key: load.keyed.then_some(&key[..]),
                value: Some(&value),
                headers: &[],
            })?;
            size += load.record_bytes + 12;
            records += 1;
        }
        Ok(Self {
            bytes: builder.build()?,
            records,
        })
    }

    pub(crate) fn one_record(load: &Load) -> Result<Self> {
        Self::new(&Load {
            batch_bytes: 0,
            ..load.clone()
        })
    }
}

pub(crate) fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE))?;
    Ok(stream)
}

impl Producing<'_> {
    /// Sends one batch to every partition until each takes it: then leaders are in office.
    pub(crate) fn settle(&self) -> Result<()> {
        let mut stream = connect(self.address)?;
        let mut answer = Vec::new();
        let began = clock::now();
        for partition in 0..self.load.partitions {
            let mut frame = self.frame(partition);
            loop {
                frame.send(&mut stream, 0)?;
                match Answer(receive(&mut stream, &mut answer)?).check_produced() {
                    Ok(()) => break,
                    Err(error) => ensure!(began.elapsed() < SETTLE_LIMIT, error),
                }
                clock::pause(LOOK_AGAIN);
            }
        }
        Ok(())
    }

    fn frame(&self, partition: i32) -> Frame {
        Frame::produce(self.topic, partition, self.load.acks, &self.batch.bytes)
    }

    /// Produces with every producer at once.
    pub(crate) fn run(&self, limit: Limit) -> Result<Transfer> {
        let producers = self.load.producers;
        let each = Limit {
            bytes: limit.bytes / producers as u64,
            ..limit
        };
        let began = clock::now();
        let transfers = thread::scope(|scope| {
            let threads: Vec<_> = (0..producers)
                .map(|_| scope.spawn(|| self.run_one(each)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().map_err(|_| anyhow!("a producer panicked"))?)
                .collect::<Result<Vec<_>>>()
        })?;
        let mut total = Transfer {
            took: began.elapsed(),
            ..Transfer::default()
        };
        for transfer in transfers {
            total.bytes += transfer.bytes;
            total.latencies.extend(transfer.latencies);
        }
        Ok(total)
    }

    /// Sends batches to the partitions in turn, with a few requests in flight.
    fn run_one(&self, limit: Limit) -> Result<Transfer> {
        let mut stream = connect(self.address)?;
        let mut frames: Vec<_> = (0..self.load.partitions)
            .map(|partition| self.frame(partition))
            .collect();
        let partitions = frames.len();
        let mut answer = Vec::new();
        let mut sent_at = VecDeque::with_capacity(IN_FLIGHT);
        let mut transfer = Transfer::default();
        let began = clock::now();
        for (correlation, turn) in (0..i32::MAX).zip((0..partitions).cycle()) {
            if transfer.bytes >= limit.bytes || began.elapsed() >= limit.time {
                break;
            }
            if sent_at.len() == IN_FLIGHT {
                self.finish_one(&mut stream, &mut answer, &mut sent_at, &mut transfer)?;
            }
            sent_at.push_back(clock::now());
            frames[turn].send(&mut stream, correlation)?;
        }
        while !sent_at.is_empty() {
            self.finish_one(&mut stream, &mut answer, &mut sent_at, &mut transfer)?;
        }
        Ok(transfer)
    }

    fn finish_one(
        &self,
        stream: &mut TcpStream,
        answer: &mut Vec<u8>,
        sent_at: &mut VecDeque<Instant>,
        transfer: &mut Transfer,
    ) -> Result<()> {
        let answer = receive(stream, answer)?;
        if !self.is_sink {
            Answer(answer).check_produced()?;
        }
        transfer.bytes += self.batch.bytes.len() as u64;
        transfer
            .latencies
            .extend(sent_at.pop_front().map(|at| at.elapsed()));
        Ok(())
    }
}

/// Reads on from the offsets, once; returns the bytes of records that came.
pub(crate) fn fetch(
    stream: &mut TcpStream,
    topic: &str,
    offsets: &mut [i64],
    answer: &mut Vec<u8>,
) -> Result<u64> {
    Frame::fetch(topic, offsets, FETCH_WAIT_MS, FETCH_BYTES_MAX).send(stream, 1)?;
    let mut came = 0;
    Answer(receive(stream, answer)?).fetched(|partition, bytes| {
        let offset = offsets
            .get_mut(partition)
            .context("a partition nobody asked for")?;
        *offset = walk_batches(bytes, *offset)?;
        came += bytes.len() as u64;
        Ok(())
    })?;
    Ok(came)
}

/// Reads every partition from the start until nothing comes any more.
pub(crate) fn consume(address: SocketAddr, topic: &str, partitions: i32) -> Result<Transfer> {
    let mut stream = connect(address)?;
    let mut offsets = vec![0; usize::try_from(partitions)?];
    let mut answer = Vec::new();
    let mut transfer = Transfer::default();
    let began = clock::now();
    loop {
        let asked = clock::now();
        let came = fetch(&mut stream, topic, &mut offsets, &mut answer)?;
        if came == 0 {
            return Ok(transfer);
        }
        transfer.bytes += came;
        transfer.took = began.elapsed();
        transfer.latencies.push(asked.elapsed());
    }
}
