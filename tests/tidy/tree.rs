//! The files of the repository as git sees them: tracked, or new and not ignored.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Larger files are data, not text to be read.
const MAX_TEXT_BYTES: u64 = 2 * 1024 * 1024;

pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ has a parent")
        .to_owned()
}

/// Paths relative to the root, with `/`, sorted.
pub(crate) fn tracked() -> Vec<String> {
    let out = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .expect("git lists the tree");
    assert!(
        out.status.success(),
        "git ls-files: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    let mut paths: Vec<String> = String::from_utf8(out.stdout)
        .expect("paths are UTF-8")
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
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
