//! What the fuzzers call: any bytes at all, through what reads the journal and other voters' messages.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::journal::frame::{self, Place};
use crate::journal::record::{self, Record};
use crate::raft::rpc::{self, Request, Response};
use crate::snapshot::Head;

/// Panics only when the crate breaks a promise.
pub fn decode_any(data: &[u8]) {
    let place = Place { file: 0, offset: 0 };
    if let Some(found) = frame::decode(data, place) {
        let mut again = Vec::new();
        frame::encode(&mut again, place, found.synced, found.payload);
        assert_eq!(again, data[..found.len()]);
    }
    for found in frame::find_all(data, place) {
        assert!(found.len() < data.len());
    }
    reread::<Record>(record::decode(data));
    reread::<Head>(record::decode(data));
    reread::<Response>(rpc::decode(data).ok());
    let request = rpc::decode::<Request>(data).ok();
    if let Some(Request::Append(append)) = &request {
        // What it asks for may make no sense to the library: that is an error, too.
        let _ = openraft::raft::AppendEntriesRequest::try_from(append.clone());
    }
    reread(request);
}

/// What could be read is read again as it was written.
fn reread<T: Serialize + DeserializeOwned + PartialEq + Debug>(found: Option<T>) {
    if let Some(found) = found {
        let written = record::encode(&found, Vec::new());
        assert_eq!(record::decode::<T>(&written), Some(found));
    }
}
