//! The files of the repository as git sees them: tracked, or new and not ignored.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Where the repository lies.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// Paths relative to the root, with `/`.
pub fn files() -> Result<BTreeSet<String>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others"])
        .arg("--exclude-standard")
        .current_dir(root())
        .output()
        .context("git lists the tree")?;
    let complaint = String::from_utf8_lossy(&listed.stderr);
    ensure!(listed.status.success(), "git ls-files: {complaint}");
    let paths = String::from_utf8(listed.stdout).context("paths are UTF-8")?;
    // What was deleted and not committed is still listed.
    let paths = paths
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file());
    Ok(paths.map(str::to_owned).collect())
}
