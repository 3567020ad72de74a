//! Followers and others, of logs in one file and in several.

use std::fs;
use std::io::Write;
use std::path::Path;

use futures::StreamExt;
use tempfile::TempDir;

use super::*;

/// Files with the numbers that they are called by.
struct Files {
    folder: TempDir,
    ended: watch::Sender<bool>,
}

struct Kept {
    folder: PathBuf,
    ended: watch::Receiver<bool>,
}

impl Output for Kept {
    fn files(&self) -> BTreeMap<u64, PathBuf> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let number = |path: &Path| path.file_name()?.to_str()?.parse().ok();
        paths.map(|path| (number(&path).unwrap(), path)).collect()
    }

    fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }
}

impl Files {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            ended: watch::Sender::new(false),
        }
    }

    fn write(&self, number: u64, text: &str) {
        let path = self.folder.path().join(number.to_string());
        let mut file = fs::File::options()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn remove(&self, number: u64) {
        fs::remove_file(self.folder.path().join(number.to_string())).unwrap();
    }

    async fn lines(&self, question: Question) -> impl Stream<Item = Bytes> + Unpin {
        let output = Kept {
            folder: self.folder.path().to_owned(),
            ended: self.ended.subscribe(),
        };
        Box::pin(lines(Box::new(output), &question).await.unwrap())
    }

    /// Everything that is told of a question.
    async fn all(&self, question: Question) -> String {
        let chunks: Vec<Bytes> = self.lines(question).await.collect().await;
        String::from_utf8(chunks.concat()).unwrap()
    }
}

fn following() -> Question {
    Question {
        follow: true,
        ..Question::default()
    }
}

#[tokio::test]
async fn a_follower_reads_what_is_written_until_the_end() {
    let files = Files::new();
    files.write(0, "one\ntwo\n");
    let tail = Some(1);
    let question = Question {
        tail,
        ..following()
    };
    let mut lines = files.lines(question).await;
    assert_eq!(lines.next().await.unwrap(), "two\n");
    files.write(0, "three\n");
    assert_eq!(lines.next().await.unwrap(), "three\n");
    files.write(0, "four\n");
    files.ended.send_replace(true);
    assert_eq!(lines.next().await.unwrap(), "four\n");
    assert_eq!(lines.next().await, None);
}

#[tokio::test]
async fn nobody_who_does_not_follow_waits() {
    let files = Files::new();
    files.write(0, "one\n");
    files.write(1, "two\n");
    let limit = Some(5);
    let question = Question {
        limit,
        ..Question::default()
    };
    assert_eq!(files.all(question).await, "one\nt");
}

#[tokio::test]
async fn a_follower_that_is_slow_misses_no_file() {
    let files = Files::new();
    files.write(7, "one\n");
    let mut lines = files.lines(following()).await;
    assert_eq!(lines.next().await.unwrap(), "one\n");
    files.write(7, "two\n");
    files.write(8, "three\n");
    files.write(9, "four\n");
    // Who has a file open need not find it any more.
    files.remove(7);
    files.ended.send_replace(true);
    let rest: Vec<Bytes> = lines.collect().await;
    assert_eq!(rest.concat(), b"two\nthree\nfour\n");
}

#[tokio::test]
async fn a_follower_hears_of_lines_that_went() {
    let files = Files::new();
    files.write(0, "one\n");
    let mut lines = files.lines(following()).await;
    assert_eq!(lines.next().await.unwrap(), "one\n");
    files.write(2, "three\n");
    files.remove(0);
    files.ended.send_replace(true);
    let rest: Vec<Bytes> = lines.collect().await;
    assert_eq!(rest.concat(), format!("{MISSING}three\n").as_bytes());
}

#[tokio::test]
async fn the_last_lines_may_lie_in_several_files() {
    let files = Files::new();
    files.write(0, "one\ntwo\n");
    files.write(1, "three\n");
    for (tail, expected) in [
        (1, "three\n"),
        (2, "two\nthree\n"),
        (9, "one\ntwo\nthree\n"),
    ] {
        let tail = Some(tail);
        let question = Question {
            tail,
            ..Question::default()
        };
        assert_eq!(files.all(question).await, expected);
    }
}

#[tokio::test]
async fn lines_are_told_without_or_with_their_times() {
    let files = Files::new();
    files.write(
        0,
        "2026-01-01T00:00:00Z stdout P a long\n2026-01-01T00:00:01Z stdout F  line\nplain\n\
         2026-01-01T00:00:02.5Z stderr F end\n",
    );
    assert_eq!(
        files.all(Question::default()).await,
        "a long line\nplain\nend\n"
    );
    let question = Question {
        timestamps: true,
        ..Question::default()
    };
    assert_eq!(
        files.all(question).await,
        "2026-01-01T00:00:00.000000000Z a long line\nplain\n2026-01-01T00:00:02.500000000Z end\n"
    );
}
