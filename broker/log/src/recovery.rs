//! Reading a segment from one end to the other: to check it after a crash, to build its indexes anew,
//! and to learn about its producers.

use millrace_records::{BatchView, EndTxnMarker};
use millrace_types::Offset;

use crate::control::{MAX_MARKER_BYTES, end_marker};
use crate::disk::DiskFile;
use crate::epochs::EpochCache;
use crate::error::Result;
use crate::index::AbortedTxn;
use crate::producers::Producers;
use crate::scan::{LONG_WALK_BYTES, Located, ScanError, Scanner, reason};
use crate::segment::{Extent, Segment};

/// What was cut off the end of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    pub segment_base: Offset,
    /// Where in the segment's file the first bad batch began.
    pub position: u64,
    pub bytes: u64,
    /// Where the log ends now. If that is before the recovery point, data was lost that was durable.
    pub end_offset: Offset,
    pub reason: &'static str,
}

/// Checks a segment, cuts it at the first batch that is not whole, and builds its indexes anew.
/// Batches that end before `check_from` are known to be whole: their checksums are not computed.
pub(crate) fn recover_segment(
    segment: &Segment,
    check_from: Offset,
    interval: u32,
    epochs: &mut EpochCache,
) -> Result<Option<Cut>> {
    let found = segment.extent();
    segment.remove_indexes()?;
    segment.forget_contents();
    let file = segment.log_file()?;
    let mut window = vec![0; LONG_WALK_BYTES];
    let mut scanner = Scanner::new(&**file, 0, found.size, &mut window);
    let mut content = Vec::new();
    let mut wrong = None;
    loop {
        let end = segment.extent();
        let batch = match scanner.next() {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(ScanError::Corrupt { reason, .. }) => {
                wrong = Some(reason);
                break;
            }
            Err(error) => return Err(segment.scan_error(error)),
        };
        if batch.header.base_offset < end.next_offset {
            wrong = Some("a batch begins before the one before it ends");
        } else if batch.header.last_offset() - segment.base_offset() > Offset::from(i32::MAX) {
            wrong = Some("a batch is too far from the beginning of its segment");
        } else if batch.header.last_offset() >= check_from {
            wrong =
                check(&**file, &batch, &mut content).map_err(|error| segment.scan_error(error))?;
        }
        if wrong.is_some() {
            break;
        }
        epochs.assign(batch.header.leader_epoch, batch.header.base_offset);
        segment.publish(std::iter::once(batch.header), interval);
        segment.spill_indexes_if_many()?;
    }
    let Some(reason) = wrong else { return Ok(None) };
    segment.unwrite()?;
    let Extent { size, next_offset } = segment.extent();
    Ok(Some(Cut {
        segment_base: segment.base_offset(),
        position: size,
        bytes: found.size - size,
        end_offset: next_offset,
        reason,
    }))
}

/// What is wrong with the bytes of a batch.
fn check(
    file: &dyn DiskFile,
    batch: &Located,
    content: &mut Vec<u8>,
) -> Result<Option<&'static str>, ScanError> {
    read_batch(file, batch, content)?;
    Ok(match BatchView::read(content) {
        Ok(view) => view.check_crc().err().map(|error| reason(error.into())),
        Err(error) => Some(reason(error)),
    })
}

/// The scanner found the batch to be inside of the file, so its size is one that the file has.
fn read_batch(
    file: &dyn DiskFile,
    batch: &Located,
    content: &mut Vec<u8>,
) -> Result<(), ScanError> {
    content.clear();
    content.resize(batch.header.size_in_bytes(), 0);
    Ok(file.read_exact_at(content, batch.position)?)
}

/// Notes the producers of the batches at and behind `from`. Builds the segment's transaction index
/// anew if it `lost_index`.
pub(crate) fn replay_producers(
    segment: &Segment,
    from: Offset,
    lost_index: bool,
    producers: &mut Producers,
) -> Result<()> {
    let extent = segment.extent();
    if extent.size == 0 || extent.next_offset <= from {
        return Ok(());
    }
    let Some(first) = segment.locate(from, extent)? else {
        return Ok(());
    };
    let file = segment.log_file()?;
    let mut window = vec![0; LONG_WALK_BYTES];
    let mut content = Vec::new();
    let mut scanner = Scanner::new(&**file, first.position, extent.size, &mut window);
    while let Some(batch) = scanner.next().map_err(|error| segment.scan_error(error))? {
        let header = &batch.header;
        producers.begin();
        if !header.has_producer_id() || header.base_offset < from {
            continue;
        }
        if !header.attributes.is_control() {
            producers.apply(header);
            continue;
        }
        let marker = read_marker(&**file, &batch, &mut content);
        if let Some(marker) = marker.map_err(|error| segment.scan_error(error))? {
            let completed = producers.apply_marker(header, marker);
            let aborted = completed.filter(|txn| lost_index && !txn.committed);
            segment.write_aborted(aborted.iter().map(AbortedTxn::from))?;
        }
    }
    Ok(())
}

fn read_marker(
    file: &dyn DiskFile,
    batch: &Located,
    content: &mut Vec<u8>,
) -> Result<Option<EndTxnMarker>, ScanError> {
    if batch.header.size_in_bytes() > MAX_MARKER_BYTES {
        return Ok(None);
    }
    read_batch(file, batch, content)?;
    Ok(end_marker(content))
}

/// The offset behind the last whole batch of a file.
pub(crate) fn end_of_batches(file: &dyn DiskFile, size: u64) -> Option<Offset> {
    let mut window = vec![0; LONG_WALK_BYTES];
    let mut scanner = Scanner::new(file, 0, size, &mut window);
    let mut end = None;
    while let Ok(Some(batch)) = scanner.next() {
        end = Some(batch.header.next_offset());
    }
    end
}
