//! One line of a log as a kubelet keeps it: when it was written and where, whether it ends here, and what
//! it says. Pure.

use jiff::Timestamp;

/// A line is cut into records that are no longer than this, so nothing longer is one.
pub(crate) const LONGEST: usize = 1 << 20;

/// A line, or a part of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// `None` for what nobody wrote as a record: it is handed on as it stands.
    pub(crate) time: Option<Timestamp>,
    /// Whether the line ends with it.
    pub(crate) ends: bool,
    pub(crate) text: &'a [u8],
}

/// Reads a line without its newline.
pub(crate) fn record(line: &[u8]) -> Record<'_> {
    let plain = Record {
        time: None,
        ends: true,
        text: line,
    };
    let mut parts = line.splitn(4, |byte| *byte == b' ');
    let (time, stream, tag) = (parts.next().and_then(time), parts.next(), parts.next());
    match (time, stream, tag, parts.next()) {
        (Some(_), Some(b"stdout" | b"stderr"), Some(tag @ (b"F" | b"P")), Some(text)) => Record {
            time,
            ends: tag == b"F",
            text,
        },
        _ => plain,
    }
}

/// The time that stands there.
pub(crate) fn time(word: &[u8]) -> Option<Timestamp> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_kept() {
        let at: Timestamp = "2026-01-01T00:00:00.000000001Z".parse().unwrap();
        let kept = b"2026-01-01T00:00:00.000000001Z stdout F words of a line";
        let expected = Record {
            time: Some(at),
            ends: true,
            text: b"words of a line",
        };
        assert_eq!(record(kept), expected);
        let part = record(b"2026-01-01T00:00:00.000000001Z stderr P ");
        assert_eq!((part.ends, part.text), (false, &b""[..]));
        for plain in [
            &b"words of a line"[..],
            b"",
            b"2026-01-01T00:00:00Z INFO F x",
        ] {
            let read = record(plain);
            assert_eq!((read.time, read.ends, read.text), (None, true, plain));
        }
    }
}
