//! A container's output as a stream, for as long as it grows where that is wanted.

use std::io::{self, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::logs::question::Question;
use crate::logs::start::start;

/// What is handed on at once.
const CHUNK: usize = 64 << 10;
/// How late a follower sees a line.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

struct Reading {
    path: PathBuf,
    file: File,
    /// What may still be handed on.
    left: u64,
    /// `None` does not wait for more.
    ended: Option<watch::Receiver<bool>>,
}

/// What the file holds of what is asked for; a file that cannot be read any more ends the stream.
pub(crate) async fn lines(
    path: &Path,
    ended: watch::Receiver<bool>,
    question: &Question,
) -> io::Result<impl Stream<Item = Bytes> + Send + use<>> {
    let mut file = File::open(path).await?;
    let found = file.try_clone().await?.into_std().await;
    let (tail, since) = (question.tail, question.since);
    let from = tokio::task::spawn_blocking(move || start(found, tail, since));
    let from = from.await.map_err(io::Error::other)??;
    file.seek(SeekFrom::Start(from)).await?;
    let reading = Reading {
        path: path.to_owned(),
        file,
        left: question.limit.unwrap_or(u64::MAX),
        ended: question.follow.then_some(ended),
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

impl Reading {
    /// Nothing once there is nothing more.
    async fn next(&mut self) -> io::Result<Bytes> {
        loop {
            // Asked before reading: what was written before is then read too.
            let over = match &mut self.ended {
                None => true,
                Some(ended) => *ended.borrow_and_update() || ended.has_changed().is_err(),
            };
            let newer = self.newer().await?;
            let chunk = self.chunk().await?;
            if !chunk.is_empty() || self.left == 0 {
                return Ok(chunk);
            }
            match newer {
                Some(newer) => self.file = newer,
                None if over => return Ok(chunk),
                None => self.wait().await,
            }
        }
    }

    /// The file that took this one's name, when it had grown large.
    async fn newer(&self) -> io::Result<Option<File>> {
        if self.ended.is_none() {
            return Ok(None);
        }
        let newer = match File::open(&self.path).await {
            // Between the two names, or taken away with its pod.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            newer => newer?,
        };
        let (new, old) = (newer.metadata().await?, self.file.metadata().await?);
        Ok((new.ino() != old.ino()).then_some(newer))
    }

    async fn chunk(&mut self) -> io::Result<Bytes> {
        let limit = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = BytesMut::with_capacity(limit);
        let mut rest = (&mut self.file).take(limit as u64);
        self.left -= rest.read_buf(&mut chunk).await? as u64;
        Ok(chunk.freeze())
    }

    async fn wait(&mut self) {
        if let Some(ended) = &mut self.ended {
            tokio::select! {
                _ = ended.changed() => {}
                () = sleep(LOOK_AGAIN) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use futures::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_follower_reads_what_is_written_until_the_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let (end, ended) = watch::channel(false);
        file.write_all(b"one\ntwo\n").unwrap();
        let question = Question {
            follow: true,
            tail: Some(1),
            ..Question::default()
        };
        let mut lines = Box::pin(lines(file.path(), ended, &question).await.unwrap());
        assert_eq!(lines.next().await.unwrap(), "two\n");
        file.write_all(b"three\n").unwrap();
        assert_eq!(lines.next().await.unwrap(), "three\n");
        file.write_all(b"four\n").unwrap();
        end.send_replace(true);
        assert_eq!(lines.next().await.unwrap(), "four\n");
        assert_eq!(lines.next().await, None);
    }

    #[tokio::test]
    async fn nobody_who_does_not_follow_waits() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"one\ntwo\n").unwrap();
        let (_end, ended) = watch::channel(false);
        let question = Question {
            limit: Some(5),
            ..Question::default()
        };
        let lines = lines(file.path(), ended, &question).await.unwrap();
        let all: Vec<Bytes> = lines.collect().await;
        assert_eq!(all.concat(), b"one\nt");
    }

    #[tokio::test]
    async fn a_follower_goes_on_in_the_file_that_took_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "one\n").unwrap();
        let (end, ended) = watch::channel(false);
        let question = Question {
            follow: true,
            ..Question::default()
        };
        let mut lines = Box::pin(lines(&path, ended, &question).await.unwrap());
        assert_eq!(lines.next().await.unwrap(), "one\n");
        std::fs::rename(&path, folder.path().join("log.old")).unwrap();
        std::fs::write(&path, "two\n").unwrap();
        end.send_replace(true);
        assert_eq!(lines.next().await.unwrap(), "two\n");
        assert_eq!(lines.next().await, None);
    }
}
