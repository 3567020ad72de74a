//! A container's output as a stream, for as long as it grows where that is wanted. Whoever follows hears
//! every line that is kept, in whichever file, and of lines that went before they were read.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::logs::joined::Joined;
use crate::logs::output::Output;
use crate::logs::question::Question;
use crate::logs::record::{LONGEST, record};
use crate::logs::start::start;

/// What is read at once.
const CHUNK: usize = 64 << 10;
/// How late a follower sees a line.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// What stands where lines went that a follower had not read.
const MISSING: &str =
    "(lines are missing here: they were written faster than this reader took them)\n";

struct Reading {
    output: Box<dyn Output>,
    ended: watch::Receiver<bool>,
    /// The file that is read, and its number.
    file: File,
    number: u64,
    /// Who does not follow reads no file that comes after this one.
    last: Option<u64>,
    shown: Shown,
    /// What may still be handed on.
    left: u64,
}

/// Lines on their way from how they are kept to how they are told.
struct Shown {
    timestamps: bool,
    /// Of a line that was not read to its end.
    begun: Vec<u8>,
    /// Whether what comes next begins a line.
    fresh: bool,
}

/// What is asked for of what has been written; what cannot be read any more ends the stream.
pub(crate) async fn lines(
    output: Box<dyn Output>,
    question: &Question,
) -> io::Result<impl Stream<Item = Bytes> + Send + use<>> {
    let ended = output.ended();
    let files = output.files();
    let last = files.keys().next_back().copied().unwrap_or_default();
    let (tail, since) = (question.tail, question.since);
    let found = spawn_blocking(move || find(&files, tail, since)).await;
    let (number, file, from) = found.map_err(io::Error::other)??;
    let mut file = File::from_std(file);
    file.seek(SeekFrom::Start(from)).await?;
    let reading = Reading {
        output,
        ended,
        file,
        number,
        last: (!question.follow).then_some(last),
        shown: Shown::new(question.timestamps),
        left: question.limit.unwrap_or(u64::MAX),
    };
    Ok(stream::unfold(reading, |mut reading| async move {
        match reading.next().await {
            Ok(chunk) if chunk.is_empty() => None,
            Ok(chunk) => Some((chunk, reading)),
            Err(error) => {
                tracing::warn!(%error, "the output of a container cannot be read on");
                None
            }
        }
    }))
}

/// The file in which the first wanted line is, and where there.
fn find(
    files: &BTreeMap<u64, PathBuf>,
    tail: Option<u64>,
    since: Option<jiff::Timestamp>,
) -> io::Result<(u64, std::fs::File, u64)> {
    let mut open = Vec::new();
    for (number, path) in files {
        match std::fs::File::open(path) {
            Ok(file) => open.push((*number, file)),
            // It went since it was named, as the first ones do.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let again = open.iter().map(|(_, file)| file.try_clone());
    let mut joined = Joined::of(again.collect::<io::Result<_>>()?)?;
    let from = start(&mut joined, tail, since)?;
    let (index, within) = joined.place(from);
    let (number, file) = open.into_iter().nth(index).ok_or(ErrorKind::NotFound)?;
    Ok((number, file, within))
}

impl Reading {
    /// Nothing once there is nothing more.
    async fn next(&mut self) -> io::Result<Bytes> {
        while self.left > 0 {
            // Both are asked before reading: what was written before is then read too.
            let ended = *self.ended.borrow_and_update() || self.ended.has_changed().is_err();
            let over = self.last.is_some() || ended;
            let following = self.following();
            let mut chunk = BytesMut::with_capacity(CHUNK);
            let told = match (self.file.read_buf(&mut chunk).await?, following) {
                (0, None) if over => {
                    let rest = self.shown.rest();
                    return Ok(self.limited(rest));
                }
                (0, None) => {
                    self.wait().await;
                    continue;
                }
                (0, Some((number, path))) => self.go_on(number, path).await?,
                _ => self.shown.take(&chunk),
            };
            if !told.is_empty() {
                return Ok(self.limited(told));
            }
        }
        Ok(Bytes::new())
    }

    /// The file after the one that is read, if it is wanted.
    fn following(&self) -> Option<(u64, PathBuf)> {
        let files = self.output.files();
        let mut later = files
            .into_iter()
            .filter(|(number, _)| *number > self.number);
        later.find(|(number, _)| self.last.is_none_or(|last| *number <= last))
    }

    /// Goes on in another file. Returns what is to be told of those between.
    async fn go_on(&mut self, number: u64, path: PathBuf) -> io::Result<Vec<u8>> {
        match File::open(path).await {
            Ok(file) => self.file = file,
            // It went since it was named: there is a later one.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        let missing = number > self.number + 1;
        self.number = number;
        Ok(if missing { MISSING.into() } else { Vec::new() })
    }

    fn limited(&mut self, mut told: Vec<u8>) -> Bytes {
        told.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= told.len() as u64;
        told.into()
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.ended.changed() => {}
            () = sleep(LOOK_AGAIN) => {}
        }
    }
}

impl Shown {
    const fn new(timestamps: bool) -> Self {
        Self {
            timestamps,
            begun: Vec::new(),
            fresh: true,
        }
    }

    /// Takes in what was read. Returns the lines that are whole with it.
    fn take(&mut self, chunk: &[u8]) -> Vec<u8> {
        self.begun.extend_from_slice(chunk);
        let newline = self.begun.iter().rposition(|byte| *byte == b'\n');
        let end = match newline {
            Some(newline) => newline + 1,
            None if self.begun.len() > LONGEST => self.begun.len(),
            None => 0,
        };
        let rest = self.begun.split_off(end);
        let whole = std::mem::replace(&mut self.begun, rest);
        self.told(&whole)
    }

    /// What is left of a line that nobody ended.
    fn rest(&mut self) -> Vec<u8> {
        let rest = std::mem::take(&mut self.begun);
        self.told(&rest)
    }

    fn told(&mut self, lines: &[u8]) -> Vec<u8> {
        let mut told = Vec::with_capacity(lines.len());
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let ended = line.strip_suffix(b"\n");
            let record = record(ended.unwrap_or(line));
            if let Some(time) = record.time.filter(|_| self.timestamps && self.fresh) {
                told.extend_from_slice(format!("{time:.9} ").as_bytes());
            }
            told.extend_from_slice(record.text);
            self.fresh = record.ends && ended.is_some();
            if self.fresh {
                told.push(b'\n');
            }
        }
        told
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
