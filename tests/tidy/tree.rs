//! The files of the repository and what stands in them.

use millrace_tests::tree::files;
pub(crate) use millrace_tests::tree::root;

/// Larger files are data, not text to be read.
const MAX_TEXT_BYTES: u64 = 2 * 1024 * 1024;

pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Paths relative to the root, with `/`, sorted.
pub(crate) fn tracked() -> Vec<String> {
    let files = files().expect("git lists the tree");
    files.into_iter().collect()
}

/// Every file that is text and small enough to be read by a person.
pub(crate) fn text_files() -> Vec<TextFile> {
    tracked().into_iter().filter_map(read).collect()
}

pub(crate) fn rust_files() -> Vec<TextFile> {
    tracked()
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .filter_map(read)
        .collect()
}

fn read(path: String) -> Option<TextFile> {
    let full = root().join(&path);
    if std::fs::metadata(&full).ok()?.len() > MAX_TEXT_BYTES {
        return None;
    }
    let text = String::from_utf8(std::fs::read(full).ok()?).ok()?;
    Some(TextFile { path, text })
}
