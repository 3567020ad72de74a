//! Committed files that tests hold to what the code makes: generated pages and golden files. They are
//! compared; `MILLRACE_BLESS=1` writes them anew, for somebody to look at the difference and commit it.

use std::fs;
use std::path::Path;

const BLESS: &str = "MILLRACE_BLESS";

/// Whether files are written instead of compared.
#[must_use]
pub fn blesses() -> bool {
    std::env::var_os(BLESS).is_some()
}

/// The page of the reference documentation with this file name is `page`.
///
/// # Panics
/// When it is not.
#[track_caller]
pub fn hold_page(name: &str, page: &str) {
    let pages = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference"));
    hold(pages.join(name), page);
}

/// The file at `path` is `text`.
///
/// # Panics
/// When it is not.
#[track_caller]
pub fn hold(path: impl AsRef<Path>, text: &str) {
    let path = path.as_ref();
    let shown = path.display();
    if blesses() {
        let written = fs::write(path, text);
        assert!(written.is_ok(), "{shown} is not written: {written:?}");
    }
    // One that is not there yet differs from its first line on.
    let committed = fs::read_to_string(path).unwrap_or_default();
    let difference = difference(&committed, text);
    assert!(
        difference.is_none(),
        "{shown} is stale: run this test with {BLESS}=1 and commit it.\n{}",
        difference.unwrap_or_default()
    );
}

/// The first line that differs, as it is committed and as it is made.
fn difference(committed: &str, made: &str) -> Option<String> {
    if committed == made {
        return None;
    }
    let (mut old, mut new) = (committed.split('\n'), made.split('\n'));
    let mut number = 0;
    loop {
        number += 1;
        let (old, new) = (old.next(), new.next());
        if old != new {
            let line =
                |line: Option<&str>| line.map_or("nothing".to_owned(), |line| format!("{line:?}"));
            let (old, new) = (line(old), line(new));
            return Some(format!("line {number}\ncommitted: {old}\nmade:      {new}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_told() {
        let told = |committed, made| difference(committed, made).unwrap_or_default();
        assert_eq!(told("a\nb\n", "a\nb\n"), "");
        assert!(told("a\nb\n", "a\nc\n").starts_with("line 2\ncommitted: \"b\"\nmade:      \"c\""));
        assert!(told("a\n", "a").contains("made:      nothing"));
        assert!(told("", "a").starts_with("line 1\n"));
    }
}
