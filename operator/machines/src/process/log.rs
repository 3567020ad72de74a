//! What containers say: each run's lines with their times, in files that follow each other and never
//! change their names, of which the last ones are kept; and the last lines of each run at hand. Lines are
//! written as kubelets' container runtimes write them: time, stream, whether the line ends here, text.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;

use crate::process::lines::{Line, Stream};

/// A file of that size is followed by another one.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Of a run so many files are kept, the last ones.
const FILES_KEPT: u64 = 4;
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

/// What one run of a container has said.
#[derive(Clone, Debug)]
pub struct RunLog {
    directory: PathBuf,
    run: u64,
    ended: watch::Receiver<bool>,
}

impl RunLog {
    /// Its files that are kept, by the order in which they were written.
    #[must_use]
    pub fn files(&self) -> BTreeMap<u64, PathBuf> {
        let numbers = numbers(&self.directory).into_iter();
        let own = numbers.filter(|(run, _)| *run == self.run);
        own.map(|(run, number)| (number, file(&self.directory, run, number)))
            .collect()
    }

    /// Whether it has ended. A sender that is gone means that it has.
    #[must_use]
    pub fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }
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

    /// What a container's last run has said, or the `previous` one.
    #[must_use]
    pub fn find(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
    ) -> Option<RunLog> {
        let directory = self.of(namespace, pod, container);
        let mut runs: Vec<u64> = numbers(&directory).iter().map(|(run, _)| *run).collect();
        runs.dedup();
        let run = *runs.iter().rev().nth(usize::from(previous))?;
        let last = self.last.lock().get(&directory).cloned();
        let ended = || watch::channel(true).1;
        let ended = last.filter(|_| !previous).unwrap_or_else(ended);
        Some(RunLog {
            directory,
            run,
            ended,
        })
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
        let before = numbers(&directory);
        let run = before.last().map_or(0, |(run, _)| run + 1);
        for (old, number) in before.into_iter().filter(|(old, _)| old + 1 < run) {
            // What is left of it is in nobody's way.
            let _left = fs::remove_file(file(&directory, old, number)).await;
        }
        let log = Log::begin(directory.clone(), run).await?;
        let ended = log.ended.subscribe();
        self.last.lock().insert(directory, ended);
        Ok(log)
    }

    /// A pod is gone: what it said stays, and nobody waits for more of it.
    pub(crate) fn forget(&self, namespace: &str, pod: &str) {
        let directory = self.of_pod(namespace, pod);
        let mut last = self.last.lock();
        last.retain(|container, _| !container.starts_with(&directory));
    }

    fn of(&self, namespace: &str, pod: &str, container: &str) -> PathBuf {
        self.of_pod(namespace, pod).join(container)
    }

    fn of_pod(&self, namespace: &str, pod: &str) -> PathBuf {
        self.directory.join(namespace).join(pod)
    }
}

fn file(directory: &Path, run: u64, number: u64) -> PathBuf {
    directory.join(format!("{run}.{number}.log"))
}

/// Run and number of every file that is kept, in order.
fn numbers(directory: &Path) -> Vec<(u64, u64)> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let numbers = entries.filter_map(|entry| {
        let name = entry.ok()?.file_name();
        let (run, number) = name.to_str()?.strip_suffix(".log")?.split_once('.')?;
        Some((run.parse().ok()?, number.parse().ok()?))
    });
    let mut numbers: Vec<(u64, u64)> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// The log of one run. Dropping it says that the run has ended.
pub(crate) struct Log {
    directory: PathBuf,
    run: u64,
    number: u64,
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
    async fn begin(directory: PathBuf, run: u64) -> io::Result<Self> {
        Ok(Self {
            file: created(&directory, run, 0).await?,
            directory,
            run,
            number: 0,
            size: 0,
            last: VecDeque::new(),
            ended: watch::channel(false).0,
        })
    }

    pub(crate) async fn line(
        &mut self,
        from: Stream,
        line: &Line,
        at: Timestamp,
    ) -> io::Result<()> {
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line.text.clone());
        if self.size >= FILE_BYTES_MAX {
            self.go_on().await?;
        }
        let record = record(at, from, line);
        self.file.write_all(record.as_bytes()).await?;
        self.file.flush().await?;
        self.size += record.len() as u64;
        Ok(())
    }

    /// Goes on in the next file. Whoever sees it knows that nothing more comes to the one before.
    async fn go_on(&mut self) -> io::Result<()> {
        self.file = created(&self.directory, self.run, self.number + 1).await?;
        self.number += 1;
        self.size = 0;
        if let Some(old) = self.number.checked_sub(FILES_KEPT) {
            fs::remove_file(file(&self.directory, self.run, old)).await?;
        }
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

async fn created(directory: &Path, run: u64, number: u64) -> io::Result<File> {
    let mut options = File::options();
    let options = options.create(true).append(true);
    options.open(file(directory, run, number)).await
}

/// A line as it is kept.
fn record(at: Timestamp, from: Stream, line: &Line) -> String {
    let from = match from {
        Stream::Out => "stdout",
        Stream::Err => "stderr",
    };
    let tag = if line.ends { 'F' } else { 'P' };
    format!("{at} {from} {tag} {}\n", line.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn whole(text: &str) -> Line {
        Line {
            text: text.to_owned(),
            ends: true,
        }
    }

    #[tokio::test]
    async fn the_last_two_runs_are_kept_and_found() {
        let root = tempfile::TempDir::new().expect("a directory");
        let logs = Logs::new(root.path().to_owned());
        assert!(logs.find("n", "p", "c", false).is_none());
        for run in 0..3 {
            let mut log = logs.begin("n", "p", "c").await.expect("a log");
            let line = whole(&format!("run {run}"));
            log.line(Stream::Out, &line, AT).await.expect("room");
            let found = logs.find("n", "p", "c", false).expect("a run");
            assert!(!*found.ended().borrow());
            assert_eq!(log.last_words(), format!("run {run}\n"));
        }
        let text = |previous| {
            let run = logs.find("n", "p", "c", previous).expect("a run");
            assert!(*run.ended().borrow());
            std::fs::read_to_string(&run.files()[&0]).expect("a file")
        };
        let kept = |run: u64| format!("1970-01-01T00:00:00Z stdout F run {run}\n");
        assert_eq!((text(false), text(true)), (kept(2), kept(1)));
        assert_eq!(numbers(&root.path().join("n/p/c")), [(1, 0), (2, 0)]);
    }

    #[tokio::test]
    async fn of_a_pod_that_is_gone_only_its_files_are_kept() {
        let root = tempfile::TempDir::new().expect("a directory");
        let logs = Logs::new(root.path().to_owned());
        for (pod, container) in [("p-1", "c"), ("p-1", "d"), ("p-10", "c")] {
            let mut log = logs.begin("n", pod, container).await.expect("a log");
            log.line(Stream::Out, &whole("said"), AT)
                .await
                .expect("room");
        }
        logs.forget("n", "p-1");
        let known: Vec<PathBuf> = logs.last.lock().keys().cloned().collect();
        assert_eq!(known, [root.path().join("n/p-10/c")]);
        let left = logs.find("n", "p-1", "c", false).expect("its files");
        assert!(*left.ended().borrow());
    }

    #[tokio::test]
    async fn a_run_that_says_much_keeps_its_last_files() {
        let root = tempfile::TempDir::new().expect("a directory");
        let logs = Logs::new(root.path().to_owned());
        let mut log = logs.begin("n", "p", "c").await.expect("a log");
        let long = whole(&"x".repeat(usize::try_from(FILE_BYTES_MAX).expect("it fits")));
        for _ in 0..FILES_KEPT + 2 {
            log.line(Stream::Err, &long, AT).await.expect("room");
        }
        let files = logs.find("n", "p", "c", false).expect("a run").files();
        let numbers: Vec<u64> = files.keys().copied().collect();
        assert_eq!(numbers, [2, 3, 4, 5]);
    }

    #[test]
    fn a_line_is_kept_with_its_time_and_where_it_came_from() {
        let mut line = whole("words of a line");
        let at: Timestamp = "2026-01-01T00:00:00.000000001Z".parse().expect("a time");
        let kept = record(at, Stream::Out, &line);
        let expected = "2026-01-01T00:00:00.000000001Z stdout F words of a line\n";
        assert_eq!(kept, expected);
        line.ends = false;
        assert!(record(at, Stream::Err, &line).ends_with("Z stderr P words of a line\n"));
    }
}
