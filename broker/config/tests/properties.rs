//! The properties parser against examples of the format, and against its own writer.

use millrace_config::properties::{PropertiesError, parse, write};
use proptest::prelude::*;

fn entries(text: &str) -> Vec<(String, String, usize)> {
    let entries = parse(text).expect("the text is legal").into_iter();
    entries.map(|e| (e.key, e.value, e.line)).collect()
}

#[test]
fn reads_the_format() {
    let cases: &[(&str, &str, &str)] = &[
        ("a=b", "a", "b"),
        ("a = b", "a", "b"),
        ("a:b", "a", "b"),
        ("a b", "a", "b"),
        ("a\tb", "a", "b"),
        ("a : = b", "a", "= b"),
        ("a", "a", ""),
        ("a=", "a", ""),
        ("  a=b  ", "a", "b  "),
        ("a=b#c", "a", "b#c"),
        ("a\\=b=c", "a=b", "c"),
        ("a\\ b=c", "a b", "c"),
        ("a=b\\\n   c", "a", "bc"),
        ("a=b\\\\\n", "a", "b\\"),
        ("a=b\\\r\n c", "a", "bc"),
        ("a=\\t\\n\\r\\f\\z", "a", "\t\n\r\x0cz"),
        ("a=\\u0041\\u00e9\\ud83d\\ude00", "a", "A\u{e9}\u{1f600}"),
        ("a=b\\", "a", "b"),
        ("k=\u{e4}", "k", "\u{e4}"),
    ];
    for &(text, key, value) in cases {
        assert_eq!(
            entries(text),
            [(key.to_owned(), value.to_owned(), 1)],
            "{text:?}"
        );
    }
}

#[test]
fn skips_comments_and_counts_lines() {
    let text = "# one\n! two\r\n\n  # three\na=1\rb=2\\\n\\\n3\nc=4\n# d=5\\\ne=6";
    let lines: Vec<_> = entries(text)
        .into_iter()
        .map(|(key, value, line)| format!("{line} {key}={value}"))
        .collect();
    assert_eq!(lines, ["5 a=1", "6 b=23", "9 c=4", "11 e=6"]);
}

#[test]
fn refuses_broken_escapes() {
    for text in ["a=\\u12", "a=\\u12g4", "a=\\u+123"] {
        let refused = Err(PropertiesError::BadUnicodeEscape { line: 1 });
        assert_eq!(parse(text), refused, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        pairs in prop::collection::vec((".{1,20}", ".{0,40}"), 0..8)
    ) {
        let lines: Vec<_> = pairs.iter().map(|(key, value)| write(key, value)).collect();
        let read = parse(&lines.join("\n")).unwrap();
        let read: Vec<_> = read.into_iter().map(|e| (e.key, e.value)).collect();
        prop_assert_eq!(read, pairs);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[ -~\\\\\n\ru0-9=:]{0,60}") {
        let _ = parse(&text);
    }
}
