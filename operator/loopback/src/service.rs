//! One request from its head to its answer: guarded, read within limits, given to whoever knows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::request::Parts;
use http::{Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, LengthLimitError, Limited, StreamBody};
use hyper::body::Incoming;
use kube::client::Body;
use millrace_local::LocalApi;
use tokio::sync::watch;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::answer::{Answer, refusal};
use crate::guard;
use crate::logs::PodLogs;

/// As the API server's: nothing larger could be stored in one.
const BODY_LIMIT: usize = 3 << 20;
/// From the end of the head to the end of the body.
const BODY_DEADLINE: Duration = Duration::from_secs(30);
/// From the request to the head of its answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);

/// What connections ask.
pub(crate) struct Served {
    api: LocalApi,
    #[expect(dead_code, reason = "read by the log subresource")]
    logs: Arc<dyn PodLogs>,
    stopped: watch::Receiver<bool>,
}

impl Served {
    pub(crate) fn new(
        api: LocalApi,
        logs: Arc<dyn PodLogs>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self { api, logs, stopped }
    }

    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        if let Some(why) = guard::refused(&head.uri, &head.headers) {
            return refusal(StatusCode::FORBIDDEN, "Forbidden", &why);
        }
        let body = match timeout(BODY_DEADLINE, whole(body)).await {
            Ok(Ok(body)) => body,
            Ok(Err(refused)) => return refused,
            Err(_) => {
                let why = format!("the body was not here after {BODY_DEADLINE:?}");
                return refusal(StatusCode::REQUEST_TIMEOUT, "Timeout", &why);
            }
        };
        let answer = timeout(ANSWER_DEADLINE, self.ask(head, body)).await;
        answer.unwrap_or_else(|_| {
            let why = format!("there was no answer after {ANSWER_DEADLINE:?}");
            refusal(StatusCode::GATEWAY_TIMEOUT, "Timeout", &why)
        })
    }

    /// The API's own answer, which ends when the server stops.
    async fn ask(&self, head: Parts, body: Bytes) -> Answer {
        let request = Request::from_parts(head, Body::from(body.to_vec()));
        let (head, body) = match self.api.clone().oneshot(request).await {
            Ok(answer) => answer.into_parts(),
            Err(error) => {
                let code = StatusCode::INTERNAL_SERVER_ERROR;
                return refusal(code, "InternalError", &error.to_string());
            }
        };
        let mut stopped = self.stopped.clone();
        let stop = async move { stopped.wait_for(|stopped| *stopped).await.map(drop).ok() };
        let frames = body.into_data_stream().take_until(stop);
        let frames = frames.map(|data| data.map(Frame::data));
        Answer::from_parts(head, StreamBody::new(frames).boxed_unsync())
    }
}

async fn whole(body: Incoming) -> Result<Bytes, Answer> {
    let read = Limited::new(body, BODY_LIMIT).collect().await;
    read.map(http_body_util::Collected::to_bytes)
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                let why = format!("the body is larger than {BODY_LIMIT} bytes");
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &why);
            }
            refusal(
                StatusCode::BAD_REQUEST,
                "BadRequest",
                &format!("reading the body: {error}"),
            )
        })
}
