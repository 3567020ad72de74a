//! Where in a log the wanted lines begin.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use jiff::Timestamp;

use crate::logs::record::time;

/// How much is read at once when a file is read from its end.
const STEP: usize = 64 << 10;
/// A time at a line's begin is no longer than this.
const LONGEST_TIME: usize = 64;

/// The offset of the first wanted line: of the last `tail` lines, and none older than `since`.
pub(crate) fn start(
    mut file: impl Read + Seek,
    tail: Option<u64>,
    since: Option<Timestamp>,
) -> io::Result<u64> {
    let of_tail = tail.map_or(Ok(0), |tail| last_lines(&mut file, tail))?;
    let of_since = since.map_or(Ok(0), |since| not_older(&mut file, of_tail, since))?;
    Ok(of_tail.max(of_since))
}

/// A last line that is not ended yet counts.
fn last_lines(file: &mut (impl Read + Seek), lines: u64) -> io::Result<u64> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut left = lines;
    let mut to = end;
    let mut block = vec![0; STEP];
    while to > 0 {
        let from = to.saturating_sub(STEP as u64);
        let block = &mut block[..usize::try_from(to - from).unwrap_or(STEP)];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(block)?;
        for (index, byte) in block.iter().enumerate().rev() {
            let at = from + index as u64;
            // The newline that ends the last line begins no other.
            if *byte != b'\n' || at + 1 == end {
                continue;
            }
            if left <= 1 {
                return Ok(if left == 0 { end } else { at + 1 });
            }
            left -= 1;
        }
        to = from;
    }
    Ok(if lines == 0 { end } else { 0 })
}

/// Lines without a time belong to the one before them.
fn not_older(file: &mut (impl Read + Seek), from: u64, since: Timestamp) -> io::Result<u64> {
    file.seek(SeekFrom::Start(from))?;
    let mut reader = io::BufReader::new(file);
    let mut at = from;
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut head = (&mut reader).take(LONGEST_TIME as u64);
        let mut length = head.read_until(b'\n', &mut line)?;
        if length == 0 || began(&line).is_some_and(|began| began >= since) {
            return Ok(at);
        }
        if line.last() != Some(&b'\n') {
            length += reader.skip_until(b'\n')?;
        }
        at += length as u64;
    }
}

/// The time that a line begins with.
fn began(line: &[u8]) -> Option<Timestamp> {
    time(line.split(u8::is_ascii_whitespace).next()?)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn rest(text: &str, tail: Option<u64>, since: Option<&str>) -> String {
        let since = since.map(|since| since.parse().unwrap());
        let start = start(Cursor::new(text), tail, since).unwrap();
        text[usize::try_from(start).unwrap()..].to_owned()
    }

    #[test]
    fn the_last_lines() {
        let text = "one\ntwo\nthree\n";
        assert_eq!(rest(text, None, None), text);
        for (tail, expected) in [
            (0, ""),
            (1, "three\n"),
            (2, "two\nthree\n"),
            (3, text),
            (9, text),
        ] {
            assert_eq!(rest(text, Some(tail), None), expected, "{tail}");
        }
        assert_eq!(rest("one\ntwo", Some(1), None), "two");
        assert_eq!(rest("", Some(1), None), "");
        assert_eq!(rest("\n\n", Some(1), None), "\n");
    }

    #[test]
    fn lines_longer_than_a_step() {
        let long = "x".repeat(STEP * 2 + 7);
        let text = format!("{long}\n{long}\n");
        assert_eq!(rest(&text, Some(1), None), format!("{long}\n"));
        assert_eq!(rest(&text, Some(2), None), text);
    }

    #[test]
    fn lines_since_a_time() {
        let text = "no time\n\
            2026-01-01T00:00:00.5Z stdout F one\nno time\n\
            2026-01-01T00:00:03Z two\n";
        let cases = [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z stdout"),
            ("2026-01-01T00:00:01Z", "2026-01-01T00:00:03Z two"),
            ("2026-01-01T00:00:03Z", "2026-01-01T00:00:03Z two"),
        ];
        for (since, begin) in cases {
            assert!(rest(text, None, Some(since)).starts_with(begin), "{since}");
        }
        assert_eq!(rest(text, None, Some("2026-01-01T00:00:04Z")), "");
        let last = rest(text, Some(1), Some("2026-01-01T00:00:00Z"));
        assert_eq!(last, "2026-01-01T00:00:03Z two\n");
    }
}
