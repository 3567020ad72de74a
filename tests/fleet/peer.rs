//! A client with bad manners: one socket, any bytes, and what the broker makes of them.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use millrace_tests::broker::Broker;

/// A broker that has not reacted by then will not.
const PATIENCE: Duration = Duration::from_secs(20);
/// As long as nobody would wait who knows better.
const MOMENT: Duration = Duration::from_millis(300);
/// No answer that is read here is larger.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What the process may have needed at its worst: several times what it needs for itself, and less
/// than what hostile clients try to make it take.
pub(crate) const MEMORY_LIMIT_MIB: u64 = 256;

pub(crate) struct Peer(TcpStream);

impl Peer {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        Self::over(TcpStream::connect(address)?)
    }

    pub(crate) fn over(stream: TcpStream) -> Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Sends as much as the broker takes before it hangs up.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        match self.0.write_all(bytes) {
            Err(error) if !hung_up(error.kind()) => Err(error).context("send"),
            _ => Ok(()),
        }
    }

    /// Sends as much as the broker takes without waiting for it.
    pub(crate) fn send_without_waiting(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.set_nonblocking(true)?;
        let outcome = self.0.write_all(bytes);
        self.0.set_nonblocking(false)?;
        match outcome {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error).context("send"),
            _ => Ok(()),
        }
    }

    /// Says that nothing more will come.
    pub(crate) fn finish(&self) {
        // A broker that has hung up already leaves nothing to shut down.
        let _ = self.0.shutdown(Shutdown::Write);
    }

    /// The body of the next answer, without length and correlation id.
    pub(crate) fn answer(&mut self) -> Result<Vec<u8>> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).context("an answer")?;
        let length = usize::try_from(i32::from_be_bytes(length))?;
        ensure!(
            (4..=MAX_ANSWER_BYTES).contains(&length),
            "an answer of {length} bytes"
        );
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer).context("a whole answer")?;
        Ok(answer.split_off(4))
    }

    /// Whether the broker says nothing for a moment, and does not hang up either.
    pub(crate) fn is_kept_waiting(&self) -> Result<bool> {
        self.0.set_read_timeout(Some(MOMENT))?;
        let outcome = self.0.peek(&mut [0]);
        self.0.set_read_timeout(Some(PATIENCE))?;
        match outcome {
            Ok(0) => bail!("the broker hung up"),
            Ok(_) => Ok(false),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(true),
                _ => Err(error).context("the broker hung up"),
            },
        }
    }

    /// Waits until the broker hangs up; anything it says before that is an error.
    pub(crate) fn is_hung_up(&mut self) -> Result<()> {
        let mut byte = [0];
        match self.0.read(&mut byte) {
            Ok(0) => Ok(()),
            Err(error) if hung_up(error.kind()) => Ok(()),
            Ok(_) => bail!("the broker answered"),
            Err(error) => Err(error).context("the broker keeps the connection"),
        }
    }
}

fn hung_up(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted
    )
}

/// A request with a header that has a client id and, from version 2 of headers on, no tags.
pub(crate) fn request(key: i16, version: i16, is_flexible: bool, body: &[u8]) -> Vec<u8> {
    let mut request = Vec::with_capacity(body.len() + 32);
    request.extend(key.to_be_bytes());
    request.extend(version.to_be_bytes());
    request.extend(7_i32.to_be_bytes());
    request.extend(b"\0\x07hostile");
    if is_flexible {
        request.push(0);
    }
    request.extend(body);
    framed(&request)
}

pub(crate) fn framed(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), content].concat()
}

/// Fails when the process ever had more memory than this since it started.
pub(crate) fn memory_stayed_below(limit_mib: u64, broker: &Broker) -> Result<()> {
    let id = broker.process_id().context("the broker is not running")?;
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.context("VmHWM")?.trim().trim_end_matches(" kB");
    let peak = kibibytes.parse::<u64>()? / 1024;
    ensure!(peak < limit_mib, "{peak} MiB\n{}", broker.log_tail());
    Ok(())
}
