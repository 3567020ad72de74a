//! The line that opens a fenced block.

/// The fence itself, and what stands behind it.
pub(crate) fn opening(line: &str) -> Option<(&str, &str)> {
    let trimmed = line.trim_start();
    let length = trimmed.len() - trimmed.trim_start_matches('`').len();
    (length >= 3).then(|| trimmed.split_at(length))
}
