//! Topics made, changed and deleted, and the fleet asked for its metadata, with frames written by hand.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::frames::{Answer, Frame, put_string, receive};

const METADATA: i16 = 3;
const CREATE_TOPICS: i16 = 19;
const DELETE_TOPICS: i16 = 20;
const DESCRIBE_CONFIGS: i16 = 32;
const CREATE_PARTITIONS: i16 = 37;
const INCREMENTAL_ALTER_CONFIGS: i16 = 44;

/// What settings belong to.
const TOPIC_RESOURCE: u8 = 2;
/// What is to be done with a setting.
const SET: u8 = 0;

const TIMEOUT_MS: i32 = 240_000;
const ANSWER_LIMIT: Duration = Duration::from_secs(240);

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
    create_topics(address, &[name], partitions, configs)
}

pub(crate) fn create_topics(
    address: SocketAddr,
    names: &[&str],
    partitions: i32,
    configs: &[(&str, &str)],
) -> Result<()> {
    let frame = Frame::new(CREATE_TOPICS, 4, |body| {
        put_array(body, names, |body, name| {
            put_string(body, name);
            body.extend(partitions.to_be_bytes());
            body.extend(1_i16.to_be_bytes());
            body.extend(0_i32.to_be_bytes());
            put_array(body, configs, |body, (key, value)| {
                put_string(body, key);
                put_string(body, value);
            });
        });
        body.extend(TIMEOUT_MS.to_be_bytes());
        body.push(0);
    });
    check_each(address, frame, names.len(), |topic| {
        topic.skip_string()?;
        let error = topic.int16()?;
        topic.skip_nullable_string()?;
        Ok(error)
    })
}

/// Gives every topic so many partitions altogether.
pub(crate) fn grow_topics(address: SocketAddr, names: &[&str], partitions: i32) -> Result<()> {
    let frame = Frame::new(CREATE_PARTITIONS, 1, |body| {
        put_array(body, names, |body, name| {
            put_string(body, name);
            body.extend(partitions.to_be_bytes());
            body.extend((-1_i32).to_be_bytes());
        });
        body.extend(TIMEOUT_MS.to_be_bytes());
        body.push(0);
    });
    check_each(address, frame, names.len(), |topic| {
        topic.skip_string()?;
        let error = topic.int16()?;
        topic.skip_nullable_string()?;
        Ok(error)
    })
}

pub(crate) fn delete_topic(address: SocketAddr, name: &str) -> Result<()> {
    delete_topics(address, &[name])
}

pub(crate) fn delete_topics(address: SocketAddr, names: &[&str]) -> Result<()> {
    let frame = Frame::new(DELETE_TOPICS, 3, |body| {
        put_array(body, names, |body, name| put_string(body, name));
        body.extend(TIMEOUT_MS.to_be_bytes());
    });
    check_each(address, frame, names.len(), |topic| {
        topic.skip_string()?;
        topic.int16()
    })
}

/// Sets one setting of every topic.
pub(crate) fn configure_topics(
    address: SocketAddr,
    names: &[&str],
    (key, value): (&str, &str),
) -> Result<()> {
    let frame = Frame::new(INCREMENTAL_ALTER_CONFIGS, 0, |body| {
        put_array(body, names, |body, name| {
            body.push(TOPIC_RESOURCE);
            put_string(body, name);
            body.extend(1_i32.to_be_bytes());
            put_string(body, key);
            body.push(SET);
            put_string(body, value);
        });
        body.push(0);
    });
    check_each(address, frame, names.len(), |resource| {
        let error = resource.int16()?;
        resource.skip_nullable_string()?;
        resource.take(1)?;
        resource.skip_string()?;
        Ok(error)
    })
}

/// Asks for every setting of every topic, and where it comes from.
pub(crate) fn describe_topics(address: SocketAddr, names: &[&str]) -> Result<()> {
    let frame = Frame::new(DESCRIBE_CONFIGS, 2, |body| {
        put_array(body, names, |body, name| {
            body.push(TOPIC_RESOURCE);
            put_string(body, name);
            body.extend((-1_i32).to_be_bytes());
        });
        body.push(1);
    });
    check_each(address, frame, names.len(), |resource| {
        let error = resource.int16()?;
        resource.skip_nullable_string()?;
        resource.take(1)?;
        resource.skip_string()?;
        for _ in 0..resource.int32()? {
            resource.skip_string()?;
            resource.skip_nullable_string()?;
            resource.take(3)?;
            for _ in 0..resource.int32()? {
                resource.skip_string()?;
                resource.skip_nullable_string()?;
                resource.take(1)?;
            }
        }
        Ok(error)
    })
}

fn put_array<T>(body: &mut Vec<u8>, items: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    let count = u32::try_from(items.len()).expect("a request is small");
    body.extend(count.to_be_bytes());
    for item in items {
        put(body, item);
    }
}

/// All these answers begin with correlation id and throttle time; then comes what became of each.
fn check_each(
    address: SocketAddr,
    frame: Frame,
    expected: usize,
    next: impl Fn(&mut Answer<'_>) -> Result<i16>,
) -> Result<()> {
    let answer = exchange(address, frame, ANSWER_LIMIT)?;
    let mut answer = Answer(&answer);
    answer.take(4 + 4)?;
    let count = usize::try_from(answer.int32()?)?;
    ensure!(count == expected, "{count} of {expected} were answered");
    for number in 0..count {
        match next(&mut answer)? {
            0 => {}
            error => bail!("number {number} was refused with error {error}"),
        }
    }
    Ok(())
}

fn exchange(address: SocketAddr, mut frame: Frame, limit: Duration) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    frame.send(&mut stream, 1)?;
    let mut answer = Vec::new();
    Ok(receive(&mut stream, &mut answer)?.to_vec())
}
