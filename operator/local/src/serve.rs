//! The API as a service for kube's client: a question in, its fate decided, an answer or a stream out.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::StreamExt;
use http::{Request, Response, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use tokio::time::sleep;
use tower::{BoxError, Service};

use crate::api::LocalApi;
use crate::refusal::Refusal;
use crate::request::Question;
use crate::respond::{Reply, respond};
use crate::script::{Fate, Verb};
use crate::watch::lines;

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

impl Service<Request<Body>> for LocalApi {
    type Response = Answer;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

impl LocalApi {
    async fn answer(self, request: Request<Body>) -> Result<Answer, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let question = match Question::read(&parts, &body) {
            Ok(question) => question,
            Err(refusal) => return Ok(refused(&refusal)),
        };
        match self.decide(&question) {
            Fate::Failed(code) => return Ok(refused(&Refusal::Scripted { code })),
            Fate::Broken => return Err("connection reset, as it was told to".into()),
            Fate::Unanswered => return std::future::pending().await,
            Fate::AnswerLost => {
                let _lost = self.work(&question);
                return std::future::pending().await;
            }
            Fate::AnsweredAfter(delay) => sleep(delay).await,
            Fate::WatchesDropped => self.drop_watches(),
            Fate::Answered => {}
        }
        if question.verb == Verb::Watch {
            let lines = lines(&self.shared, question);
            let frames = lines.map(|line| Ok(Frame::data(line)));
            return Ok(response(200, StreamBody::new(frames).boxed_unsync()));
        }
        Ok(match self.work(&question) {
            Ok(reply) => told(&reply),
            Err(refusal) => refused(&refusal),
        })
    }

    fn decide(&self, question: &Question) -> Fate {
        (self.shared.script.lock())(&question.asked())
    }

    fn work(&self, question: &Question) -> Result<Reply, Refusal> {
        let now = self.shared.now();
        self.shared.write(|store| respond(store, question, now))
    }
}

fn told(reply: &Reply) -> Answer {
    let mut answer = response(reply.code, whole(reply.body.text()));
    for warning in &reply.warnings {
        if let Ok(value) = format!("299 - {warning:?}").parse() {
            answer.headers_mut().append(header::WARNING, value);
        }
    }
    answer
}

fn refused(refusal: &Refusal) -> Answer {
    response(refusal.code(), whole(refusal.status().to_string()))
}

fn whole(body: String) -> UnsyncBoxBody<Bytes, Infallible> {
    Full::new(Bytes::from(body)).boxed_unsync()
}

fn response(code: u16, body: UnsyncBoxBody<Bytes, Infallible>) -> Answer {
    Response::builder()
        .status(code)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .expect("the status and the header are legal")
}
