//! Topics made and deleted, and the fleet asked for its metadata, with frames written by hand.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::frames::{Answer, Frame, put_string, receive};

const METADATA: i16 = 3;
const CREATE_TOPICS: i16 = 19;
const DELETE_TOPICS: i16 = 20;

const TIMEOUT_MS: i32 = 120_000;

/// Succeeds when a Metadata request for no topic is answered with a broker in it.
pub(crate) fn metadata(address: SocketAddr) -> Result<()> {
    let frame = Frame::new(METADATA, 1, |body| body.extend(0_i32.to_be_bytes()));
    let answer = exchange(address, frame, Duration::from_secs(2))?;
    let mut answer = Answer(&answer);
    answer.int32()?;
    ensure!(answer.int32()? > 0, "no brokers");
    Ok(())
}

pub(crate) fn create_topic(
    address: SocketAddr,
    name: &str,
    partitions: i32,
    configs: &[(&str, &str)],
) -> Result<()> {
    let frame = Frame::new(CREATE_TOPICS, 4, |body| {
        body.extend(1_i32.to_be_bytes());
        put_string(body, name);
        body.extend(partitions.to_be_bytes());
        body.extend(1_i16.to_be_bytes());
        body.extend(0_i32.to_be_bytes());
        body.extend(
            u32::try_from(configs.len())
                .expect("few settings")
                .to_be_bytes(),
        );
        for (key, value) in configs {
            put_string(body, key);
            put_string(body, value);
        }
        body.extend(TIMEOUT_MS.to_be_bytes());
        body.push(0);
    });
    check_topics(address, frame)
}

pub(crate) fn delete_topic(address: SocketAddr, name: &str) -> Result<()> {
    let frame = Frame::new(DELETE_TOPICS, 3, |body| {
        body.extend(1_i32.to_be_bytes());
        put_string(body, name);
        body.extend(TIMEOUT_MS.to_be_bytes());
    });
    check_topics(address, frame)
}

/// Both answers begin with correlation id, throttle time, and topics with their errors.
fn check_topics(address: SocketAddr, frame: Frame) -> Result<()> {
    let answer = exchange(address, frame, Duration::from_secs(120))?;
    let mut answer = Answer(&answer);
    answer.take(4 + 4 + 4)?;
    answer.skip_string()?;
    match answer.int16()? {
        0 => Ok(()),
        error => bail!("the topic was refused with error {error}"),
    }
}

fn exchange(address: SocketAddr, mut frame: Frame, limit: Duration) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    frame.send(&mut stream, 1)?;
    let mut answer = Vec::new();
    Ok(receive(&mut stream, &mut answer)?.to_vec())
}
