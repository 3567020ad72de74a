//! Every message as a row of a table, for tests and fuzzers that must leave none out.
//! The product names its messages by type and has no use for this.

use bytes::Bytes;

use crate::error::{DecodeError, EncodeError};
use crate::every_message::for_each_message;
use crate::message::{Message, VersionRange};

/// One message type.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub name: &'static str,
    pub versions: VersionRange,
    /// Decodes a message that fills the bytes and encodes it again.
    pub recode: fn(Bytes, i16) -> Result<Bytes, DecodeError>,
    /// Encodes a message in which nothing was set.
    pub encode_default: fn(i16) -> Result<Bytes, EncodeError>,
}

const fn row<M: Message + Default>() -> Row {
    Row {
        name: M::NAME,
        versions: M::VERSIONS,
        recode: recode::<M>,
        encode_default: |version| M::default().to_bytes(version),
    }
}

fn recode<M: Message>(bytes: Bytes, version: i16) -> Result<Bytes, DecodeError> {
    let message = M::from_bytes(bytes, version)?;
    Ok(message
        .to_bytes(version)
        .expect("a message that came in a version fits into it"))
}

macro_rules! rows {
    ($($message:path,)*) => { &[$(row::<$message>(),)*] };
}

pub const ROSTER: &[Row] = for_each_message!(rows);

/// Reads a message and its version from the first bytes, then that message from the rest. What
/// can be read must survive being written and read again.
pub fn decode_any(data: &[u8]) {
    let Some((&[high, low, version], body)) = data.split_first_chunk() else {
        return;
    };
    let row = &ROSTER[usize::from(u16::from_be_bytes([high, low])) % ROSTER.len()];
    let version = row.versions.min + i16::from(version);
    if row.versions.contains(version) {
        decode_one(row, version, body);
    }
}

/// As [`decode_any`], for a message that is already chosen.
pub fn decode_one(row: &Row, version: i16, body: &[u8]) {
    let Ok(once) = (row.recode)(Bytes::copy_from_slice(body), version) else {
        return;
    };
    let twice = (row.recode)(once.clone(), version).expect("what was written can be read");
    assert_eq!(once, twice, "{} {version}", row.name);
}
