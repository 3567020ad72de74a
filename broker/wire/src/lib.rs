//! Kafka's wire protocol: messages, frames, and the table of what is served.
//! Bytes in, values out, and back; no socket, no policy.

pub mod api_key;
mod decoder;
mod encoder;
mod error;
mod every_message;
mod frame;
mod message;
mod payload;
mod primitives;
mod versions;

#[doc(hidden)]
pub mod roster;

#[allow(clippy::too_many_lines)]
pub mod messages;
#[allow(clippy::too_many_lines)]
pub mod records;

pub use api_key::{ApiKey, Listener};
pub use decoder::{DECODED_BYTES_MAX, Decoder};
pub use encoder::{Encoded, Encoder, Piece, SHARED_RECORDS_MIN};
pub use error::{DecodeError, DecodeProblem, EncodeError};
pub use frame::{
    FrameSizeError, LENGTH_BYTES, RequestHeader, encode_request, encode_response, frame_length,
    read_response_header,
};
pub use message::{Fields, Message, Request, Typed, VersionRange};
pub use payload::Records;
pub use versions::{SERVED, Served, served};
