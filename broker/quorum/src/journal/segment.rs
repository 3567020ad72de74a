//! What segment files are called: their number, in order.

use std::path::{Path, PathBuf};

const SEGMENT_SUFFIX: &str = ".journal";

/// The path of a segment file.
pub(crate) fn segment_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}{SEGMENT_SUFFIX}"))
}

/// The number in a segment file's name.
pub(crate) fn segment_number(name: &str) -> Option<u64> {
    name.strip_suffix(SEGMENT_SUFFIX)?.parse().ok()
}
