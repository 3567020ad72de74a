//! Frames: the length in front, the header of a request, the header of a response.
//! Says what a frame is; reading it from a socket is the server's business.

use std::sync::Arc;

use thiserror::Error;

use crate::api_key::ApiKey;
use crate::decoder::Decoder;
use crate::encoder::{Encoded, Encoder};
use crate::error::{DecodeError, DecodeProblem, EncodeError};
use crate::message::{Message, Request};

/// Every frame opens with its length.
pub const LENGTH_BYTES: usize = 4;

/// A frame that announces a size nobody may send.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a frame announces {announced} bytes, allowed are 0 to {allowed}")]
pub struct FrameSizeError {
    pub announced: i32,
    pub allowed: usize,
}

/// Number of bytes behind the prefix.
pub fn frame_length(prefix: [u8; LENGTH_BYTES], allowed: usize) -> Result<usize, FrameSizeError> {
    let announced = i32::from_be_bytes(prefix);
    match usize::try_from(announced) {
        Ok(length) if length <= allowed => Ok(length),
        _ => Err(FrameSizeError { announced, allowed }),
    }
}

/// What stands in front of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHeader {
    pub api_key: i16,
    pub api_version: i16,
    pub correlation_id: i32,
    pub client_id: Option<Arc<str>>,
}

impl RequestHeader {
    /// Reads the header and leaves the decoder at the body. The version need not be one that is
    /// served, not even one that exists: an ApiVersions request of the future has its answer.
    pub fn decode(d: &mut Decoder) -> Result<Self, DecodeError> {
        Self::read(d).map_err(|error| error.within("RequestHeader"))
    }

    fn read(d: &mut Decoder) -> Result<Self, DecodeError> {
        let api_key = d.int16()?;
        let Some(api) = ApiKey::from_code(api_key) else {
            return Err(d.error(DecodeProblem::ApiKey(api_key)));
        };
        let api_version = d.int16()?;
        let correlation_id = d.int32()?;
        // The client id has its old encoding in every version, the tags behind it are new.
        d.set_flexible(false);
        let client_id = d.nullable_string()?;
        d.set_flexible(api.request_header_version(api_version) >= 2);
        d.skip_tags()?;
        Ok(Self {
            api_key,
            api_version,
            correlation_id,
            client_id,
        })
    }

    fn encode(&self, e: &mut Encoder, api: ApiKey) {
        e.int16(self.api_key);
        e.int16(self.api_version);
        e.int32(self.correlation_id);
        e.set_flexible(false);
        e.nullable_string(self.client_id.as_deref());
        e.set_flexible(api.request_header_version(self.api_version) >= 2);
        e.no_tags();
    }
}

/// The whole frame of a request, length included.
pub fn encode_request<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: Option<Arc<str>>,
) -> Result<Encoded, EncodeError> {
    let header = RequestHeader {
        api_key: R::KEY.code(),
        api_version: version,
        correlation_id,
        client_id,
    };
    framed(request, version, |e| header.encode(e, R::KEY))
}

/// The whole frame of a response, length included.
pub fn encode_response<R: Request>(
    response: &R::Response,
    version: i16,
    correlation_id: i32,
) -> Result<Encoded, EncodeError> {
    framed(response, version, |e| {
        e.int32(correlation_id);
        e.set_flexible(R::KEY.response_header_version(version) >= 1);
        e.no_tags();
    })
}

fn framed<M: Message>(
    body: &M,
    version: i16,
    header: impl FnOnce(&mut Encoder),
) -> Result<Encoded, EncodeError> {
    let mut e = Encoder::gathering();
    e.int32(0);
    header(&mut e);
    body.encode(&mut e, version);
    e.fill_length_prefix();
    e.finish()
}

/// Reads a response's header, gives its correlation id, and leaves the decoder at the body.
pub fn read_response_header(
    d: &mut Decoder,
    api: ApiKey,
    version: i16,
) -> Result<i32, DecodeError> {
    let correlation_id = d.int32()?;
    d.set_flexible(api.response_header_version(version) >= 1);
    d.skip_tags()?;
    Ok(correlation_id)
}
