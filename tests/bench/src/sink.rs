//! The machine's limit: a process that takes the same frames from a socket as a broker does, and
//! does nothing with them, or only writes them to a file. It answers each frame with a few bytes,
//! so that a client keeps its usual number of requests in flight.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The largest frame a benchmark sends.
const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Serves connections one after the other until the process is ended.
pub(crate) fn serve(port: u16, file: Option<&Path>) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).context("cannot listen")?;
    let mut file = file
        .map(File::create)
        .transpose()
        .context("cannot create the file")?;
    loop {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        if let Some(file) = &mut file {
            // What the last client sent would only fill the page cache.
            file.set_len(0)?;
            file.rewind()?;
        }
        // A client that goes away mid-frame is the end of its measurement, not of the sink.
        if let Err(error) = drain(stream, file.as_mut()) {
            complain(&error);
        }
    }
}

fn drain(mut stream: TcpStream, mut file: Option<&mut File>) -> Result<()> {
    let mut frame = vec![0; FRAME_BYTES_MAX];
    loop {
        let mut prefix = [0; 4];
        if stream.read(&mut prefix[..1])? == 0 {
            return Ok(());
        }
        stream.read_exact(&mut prefix[1..])?;
        let length = u32::from_be_bytes(prefix) as usize;
        ensure!(length <= FRAME_BYTES_MAX, "a frame of {length} bytes");
        stream.read_exact(&mut frame[..length])?;
        if let Some(file) = &mut file {
            file.write_all(&frame[..length])?;
        }
        let correlation = &frame[4..8];
        let mut answer = 4_u32.to_be_bytes().to_vec();
        answer.extend_from_slice(correlation);
        stream.write_all(&answer)?;
    }
}

#[expect(clippy::print_stderr, reason = "the benchmark's own log")]
fn complain(error: &anyhow::Error) {
    eprintln!("sink: {error:#}");
}
