//! The copy of the tree in which commands are run, and the pages. A copy is made anew from what git lists, and a
//! file that is as it should be is not written, so that what was built there stays built.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use millrace_tests::tree::{files, root};

/// README and docs, with their text.
pub(crate) fn pages() -> Result<Vec<(String, String)>> {
    let paths = files()?.into_iter();
    let paths = paths
        .filter(|path| path == "README.md" || path.starts_with("docs/") && path.ends_with(".md"));
    paths
        .map(|path| {
            let text = fs::read_to_string(root().join(&path)).with_context(|| path.clone())?;
            Ok((path, text))
        })
        .collect()
}

/// Makes `folder` a copy of the tree.
pub(crate) fn copy_to(folder: &Path) -> Result<()> {
    let files = files()?;
    remove_others(folder, folder, &files)?;
    for path in &files {
        let (from, to) = (root().join(path), folder.join(path));
        let content = fs::read(&from).with_context(|| path.clone())?;
        if fs::read(&to).is_ok_and(|there| there == content) {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        // With its permissions: some files are programs.
        fs::copy(&from, &to).with_context(|| path.clone())?;
    }
    Ok(())
}

fn remove_others(top: &Path, folder: &Path, files: &BTreeSet<String>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let inside = path.strip_prefix(top)?.to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            let prefix = format!("{inside}/");
            if files
                .range(prefix.clone()..)
                .next()
                .is_some_and(|file| file.starts_with(&prefix))
            {
                remove_others(top, &path, files)?;
            } else {
                fs::remove_dir_all(&path)?;
            }
        } else if !files.contains(&inside) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
