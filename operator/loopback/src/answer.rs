//! Answers as the API server forms them.

use std::convert::Infallible;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use serde_json::{Value, json};

pub(crate) type Content = UnsyncBoxBody<Bytes, Infallible>;
pub(crate) type Answer = Response<Content>;

/// A JSON document.
pub(crate) fn document(code: StatusCode, body: &Value) -> Answer {
    answer(code, "application/json", body.to_string())
}

/// Words.
pub(crate) fn text(code: StatusCode, body: impl Into<Bytes>) -> Answer {
    answer(code, "text/plain; charset=utf-8", body)
}

/// A `Status` that says why not.
pub(crate) fn refusal(code: StatusCode, reason: &str, message: &str) -> Answer {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    document(code, &status)
}

/// What comes piece by piece.
pub(crate) fn stream(data: impl Stream<Item = Bytes> + Send + 'static) -> Content {
    StreamBody::new(data.map(|data| Ok(Frame::data(data)))).boxed_unsync()
}

fn answer(code: StatusCode, content: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()).boxed_unsync());
    *answer.status_mut() = code;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    answer
}
