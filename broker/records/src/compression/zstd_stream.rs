//! Streaming zstd with one context per thread: making a context costs more than a small batch.

use std::cell::Cell;
use std::io::{self, Read};

use zstd::zstd_safe::{DCtx, InBuffer, OutBuffer, ResetDirective, get_error_name};

use crate::compression::decompress::corrupt;

/// A context keeps the window of the largest frame it met, which a frame may declare as 128 MiB.
/// Up to here (level 19 needs 8 MiB) it is kept for the next batch.
const MAX_KEPT_CONTEXT_BYTES: usize = 16 * 1024 * 1024;

thread_local! {
    static SPARE: Cell<Option<DCtx<'static>>> = const { Cell::new(None) };
}

pub(crate) struct ZstdReader<'a> {
    input: InBuffer<'a>,
    /// Goes back to the thread when the reader is dropped.
    context: Option<DCtx<'static>>,
    /// Whether the last frame begun has also ended.
    at_frame_end: bool,
}

impl<'a> ZstdReader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> io::Result<Self> {
        let mut context = SPARE.take().unwrap_or_else(DCtx::create);
        // A damaged batch leaves the context in the middle of a frame.
        context
            .reset(ResetDirective::SessionOnly)
            .map_err(|code| corrupt(get_error_name(code)))?;
        Ok(Self {
            input: InBuffer::around(input),
            context: Some(context),
            at_frame_end: false,
        })
    }
}

impl Read for ZstdReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let context = self.context.as_mut().expect("only drop takes the context");
        let mut out = OutBuffer::around(out);
        loop {
            let input_ended = self.input.pos() == self.input.src.len();
            if input_ended && self.at_frame_end {
                return Ok(out.pos());
            }
            let before = self.input.pos();
            let hint = context
                .decompress_stream(&mut out, &mut self.input)
                .map_err(|code| corrupt(get_error_name(code)))?;
            self.at_frame_end = hint == 0;
            if out.pos() > 0 {
                return Ok(out.pos());
            }
            let stuck = self.input.pos() == before;
            if stuck && !self.at_frame_end {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

impl Drop for ZstdReader<'_> {
    fn drop(&mut self) {
        let context = self.context.take();
        SPARE.set(context.filter(|context| context.sizeof() <= MAX_KEPT_CONTEXT_BYTES));
    }
}
