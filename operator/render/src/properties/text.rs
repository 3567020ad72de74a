//! Java's properties format, as far as it has to be written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

const HEADER: &str =
    "# Written by the Millrace operator from the KafkaCluster of this namespace.\n";

/// One line for each entry, in the order of the keys.
pub(crate) fn write(values: &BTreeMap<String, String>) -> String {
    let mut text = HEADER.to_owned();
    for (key, value) in values {
        escape(&mut text, key, Place::Key);
        text.push('=');
        escape(&mut text, value, Place::Value);
        text.push('\n');
    }
    text
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Key,
    Value,
}

/// Blanks end a key, and go missing at the beginning of a value.
fn escape(out: &mut String, text: &str, place: Place) {
    for (at, letter) in text.char_indices() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0c' => out.push_str("\\f"),
            ' ' if place == Place::Key || at == 0 => out.push_str("\\ "),
            '=' | ':' | '#' | '!' if place == Place::Key => {
                out.push('\\');
                out.push(letter);
            }
            _ if letter.is_control() => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    // Writing to a string does not fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_the_format_is_escaped() {
        let cases = [
            ("num.io.threads", "8", "num.io.threads=8"),
            ("a b", "c d", r"a\ b=c d"),
            ("#a=b:c!", "#=:!", r"\#a\=b\:c\!=#=:!"),
            ("a", "  b ", r"a=\  b "),
            ("a", "b\\c\nd\te\r\x0c", r"a=b\\c\nd\te\r\f"),
            ("a", "\u{1}ä", r"a=\u0001ä"),
            ("a", "", "a="),
        ];
        for (key, value, line) in cases {
            let values = BTreeMap::from([(key.to_owned(), value.to_owned())]);
            let text = write(&values);
            assert_eq!(text.strip_prefix(HEADER).unwrap(), format!("{line}\n"));
        }
    }
}
