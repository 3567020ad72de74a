//! Asks a listener whether it speaks Kafka: one ApiVersions request, written by hand.
//!
//! It uses no codec of ours on purpose: a broker whose codec is wrong must not look ready to itself.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Result, ensure};

const TIMEOUT: Duration = Duration::from_secs(2);

/// Version 0, correlation id 7, client id "probe", no body.
const API_VERSIONS: &[u8] = b"\0\0\0\x0f\0\x12\0\0\0\0\0\x07\0\x05probe";

/// An answer lists less than this; more is not an answer.
const MAX_RESPONSE: u32 = 64 * 1024;

/// Succeeds when `address` answers with error 0 and a list of APIs.
pub fn api_versions(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(API_VERSIONS)?;
    let length = read_u32(&mut stream)?;
    ensure!(length <= MAX_RESPONSE, "response of {length} bytes");
    ensure!(read_u32(&mut stream)? == 7, "foreign correlation id");
    let mut error = [0; 2];
    stream.read_exact(&mut error)?;
    ensure!(error == [0, 0], "error code {}", i16::from_be_bytes(error));
    let apis = read_u32(&mut stream)?;
    ensure!(apis > 0, "no APIs");
    Ok(())
}

fn read_u32(stream: &mut TcpStream) -> Result<u32> {
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}
