//! Planning a read: which bytes of which file hold the batches that were asked for. Costs no more than
//! a few small reads, and none where one reader follows the end of the log.

use std::sync::Arc;

use millrace_types::Offset;
use parking_lot::Mutex;

use crate::error::{LogError, Result};
use crate::scan::{SHORT_WALK_BYTES, Scanner};
use crate::segment::{Extent, Segment};
use crate::view::{FileSlice, LogView, ReadRequest};

/// Readers per log whose last position is remembered: a few consumers and the followers.
const CURSORS: usize = 8;

/// Where the next read of a sequential reader begins.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    offset: Offset,
    segment_base: Offset,
    position: u64,
    generation: u64,
}

/// The last few places where reads ended.
#[derive(Debug, Default)]
pub(crate) struct Cursors(Mutex<Option<Box<CursorRing>>>);

#[derive(Debug, Default)]
struct CursorRing {
    cursors: [Option<Cursor>; CURSORS],
    next: usize,
}

impl Cursors {
    /// Finds the place of `offset`, and forgets it: the reader moves on.
    fn take(&self, offset: Offset, generation: u64) -> Option<Cursor> {
        let mut ring = self.0.lock();
        let slots = ring.as_mut()?.cursors.iter_mut();
        let slot = slots.into_iter().find(|slot| {
            slot.is_some_and(|cursor| cursor.offset == offset && cursor.generation == generation)
        })?;
        slot.take()
    }

    fn put(&self, cursor: Cursor) {
        let mut ring = self.0.lock();
        let CursorRing { cursors, next } = &mut **ring.get_or_insert_default();
        let free = cursors.iter().position(Option::is_none);
        let slot = free.unwrap_or_else(|| {
            *next = (*next + 1) % CURSORS;
            *next
        });
        cursors[slot] = Some(cursor);
    }
}

/// The part of a segment that a read returns.
struct Span {
    position: u64,
    end: u64,
    next_offset: Offset,
}

impl LogView {
    /// Finds whole batches, the first of which has `request.from`. All are in one segment.
    /// `None` when there is nothing between `from` and the upper bound, or only a batch that is
    /// larger than `max_bytes` while `min_one_batch` is off.
    ///
    /// # Errors
    /// [`LogError::OffsetOutOfRange`] when `from` is before the start or behind the end of the log;
    /// otherwise what the disk reports.
    pub fn read(&self, request: &ReadRequest) -> Result<Option<FileSlice>> {
        let end = self.end_offset();
        let from = request.from;
        let start = self.start_offset();
        if from < start || from > end {
            return Err(LogError::OffsetOutOfRange {
                offset: from,
                start,
                end,
            });
        }
        let request = ReadRequest {
            upper_bound: request.upper_bound.min(end),
            ..*request
        };
        if from >= request.upper_bound {
            return Ok(None);
        }
        let list = self.segments.load();
        let cursor = self.cursors.take(from, list.generation);
        let first = list.index_of(from).unwrap_or(0);
        for segment in &list.segments[first..] {
            let extent = segment.extent();
            let base = segment.base_offset();
            let known = cursor.filter(|cursor| cursor.segment_base == base);
            let position = match known {
                Some(cursor) => cursor.position,
                None => match segment.locate(from, extent)? {
                    Some(batch) => batch.position,
                    // The rest of the segment was compacted away.
                    None => continue,
                },
            };
            if position >= extent.size {
                continue;
            }
            let Some(span) = span(segment, extent, position, &request)? else {
                return Ok(None);
            };
            self.cursors.put(Cursor {
                offset: span.next_offset,
                segment_base: base,
                position: span.end,
                generation: list.generation,
            });
            return Ok(Some(FileSlice {
                file: Arc::clone(segment.log_file()?),
                position: span.position,
                len: usize::try_from(span.end - span.position).expect("a segment fits in memory"),
                next_offset: span.next_offset,
                segment_base: base,
            }));
        }
        Ok(None)
    }
}

/// The whole batches from `position` on that the request may have.
fn span(
    segment: &Segment,
    extent: Extent,
    position: u64,
    request: &ReadRequest,
) -> Result<Option<Span>> {
    let limit = position.saturating_add(request.max_bytes as u64);
    if extent.size <= limit && extent.next_offset <= request.upper_bound {
        return Ok(Some(Span {
            position,
            end: extent.size,
            next_offset: extent.next_offset,
        }));
    }
    let border = segment
        .indexed_border(limit, request.upper_bound, extent)?
        .max(position);
    match walk(segment, extent, (position, border), request) {
        // The index led astray: the log itself is the truth.
        Err(LogError::Corrupt { .. }) if border > position => {
            walk(segment, extent, (position, position), request)
        }
        span => span,
    }
}

/// The whole batches from `position` to `border`, and those behind it that the request may have.
fn walk(
    segment: &Segment,
    extent: Extent,
    (position, border): (u64, u64),
    request: &ReadRequest,
) -> Result<Option<Span>> {
    let limit = position.saturating_add(request.max_bytes as u64);
    let mut window = [0; SHORT_WALK_BYTES];
    let mut scanner = Scanner::new(&**segment.log_file()?, border, extent.size, &mut window);
    let mut end = border;
    let mut next_offset = request.from;
    while let Some(batch) = scanner.next().map_err(|error| segment.scan_error(error))? {
        let is_first = batch.position == position;
        let fits = batch.end() <= limit || (is_first && request.min_one_batch);
        if !fits || batch.header.last_offset() >= request.upper_bound {
            if end == border {
                // What is between the position and the border ends before this batch.
                next_offset = batch.header.base_offset;
            }
            break;
        }
        end = batch.end();
        next_offset = batch.header.next_offset();
    }
    Ok((end > position).then_some(Span {
        position,
        end,
        next_offset,
    }))
}
