//! What a program writes, line by line, however it comes.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Longer lines are cut into several.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Where a program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// A line, or the part of one that is too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) ends: bool,
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
    pub(crate) async fn next(&mut self) -> Option<Line> {
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
                return Some(Line {
                    text: String::from_utf8_lossy(&line).into_owned(),
                    ends: at_end || end.is_some(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Line {
        Line {
            text: text.to_owned(),
            ends: true,
        }
    }

    #[tokio::test]
    async fn lines_come_whole_and_bounded() {
        let long = "x".repeat(LINE_BYTES_MAX * 2);
        let text = format!("a\n\n{long}\nend");
        let mut lines = Lines::of(text.as_bytes());
        let mut read = Vec::new();
        while let Some(line) = lines.next().await {
            read.push(line);
        }
        let texts: String = read.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts.len(), text.len() - 3);
        assert_eq!(read[..2], [whole("a"), whole("")]);
        assert_eq!(read.last(), Some(&whole("end")));
        assert_eq!(read.iter().filter(|line| !line.ends).count(), 1);
    }
}
