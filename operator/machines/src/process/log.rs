//! What containers say: one file for each run, of which the last two are kept, none beyond a bound; and
//! the last lines of each at hand.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::fs::{self, File};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::sync::watch;

/// A file of that size becomes the old one, and the one before it goes.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Longer lines are cut into several.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// What is told of a container that ended.
const LAST_LINES: usize = 20;
const LAST_BYTES: usize = 2 * 1024;

/// Finds what containers have said.
#[derive(Clone, Debug)]
pub struct Logs {
    directory: PathBuf,
    /// Whether the last run of each container has ended.
    last: Arc<Mutex<HashMap<PathBuf, watch::Receiver<bool>>>>,
}

impl Logs {
    /// Logs that are kept in `directory`.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            last: Arc::default(),
        }
    }

    /// The file of a container's last run, or of the `previous` one, and whether that has ended.
    #[must_use]
    pub fn find(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
    ) -> Option<(PathBuf, watch::Receiver<bool>)> {
        let directory = self.of(namespace, pod, container);
        let runs = runs(&directory);
        let number = runs.iter().rev().nth(usize::from(previous))?;
        let last = self.last.lock().get(&directory).cloned();
        let ended = || watch::channel(true).1;
        let ended = last.filter(|_| !previous).unwrap_or_else(ended);
        Some((file(&directory, *number), ended))
    }

    /// Begins the log of a run, and lets go of those before the previous one.
    pub(crate) async fn begin(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
    ) -> io::Result<Log> {
        let directory = self.of(namespace, pod, container);
        fs::create_dir_all(&directory).await?;
        let runs = runs(&directory);
        let number = runs.last().map_or(0, |last| last + 1);
        for old in runs.iter().filter(|old| **old + 1 < number) {
            let path = file(&directory, *old);
            // What is left of it is in nobody's way.
            let _left = fs::remove_file(older(&path)).await;
            let _left = fs::remove_file(path).await;
        }
        let log = Log::open(file(&directory, number)).await?;
        let ended = log.ended.subscribe();
        self.last.lock().insert(directory, ended);
        Ok(log)
    }

    fn of(&self, namespace: &str, pod: &str, container: &str) -> PathBuf {
        self.directory.join(namespace).join(pod).join(container)
    }
}

fn file(directory: &Path, run: u64) -> PathBuf {
    directory.join(format!("{run}.log"))
}

/// Where the lines are kept that were written before the newest.
fn older(path: &Path) -> PathBuf {
    path.with_extension("log.old")
}

/// Numbers of the runs whose logs are kept, in order.
fn runs(directory: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let numbers = entries.filter_map(|entry| {
        let name = entry.ok()?.file_name();
        name.to_str()?.strip_suffix(".log")?.parse().ok()
    });
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// The log of one run. Dropping it says that the run has ended.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    size: u64,
    last: VecDeque<String>,
    ended: watch::Sender<bool>,
}

impl Drop for Log {
    fn drop(&mut self) {
        self.ended.send_replace(true);
    }
}

impl Log {
    async fn open(path: PathBuf) -> io::Result<Self> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .await?;
        Ok(Self {
            size: file.metadata().await?.len(),
            path,
            file,
            last: VecDeque::new(),
            ended: watch::channel(false).0,
        })
    }

    pub(crate) async fn line(&mut self, line: &str) -> io::Result<()> {
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line.to_owned());
        if self.size >= FILE_BYTES_MAX {
            fs::rename(&self.path, older(&self.path)).await?;
            let mut new = File::options();
            self.file = new.create(true).append(true).open(&self.path).await?;
            self.size = 0;
        }
        let line = format!("{line}\n");
        self.file.write_all(line.as_bytes()).await?;
        self.file.flush().await?;
        self.size += line.len() as u64;
        Ok(())
    }

    /// The last lines, as many as fit.
    pub(crate) fn last_words(&self) -> String {
        let mut words = String::new();
        for line in self.last.iter().rev() {
            if words.len() + line.len() >= LAST_BYTES {
                break;
            }
            words = format!("{line}\n{words}");
        }
        words
    }
}

/// Reads lines of bounded length.
pub(crate) struct Lines<R> {
    from: BufReader<R>,
    /// Of a line that is not complete.
    begun: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn of(from: R) -> Self {
        Self {
            from: BufReader::new(from),
            begun: Vec::new(),
        }
    }

    /// The next line; `None` at the end. Whoever stops waiting for it loses nothing.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            let buffer = self.from.fill_buf().await.ok()?;
            let at_end = buffer.is_empty();
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(buffer.len());
            self.begun.extend_from_slice(&buffer[..taken]);
            self.from.consume(taken + usize::from(end.is_some()));
            if at_end && self.begun.is_empty() {
                return None;
            }
            if at_end || end.is_some() || self.begun.len() >= LINE_BYTES_MAX {
                let line = std::mem::take(&mut self.begun);
                return Some(String::from_utf8_lossy(&line).into_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_two_runs_are_kept_and_found() {
        let root = tempfile::TempDir::new().expect("a directory");
        let logs = Logs::new(root.path().to_owned());
        assert!(logs.find("n", "p", "c", false).is_none());
        for run in 0..3 {
            let mut log = logs.begin("n", "p", "c").await.expect("a log");
            log.line(&format!("run {run}")).await.expect("room");
            let (_, ended) = logs.find("n", "p", "c", false).expect("a run");
            assert!(!*ended.borrow());
            assert_eq!(log.last_words(), format!("run {run}\n"));
        }
        let text = |previous| {
            let (path, ended) = logs.find("n", "p", "c", previous).expect("a run");
            assert!(*ended.borrow());
            std::fs::read_to_string(path).expect("a file")
        };
        assert_eq!(
            (text(false), text(true)),
            ("run 2\n".to_owned(), "run 1\n".to_owned())
        );
        assert_eq!(runs(&root.path().join("n/p/c")), [1, 2]);
    }

    #[tokio::test]
    async fn lines_come_whole_and_bounded() {
        let long = "x".repeat(LINE_BYTES_MAX + 10);
        let text = format!("a\n\n{long}\nend");
        let mut lines = Lines::of(text.as_bytes());
        let mut read = Vec::new();
        while let Some(line) = lines.next().await {
            read.push(line);
        }
        assert_eq!(read.concat().len(), text.len() - 3);
        assert_eq!((read[0].as_str(), read[1].as_str()), ("a", ""));
        assert_eq!(read.last().map(String::as_str), Some("end"));
    }
}
