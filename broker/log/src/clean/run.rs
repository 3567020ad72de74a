//! Cleaning one log: learns the last offset of each key from the dirty part, then rewrites all
//! segments up to the end of that part without the records that were overtaken.

use std::sync::Arc;

use millrace_records::Scratch;
use millrace_types::{Offset, Timestamp};

use crate::clean::filter::{Filter, Kept, LastRecords};
use crate::clean::keys::note_keys;
use crate::clean::offset_map::OffsetMap;
use crate::clean::plan::{CleanConfig, DirtySpan, group};
use crate::clean::reader::BatchReader;
use crate::clean::replacement::{Replaced, Replacement, discard};
use crate::clean::transactions::Transactions;
use crate::error::{LogError, Result};
use crate::files::FileKind;
use crate::index::AbortedTxn;
use crate::rewrite::{SegmentInfo, SegmentRewrite};
use crate::segment::Segment;
use crate::view::{LogView, SegmentList};

/// What a cleaning is to do.
#[derive(Clone, Copy)]
pub struct CleanRequest<'a> {
    pub span: DirtySpan,
    pub config: &'a CleanConfig,
    /// As of when the span was computed, or later.
    pub producers: &'a LastRecords,
    pub now: Timestamp,
    /// Told the bytes of each batch that is read. It may take its time, to hold the cleaner back, and
    /// says whether to go on: the topic may be deleted, the broker may stop.
    pub may_go_on: &'a dyn Fn(usize) -> bool,
}

/// What a cleaning has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Everything before it is clean now: the next checkpoint.
    pub end: Offset,
    /// Not everything was done: it was cancelled, or the log was truncated meanwhile. The old
    /// checkpoint holds.
    pub was_interrupted: bool,
    /// Of all segments that were looked at, and of what is left of them.
    pub bytes_before: u64,
    pub bytes_after: u64,
    /// Keys in the dirty part.
    pub keys: usize,
}

/// Cleans a log beside its writer and readers. `map` is empty; `replace` calls
/// [`Replacement::apply`] as soon as it has the exclusive half of the log.
///
/// # Errors
/// What the disk reports; [`LogError::Corrupt`] when a batch cannot be read. What was replaced by
/// then stays replaced: the log is sound, and the old checkpoint holds.
pub fn clean(
    view: &LogView,
    request: &CleanRequest<'_>,
    map: &mut OffsetMap,
    replace: &mut dyn FnMut(Replacement) -> Result<Replaced>,
) -> Result<Cleaned> {
    let list = view.segments.load_full();
    let mut generation = request.span.generation;
    let mut run = Run {
        view,
        list: &list,
        request,
        buffer: vec![0; request.config.io_buffer_bytes],
        scratch: Scratch::default(),
        cleaned: Cleaned {
            end: request.span.first_dirty,
            ..Cleaned::default()
        },
    };
    let result = run.clean(map, &mut generation, replace);
    let mut cleaned = run.cleaned;
    // A truncation in the meantime looks like damage from here, or like a shorter log.
    let is_stale = view.segments.load().generation != generation;
    cleaned.was_interrupted = is_stale || matches!(result, Ok(Done::Interrupted));
    match result {
        Err(error) if !is_stale => Err(error),
        _ => Ok(cleaned),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    All,
    Interrupted,
}

struct Run<'a> {
    view: &'a LogView,
    list: &'a SegmentList,
    request: &'a CleanRequest<'a>,
    buffer: Vec<u8>,
    scratch: Scratch,
    cleaned: Cleaned,
}

impl Run<'_> {
    fn clean(
        &mut self,
        map: &mut OffsetMap,
        generation: &mut u64,
        replace: &mut dyn FnMut(Replacement) -> Result<Replaced>,
    ) -> Result<Done> {
        let Some(mapped_end) = self.build_map(map)? else {
            return Ok(Done::Interrupted);
        };
        self.cleaned.keys = map.len();
        let request = self.request;
        let mut transactions = Transactions::default();
        let infos = self.view.segment_infos()?;
        for group in group(&infos, mapped_end, request.config) {
            let Some(group_end) = self.end_of(&group)? else {
                return Ok(Done::Interrupted);
            };
            let filter = Filter {
                map,
                mapped_end,
                group_end,
                producers: request.producers,
                delete_retention_ms: request.config.delete_retention_ms,
                max_expanded_bytes: request.config.max_expanded_bytes,
                now: request.now,
            };
            let rewritten = self.rewrite(&group, &filter, &mut transactions);
            let dir = Arc::clone(self.view.dir());
            if let Ok(Some(Rewritten {
                rewrite,
                is_changed: true,
            })) = rewritten
            {
                let replacement = Replacement {
                    dir,
                    old: group.iter().map(|info| info.base_offset).collect(),
                    rewrite,
                    generation: *generation,
                };
                if replace(replacement)? == Replaced::Stale {
                    return Ok(Done::Interrupted);
                }
                *generation += 1;
                continue;
            }
            let discarded = discard(&dir, group[0].base_offset);
            // The first error tells more than one that follows from it.
            if rewritten?.is_none() {
                return Ok(Done::Interrupted);
            }
            discarded?;
        }
        self.cleaned.end = mapped_end;
        Ok(Done::All)
    }

    /// Notes the last offset of each key in the dirty part, and returns where that ends: where the map
    /// was full, if it was. Nothing when the cleaning was cancelled.
    fn build_map(&mut self, map: &mut OffsetMap) -> Result<Option<Offset>> {
        let DirtySpan {
            first_dirty, end, ..
        } = self.request.span;
        let mut transactions = Transactions::default();
        for (index, segment) in self.list.segments.iter().enumerate() {
            let extent = segment.extent();
            if extent.next_offset <= first_dirty || segment.base_offset() >= end {
                continue;
            }
            transactions.expect(&aborted_in(self.list, index)?);
            let mut reader =
                BatchReader::new(&**segment.log_file()?, extent.size, &mut self.buffer);
            loop {
                let position = reader.position();
                let batch = reader.next().map_err(|error| segment.scan_error(error))?;
                let Some(batch) = batch else { break };
                if !(self.request.may_go_on)(batch.bytes().len()) {
                    return Ok(None);
                }
                let limit = self.request.config.max_expanded_bytes;
                let noted = note_keys(
                    &batch,
                    first_dirty,
                    limit,
                    map,
                    &mut transactions,
                    &mut self.scratch,
                );
                if let Some(full_at) = noted.map_err(|_| unreadable(segment, position))? {
                    return Ok(Some(full_at));
                }
            }
        }
        Ok(Some(end))
    }

    /// Behind the last batch of a group. Nothing when the log has other segments by now.
    fn end_of(&self, group: &[SegmentInfo]) -> Result<Option<Offset>> {
        let last = group.last();
        let last = last.and_then(|info| self.list.with_base(info.base_offset));
        last.map(|last| self.list.segments[last].end_of_batches())
            .transpose()
    }

    /// Writes what is kept of a group of segments beside the log. Nothing when that was interrupted.
    fn rewrite(
        &mut self,
        group: &[SegmentInfo],
        filter: &Filter<'_>,
        transactions: &mut Transactions,
    ) -> Result<Option<Rewritten>> {
        let base_offset = group[0].base_offset;
        let dir = self.view.dir();
        // An earlier attempt may have left files of which this one would not overwrite all.
        discard(dir, base_offset)?;
        let interval = self.request.config.index_interval_bytes;
        let mut rewrite = SegmentRewrite::begin(dir, base_offset, interval)?;
        let mut is_changed = group.len() > 1;
        for info in group {
            let Some(index) = self.list.with_base(info.base_offset) else {
                return Ok(None);
            };
            transactions.expect(&aborted_in(self.list, index)?);
            let segment = &self.list.segments[index];
            let size = segment.extent().size;
            self.cleaned.bytes_before += size;
            let mut reader = BatchReader::new(&**segment.log_file()?, size, &mut self.buffer);
            let mut still_aborted = Vec::new();
            loop {
                let position = reader.position();
                let batch = reader.next().map_err(|error| segment.scan_error(error))?;
                let Some(batch) = batch else { break };
                if !(self.request.may_go_on)(batch.bytes().len()) {
                    return Ok(None);
                }
                let kept = filter.keep(&batch, transactions, &mut still_aborted, &mut self.scratch);
                let kept = kept.map_err(|_| unreadable(segment, position))?;
                is_changed |= kept != Kept::AsItIs;
                match &kept {
                    Kept::Nothing => {}
                    Kept::AsItIs => rewrite.append(batch.bytes())?,
                    Kept::Rewritten(bytes) => rewrite.append(bytes)?,
                }
                for txn in still_aborted.drain(..) {
                    rewrite.append_aborted(txn)?;
                }
            }
        }
        self.cleaned.bytes_after += rewrite.bytes();
        Ok(Some(Rewritten {
            rewrite,
            is_changed,
        }))
    }
}

struct Rewritten {
    rewrite: SegmentRewrite,
    /// Otherwise it is a single segment that is as it was.
    is_changed: bool,
}

/// The aborted transactions that have a batch in the segment with this index. Their markers may be in
/// any segment from there on.
fn aborted_in(list: &SegmentList, index: usize) -> Result<Vec<AbortedTxn>> {
    let segment = &list.segments[index];
    let range = (segment.base_offset(), segment.extent().next_offset);
    let mut found = Vec::new();
    for later in &list.segments[index..] {
        if later.collect_aborted(range, &mut found)? {
            break;
        }
    }
    Ok(found)
}

fn unreadable(segment: &Segment, position: u64) -> LogError {
    LogError::Corrupt {
        path: segment.path(FileKind::Log),
        position,
        reason: "the records of a batch cannot be read",
    }
}
