//! What an interrupted change left in a log's directory: completing it or taking it back, before
//! anybody looks at the rest.

use std::io;

use hashbrown::HashSet;
use millrace_types::Offset;

use crate::error::{IoContext, Result};
use crate::files::{CLEANED, DELETED, FileKind, LogDir, SWAP, SegmentFile};
use crate::recovery::end_of_batches;

/// What a directory has when the leftovers are gone.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) segments: Vec<Offset>,
    /// Those of them that have both indexes.
    pub(crate) indexed: Vec<Offset>,
    pub(crate) snapshots: Vec<Offset>,
}

/// Removes and completes what an interrupted change left, and lists the rest.
pub(crate) fn tidy_up(dir: &LogDir) -> Result<Found> {
    let path = dir.path();
    let entries = match dir.disk().list(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            dir.disk().create_dir_all(&path).context("create", &path)?;
            return Ok(Found::default());
        }
        entries => entries.context("list", &path)?,
    };
    let mut swapped = Vec::new();
    let mut whole = Vec::new();
    for entry in &entries {
        if entry.name.ends_with(".tmp") {
            dir.remove_if_there(&path.join(&entry.name))?;
        }
        let Some(file) = SegmentFile::parse(&entry.name) else {
            continue;
        };
        match file.mark {
            DELETED | CLEANED => dir.remove_if_there(&path.join(&entry.name))?,
            SWAP => swapped.push(file),
            _ => whole.push(file),
        }
    }
    let mut found = Found::default();
    complete_swaps(dir, &swapped, &mut whole)?;
    let of_kind = |kind| {
        let files = whole.iter().filter(move |file| file.kind == kind);
        files.map(|file| file.offset)
    };
    found.segments.extend(of_kind(FileKind::Log));
    found.segments.sort_unstable();
    found.segments.dedup();
    let times: HashSet<Offset> = of_kind(FileKind::TimeIndex).collect();
    let indexed = of_kind(FileKind::OffsetIndex).filter(|offset| times.contains(offset));
    found.indexed.extend(indexed);
    found.indexed.sort_unstable();
    let newest_snapshot = of_kind(FileKind::Snapshot).max();
    for file in &whole {
        let has_segment = found.segments.binary_search(&file.offset).is_ok();
        match file.kind {
            FileKind::Snapshot if has_segment || newest_snapshot == Some(file.offset) => {
                found.snapshots.push(file.offset);
            }
            _ if has_segment => {}
            kind => dir.remove_if_there(&dir.file(file.offset, kind))?,
        }
    }
    Ok(found)
}

/// Puts the output of a compaction into the place of its sources: those whose base offset is in the
/// range that the new segment covers. It is complete when its log has the name that says so; that is
/// also the last of its files to be renamed.
fn complete_swaps<'a>(
    dir: &LogDir,
    swapped: &[SegmentFile<'a>],
    whole: &mut Vec<SegmentFile<'a>>,
) -> Result<()> {
    for log in swapped.iter().filter(|file| file.kind == FileKind::Log) {
        let path = dir.path_of(*log);
        let size = dir.disk().file_len(&path).context("look at", &path)?;
        let file = dir.disk().open(&path).context("open", &path)?;
        let end = end_of_batches(&*file, size).unwrap_or(log.offset);
        let is_source = |file: &SegmentFile<'_>| {
            file.offset > log.offset && file.offset < end && file.kind != FileKind::Snapshot
        };
        for source in whole.iter().filter(|file| is_source(file)) {
            dir.remove_if_there(&dir.path_of(*source))?;
        }
        whole.retain(|file| !is_source(file));
        let indexes = swapped.iter().filter(|file| file.kind != FileKind::Log);
        for file in indexes
            .filter(|file| file.offset == log.offset)
            .chain([log])
        {
            let renamed = SegmentFile { mark: "", ..*file };
            dir.rename_if_there(&dir.path_of(*file), &dir.path_of(renamed))?;
            whole.push(renamed);
        }
    }
    for left in swapped {
        dir.remove_if_there(&dir.path_of(*left))?;
    }
    Ok(())
}
