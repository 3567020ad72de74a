//! Reading transaction markers out of batches.

use millrace_records::{BatchView, ControlRecord, EndTxnMarker, Scratch, read_control};

/// Markers are a few bytes; a control batch larger than this is none.
pub(crate) const MAX_MARKER_BYTES: usize = 64 << 10;

/// What the marker in a control batch says. `None` for other control batches, and for one whose
/// record was compacted away.
pub(crate) fn end_marker(batch: &[u8]) -> Option<EndTxnMarker> {
    let view = BatchView::read(batch).ok()?;
    match read_control(&view, &mut Scratch::default()) {
        Ok(Some(ControlRecord::EndTxn(marker))) => Some(marker),
        Ok(Some(ControlRecord::Other(_)) | None) | Err(_) => None,
    }
}
