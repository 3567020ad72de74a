//! Writes replies to a socket: pieces in memory as one vectored write, pieces in log files chunk
//! by chunk through a buffer that stays in the processor's cache.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::time::Duration;

use bytes::Buf;
use thiserror::Error;
use tokio::net::TcpStream;

use crate::reply::{FileSlice, Piece, Reply};

/// Pieces handed to the kernel in one call; Linux takes up to 1024.
const VECTOR_MAX: usize = 64;

/// How much of a file is read before it is written: small enough for the second-level cache,
/// large enough that system calls do not count.
const CHUNK_BYTES: usize = 256 * 1024;

#[derive(Debug, Error)]
pub enum SendError {
    #[error("the client took nothing for {0:?}")]
    Stalled(Duration),
    #[error("the socket failed")]
    Socket(#[source] io::Error),
    #[error("the log file could not be read")]
    File(#[source] io::Error),
}

/// Replies on their way out, in order.
pub(crate) struct Sender {
    pieces: VecDeque<Piece>,
    chunk: Vec<u8>,
    /// A client that takes nothing for this long is given up.
    patience: Duration,
}

impl Sender {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            pieces: VecDeque::new(),
            chunk: Vec::new(),
            patience,
        }
    }

    /// Gives back memory that only the next reply from a file would need.
    pub(crate) fn release(&mut self) {
        self.chunk = Vec::new();
    }

    pub(crate) fn push(&mut self, reply: Reply) {
        self.pieces.extend(reply.into_pieces());
    }

    /// Returns once everything pushed has been taken by the kernel.
    pub(crate) async fn flush(&mut self, stream: &TcpStream) -> Result<(), SendError> {
        while let Some(piece) = self.pieces.front_mut() {
            match piece {
                Piece::Memory(_) => self.write_memory(stream).await?,
                Piece::File(slice) => {
                    let slice = slice.clone();
                    self.pieces.pop_front();
                    self.write_file(stream, slice).await?;
                }
            }
        }
        Ok(())
    }

    async fn write_memory(&mut self, stream: &TcpStream) -> Result<(), SendError> {
        let mut written = {
            let mut vector = [IoSlice::new(&[]); VECTOR_MAX];
            let mut used = 0;
            for piece in self.pieces.iter().take(VECTOR_MAX) {
                let Piece::Memory(bytes) = piece else { break };
                vector[used] = IoSlice::new(bytes);
                used += 1;
            }
            write_some(stream, &vector[..used], self.patience).await?
        };
        while let Some(Piece::Memory(bytes)) = self.pieces.front_mut() {
            if written < bytes.len() {
                bytes.advance(written);
                break;
            }
            written -= bytes.len();
            self.pieces.pop_front();
        }
        Ok(())
    }

    async fn write_file(
        &mut self,
        stream: &TcpStream,
        mut slice: FileSlice,
    ) -> Result<(), SendError> {
        while slice.len > 0 {
            let step = CHUNK_BYTES.min(slice.len as usize);
            self.chunk.resize(CHUNK_BYTES, 0);
            slice
                .file
                .read_exact_at(&mut self.chunk[..step], slice.position)
                .map_err(SendError::File)?;
            let mut rest = &self.chunk[..step];
            while !rest.is_empty() {
                let written = write_some(stream, &[IoSlice::new(rest)], self.patience).await?;
                rest = &rest[written..];
            }
            slice.position += step as u64;
            slice.len -= u32::try_from(step).expect("a step is no longer than the slice");
        }
        Ok(())
    }
}

/// Writes what the kernel takes at once; waits, but not for ever, when it takes nothing.
async fn write_some(
    stream: &TcpStream,
    vector: &[IoSlice<'_>],
    patience: Duration,
) -> Result<usize, SendError> {
    loop {
        match stream.try_write_vectored(vector) {
            Ok(0) => return Err(SendError::Socket(io::ErrorKind::WriteZero.into())),
            Ok(written) => return Ok(written),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(SendError::Socket(error)),
        }
        tokio::time::timeout(patience, stream.writable())
            .await
            .map_err(|_| SendError::Stalled(patience))?
            .map_err(SendError::Socket)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use bytes::Bytes;

    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn many_small_pieces_arrive_whole_and_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, server) = tokio::join!(TcpStream::connect(address), async {
            listener.accept().await.unwrap().0
        });
        let mut client = client.unwrap();
        let mut sender = Sender::new(Duration::from_secs(10));
        let mut expected = Vec::new();
        for number in 0..1000_u32 {
            let bytes = number.to_be_bytes().repeat(1 + number as usize % 300);
            expected.extend_from_slice(&bytes);
            sender.push(Reply::from(Bytes::from(bytes)));
        }
        let reading = tokio::spawn(async move {
            let mut all = Vec::new();
            client.read_to_end(&mut all).await.unwrap();
            all
        });
        sender.flush(&server).await.unwrap();
        drop(server);
        assert_eq!(reading.await.unwrap(), expected);
    }
}
