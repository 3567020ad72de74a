//! Targets that decode. What can be read must survive being written and read again.

use bytes::Bytes;
use millrace_config::{BrokerConfig, RawConfig, properties};
use millrace_coordinator::GroupRecord;
use millrace_metadata::MetadataRecord;
use millrace_wire::roster::{ROSTER, decode_any, decode_one};
use millrace_wire::{ApiKey, Decoder, RequestHeader, served};

/// Two bytes choose the message, one its version, the rest is the message.
pub fn wire_message(data: &[u8]) {
    decode_any(data);
}

/// A frame without its length: the header, and the request that it announces, as a connection
/// would take it apart.
pub fn request_frame(data: &[u8]) {
    let mut decoder = Decoder::new(Bytes::copy_from_slice(data));
    let Ok(header) = RequestHeader::decode(&mut decoder) else {
        return;
    };
    let Some(key) = ApiKey::from_code(header.api_key) else {
        return;
    };
    if served(key).is_none_or(|line| !line.versions.contains(header.api_version)) {
        return;
    }
    let name = format!("{}Request", key.name());
    let row = ROSTER.iter().find(|row| row.name == name);
    let row = row.expect("what is served is in the roster");
    let body = data.len() - decoder.remaining();
    decode_one(row, header.api_version, &data[body..]);
}

pub fn record_batches(data: &[u8]) {
    millrace_records::fuzz::validate_any(data);
}

/// A properties file: read, written and read again, and understood as a broker's settings.
pub fn server_properties(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(entries) = properties::parse(text) else {
        return;
    };
    for entry in entries {
        let line = properties::write(&entry.key, &entry.value);
        let again = properties::parse(&line).expect("what was written can be read");
        let again: Vec<_> = again.into_iter().map(|one| (one.key, one.value)).collect();
        assert_eq!(again, [(entry.key, entry.value)], "{line:?}");
    }
    let mut raw = RawConfig::built_in();
    if raw.add_file("server.properties", text).is_ok() {
        // Whatever it says is either usable or refused.
        let _ = BrokerConfig::from_raw(&raw);
    }
}

/// One byte says how long the key is, one whether there is a value.
pub fn group_record(data: &[u8]) {
    let Some((&[key_len, has_value], rest)) = data.split_first_chunk() else {
        return;
    };
    let (key, value) = rest.split_at(usize::from(key_len).min(rest.len()));
    let value = (has_value != 0).then(|| Bytes::copy_from_slice(value));
    let key = Bytes::copy_from_slice(key);
    let Ok(Some(record)) = GroupRecord::decode(&key, value.as_ref()) else {
        return;
    };
    let written = record
        .encode()
        .expect("a record that came in can be written");
    let again = GroupRecord::decode(&written.key, written.value.as_ref());
    let again = again.expect("what was written can be read");
    let again = again.expect("its type is known");
    let twice = again
        .encode()
        .expect("a record that came in can be written");
    assert_eq!(written, twice);
}

/// What the metadata quorum keeps on its disk, and what its voters send each other.
pub fn quorum_message(data: &[u8]) {
    millrace_quorum::fuzz::decode_any(data);
}

pub fn metadata_record(data: &[u8]) {
    let Ok(record) = MetadataRecord::decode(Bytes::copy_from_slice(data)) else {
        return;
    };
    let written = record
        .encode()
        .expect("a record that came in can be written");
    let again = MetadataRecord::decode(written).expect("what was written can be read");
    assert_eq!(record, again);
}
