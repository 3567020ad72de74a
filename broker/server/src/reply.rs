//! What leaves on a connection: pieces in memory and pieces that still lie in a log file, and what
//! is known of the time it took. Says nothing of protocols; writing is in `send`.

use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::DiskFile;

use crate::metrics::Timeline;

/// Bytes of a log file that are sent as they lie there.
#[derive(Clone)]
pub struct FileSlice {
    pub file: Arc<dyn DiskFile>,
    pub position: u64,
    pub len: u32,
}

impl FileSlice {
    /// Drops what was sent off the front.
    pub(crate) fn advance(&mut self, sent: usize) {
        self.position += sent as u64;
        self.len -= u32::try_from(sent).expect("no more is sent than there is");
    }
}

/// One piece of a reply.
pub enum Piece {
    Memory(Bytes),
    File(FileSlice),
}

/// One framed response, ready to leave.
#[derive(Default)]
pub struct Reply {
    pieces: Vec<Piece>,
    /// None where nobody measures.
    pub timeline: Option<Timeline>,
}

impl Reply {
    pub fn push(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    /// What it holds while it cannot leave.
    pub fn bytes_in_memory(&self) -> usize {
        let of = |piece: &Piece| match piece {
            Piece::Memory(bytes) => bytes.len(),
            Piece::File(_) => 0,
        };
        self.pieces.iter().map(of).sum()
    }

    pub fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }
}

impl From<Bytes> for Reply {
    fn from(bytes: Bytes) -> Self {
        Self {
            pieces: vec![Piece::Memory(bytes)],
            timeline: None,
        }
    }
}
