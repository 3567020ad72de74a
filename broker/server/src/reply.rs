//! What leaves on a connection: pieces in memory and pieces that still lie in a log file.
//! Says nothing of protocols; writing is in `send`.

use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::DiskFile;

/// Bytes of a log file that are sent as they lie there.
#[derive(Clone)]
pub struct FileSlice {
    pub file: Arc<dyn DiskFile>,
    pub position: u64,
    pub len: u32,
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
}

impl Reply {
    pub fn push(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    pub fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }
}

impl From<Bytes> for Reply {
    fn from(bytes: Bytes) -> Self {
        Self {
            pieces: vec![Piece::Memory(bytes)],
        }
    }
}
