//! Writes replies to a socket: pieces in memory as one vectored write; a few pieces in log files, with
//! what stands between them, through a buffer that stays in the processor's cache; long ones by the
//! kernel, which does not copy them.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::time::Duration;

use bytes::Buf;
use thiserror::Error;
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::reply::{FileSlice, Piece, Reply};

/// Pieces handed to the kernel in one call; Linux takes up to 1024.
const VECTOR_MAX: usize = 64;

/// How much of log files is gathered before it is written: small enough for the second-level cache,
/// large enough that system calls do not count.
const CHUNK_BYTES: usize = 256 * 1024;

/// Pieces in memory up to this size are copied in between; a larger one is worth its own write.
const COPIED_BYTES: usize = 4 * 1024;

/// With more than this in log files a client reads while the broker still sends. Then the kernel
/// sends file pages for half of what copying them costs; below, the two cost the same, and copies
/// leave sooner (see `docs/adr/0005-long-answers-by-sendfile.md`).
const STREAMED_BYTES: u64 = 2 * 1024 * 1024;

/// A range shorter than this is gathered with its neighbours even then.
const STREAMED_RANGE_BYTES: u32 = 64 * 1024;

/// What one call sends of a file at most: it may have to wait for the disk.
const STREAM_STEP_BYTES: usize = 1024 * 1024;

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
    /// The file system of the logs can hand pages to a socket, as far as is known.
    can_stream: bool,
    /// A client that takes nothing for this long is given up.
    patience: Duration,
}

impl Sender {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            pieces: VecDeque::new(),
            chunk: Vec::new(),
            can_stream: true,
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
        let in_files: u64 = self.pieces.iter().map(bytes_in_file).sum();
        let streams = in_files > STREAMED_BYTES;
        while let Some(piece) = self.pieces.front_mut() {
            match piece {
                Piece::File(slice) if streams && self.can_stream && is_long(slice) => {
                    let slice = slice.clone();
                    self.pieces.pop_front();
                    self.stream_file(stream, slice).await?;
                }
                Piece::Memory(bytes) if in_files == 0 || bytes.len() > COPIED_BYTES => {
                    self.write_memory(stream).await?;
                }
                _ => {
                    let gathered = self.gather(streams)?;
                    self.write_chunk(stream, gathered).await?;
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

    /// Takes pieces off the front into the chunk while there is room; says how much that is.
    fn gather(&mut self, streams: bool) -> Result<usize, SendError> {
        self.chunk.resize(CHUNK_BYTES, 0);
        let mut room = &mut self.chunk[..];
        while let Some(piece) = self.pieces.front_mut()
            && !room.is_empty()
        {
            let taken = match piece {
                Piece::Memory(bytes) if bytes.len() <= COPIED_BYTES.min(room.len()) => {
                    room[..bytes.len()].copy_from_slice(bytes);
                    let taken = bytes.len();
                    self.pieces.pop_front();
                    taken
                }
                Piece::Memory(_) => break,
                Piece::File(slice) if streams && self.can_stream && is_long(slice) => break,
                Piece::File(slice) => {
                    let taken = room.len().min(slice.len as usize);
                    let (file, position) = (&slice.file, slice.position);
                    file.read_exact_at(&mut room[..taken], position)
                        .map_err(SendError::File)?;
                    slice.advance(taken);
                    if slice.len == 0 {
                        self.pieces.pop_front();
                    }
                    taken
                }
            };
            room = &mut room[taken..];
        }
        Ok(CHUNK_BYTES - room.len())
    }

    async fn write_chunk(&self, stream: &TcpStream, len: usize) -> Result<(), SendError> {
        let mut rest = &self.chunk[..len];
        while !rest.is_empty() {
            let written = write_some(stream, &[IoSlice::new(rest)], self.patience).await?;
            rest = &rest[written..];
        }
        Ok(())
    }

    /// Lets the kernel send the range; where it cannot, puts back what is left to be copied.
    async fn stream_file(
        &mut self,
        stream: &TcpStream,
        mut slice: FileSlice,
    ) -> Result<(), SendError> {
        while slice.len > 0 {
            match stream.try_io(Interest::WRITABLE, || stream_some(stream, &slice)) {
                Ok(0) => return Err(SendError::File(io::ErrorKind::UnexpectedEof.into())),
                Ok(sent) => slice.advance(sent),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    writable(stream, self.patience).await?;
                }
                Err(error) if cannot_stream(&error) => {
                    self.can_stream = false;
                    self.pieces.push_front(Piece::File(slice));
                    return Ok(());
                }
                Err(error) => return Err(SendError::Socket(error)),
            }
        }
        Ok(())
    }
}

fn bytes_in_file(piece: &Piece) -> u64 {
    match piece {
        Piece::Memory(_) => 0,
        Piece::File(slice) => slice.len.into(),
    }
}

fn is_long(slice: &FileSlice) -> bool {
    slice.len >= STREAMED_RANGE_BYTES
}

fn stream_some(stream: &TcpStream, slice: &FileSlice) -> io::Result<usize> {
    let Some(file) = slice.file.as_fd() else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    let (mut position, step) = (slice.position, STREAM_STEP_BYTES.min(slice.len as usize));
    Ok(rustix::fs::sendfile(
        stream,
        file,
        Some(&mut position),
        step,
    )?)
}

/// `EINVAL` and `ENOSYS`: this file system, or this kernel, does not do it.
fn cannot_stream(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
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
        writable(stream, patience).await?;
    }
}

async fn writable(stream: &TcpStream, patience: Duration) -> Result<(), SendError> {
    tokio::time::timeout(patience, stream.writable())
        .await
        .map_err(|_| SendError::Stalled(patience))?
        .map_err(SendError::Socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::Arc;

    use bytes::Bytes;
    use millrace_log::disk::{Disk, DiskFile, SystemDisk};
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    /// What arrives of a reply.
    async fn sent(reply: Reply) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, server) = tokio::join!(TcpStream::connect(address), async {
            listener.accept().await.unwrap().0
        });
        let mut client = client.unwrap();
        let mut sender = Sender::new(Duration::from_secs(10));
        sender.push(reply);
        let reading = tokio::spawn(async move {
            let mut all = Vec::new();
            client.read_to_end(&mut all).await.unwrap();
            all
        });
        sender.flush(&server).await.unwrap();
        drop(server);
        reading.await.unwrap()
    }

    fn file_of(bytes: &[u8], dir: &tempfile::TempDir) -> Arc<dyn DiskFile> {
        let file = SystemDisk.create(&dir.path().join("log")).unwrap();
        file.write_all_at(&mut [IoSlice::new(bytes)], 0).unwrap();
        file
    }

    #[tokio::test]
    async fn many_small_pieces_arrive_whole_and_in_order() {
        let mut reply = Reply::default();
        let mut expected = Vec::new();
        for number in 0..1000_u32 {
            let bytes = number.to_be_bytes().repeat(1 + number as usize % 300);
            expected.extend_from_slice(&bytes);
            reply.push(Piece::Memory(Bytes::from(bytes)));
        }
        assert_eq!(sent(reply).await, expected);
    }

    /// Ranges of every length, so that some are gathered, some cut, and some streamed.
    #[tokio::test]
    async fn pieces_in_files_and_between_them_arrive_whole_and_in_order() {
        let content: Vec<u8> = (0..4_000_000_u32).map(|at| (at % 251) as u8).collect();
        let dir = tempfile::tempdir().unwrap();
        let file = file_of(&content, &dir);
        for ranges in [1, 3, 40] {
            let mut reply = Reply::default();
            let mut expected = Vec::new();
            for number in 0..ranges {
                let (head, len) = (vec![b'h'; 1 + 1500 * number], 1 + 37_000 * number * number);
                let (position, len) = (number * 1000, len.min(1_500_000));
                expected.extend_from_slice(&head);
                expected.extend_from_slice(&content[position..position + len]);
                reply.push(Piece::Memory(Bytes::from(head)));
                reply.push(Piece::File(FileSlice {
                    file: Arc::clone(&file),
                    position: position as u64,
                    len: u32::try_from(len).unwrap(),
                }));
            }
            assert!(sent(reply).await == expected, "{ranges} ranges");
        }
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = TcpStream::connect(address).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let mut sender = Sender::new(Duration::from_millis(50));
        let more_than_the_kernel_takes = Bytes::from(vec![b'x'; 64 * 1024 * 1024]);
        sender.push(Reply::from(more_than_the_kernel_takes));
        let outcome = sender.flush(&server).await;
        assert!(matches!(outcome, Err(SendError::Stalled(_))), "{outcome:?}");
        drop(client);
    }
}
