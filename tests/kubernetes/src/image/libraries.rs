//! The shared libraries that a program loads, as the machine's own loader finds them.

use std::path::Path;

use anyhow::Result;

use crate::command::{output, program};

/// Absolute paths; none for a static program or a file that is no program.
pub(crate) fn of(file: &Path) -> Result<Vec<String>> {
    // `ldd` fails for everything that is not dynamically linked: that is an answer, not an error.
    let Ok(listing) = output(program("ldd").arg(file)) else {
        return Ok(Vec::new());
    };
    if let Some(missing) = listing.lines().find(|line| line.contains("not found")) {
        anyhow::bail!("{}: {}", file.display(), missing.trim());
    }
    Ok(paths(&listing))
}

/// Lines are `NAME => PATH (ADDRESS)`, `PATH (ADDRESS)` or, without a file, `NAME (ADDRESS)`.
fn paths(listing: &str) -> Vec<String> {
    listing
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')))
        .map(str::to_owned)
        .collect()
}

#[test]
fn only_lines_with_a_file_count() {
    let listing =
        "\tlinux-vdso.so.1 (0x1)\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n\t/lib64/ld.so.2 (0x3)\n";
    assert_eq!(paths(listing), ["/lib/libc.so.6", "/lib64/ld.so.2"]);
}
