//! The API: a service for kube's client, and a side door for tests and for controllers inside the
//! process that no script is asked about.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::StreamExt;
use http::{Request, Response, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use jiff::{SignedDuration, Timestamp};
use kube::Client;
use kube::client::Body;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tower::{BoxError, Service};

use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::request::Question;
use crate::respond::respond;
use crate::script::{Asked, Fate, Verb};
use crate::selector::Selection;
use crate::store::{Part, Place, Store};
use crate::watch::lines;

type Script = Box<dyn FnMut(&Asked) -> Fate + Send>;
type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// The Kubernetes API.
#[derive(Clone)]
pub struct LocalApi {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) store: Mutex<Store>,
    pub(crate) newest: watch::Sender<u64>,
    pub(crate) dropped: watch::Sender<u64>,
    pub(crate) lag: Mutex<Duration>,
    script: Mutex<Script>,
    asked: Mutex<Vec<Asked>>,
    /// Its clock: the time at which it began, and how long ago that is.
    began: Timestamp,
    started: Instant,
}

impl LocalApi {
    /// An empty API whose clock begins at `began`.
    #[must_use]
    pub fn new(began: Timestamp) -> Self {
        Self {
            shared: Arc::new(Shared {
                store: Mutex::default(),
                newest: watch::Sender::new(0),
                dropped: watch::Sender::new(0),
                lag: Mutex::default(),
                script: Mutex::new(Box::new(|_| Fate::Answered)),
                asked: Mutex::default(),
                began,
                started: Instant::now(),
            }),
        }
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.clone(), "default")
    }

    /// What becomes of every request from now on.
    pub fn script(&self, script: impl FnMut(&Asked) -> Fate + Send + 'static) {
        *self.shared.script.lock() = Box::new(script);
    }

    /// What was asked since the last time, in order.
    #[must_use]
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.asked.lock())
    }

    /// Watches hear of everything so much later.
    pub fn lag(&self, lag: Duration) {
        *self.shared.lag.lock() = lag;
    }

    /// Ends every watch.
    pub fn drop_watches(&self) {
        self.shared.dropped.send_modify(|dropped| *dropped += 1);
    }

    /// Ends every watch, and none of them can go on where it was.
    pub fn forget_history(&self) {
        self.shared.store.lock().forget_history();
        self.drop_watches();
    }

    /// Changes with every write.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.shared.newest.subscribe()
    }

    /// An object as it is stored.
    #[must_use]
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let place = Place::new(Kind::named(kind)?, namespace, name);
        let found = self.shared.store.lock().get(&place).ok()?;
        Some(Value::clone(&found))
    }

    /// All objects of a kind, by namespace and name.
    #[must_use]
    pub fn objects(&self, kind: &str) -> Vec<Arc<Value>> {
        let Some(kind) = Kind::named(kind) else {
            return Vec::new();
        };
        let store = self.shared.store.lock();
        store.list(kind, &Selection::default(), None, None).items
    }

    /// Every object.
    #[must_use]
    pub fn everything(&self) -> Vec<Arc<Value>> {
        self.shared.store.lock().everything()
    }

    /// Puts objects back that were kept, as they were. To be called before anything else.
    pub fn restore(&self, objects: Vec<Value>) {
        self.shared.store.lock().restore(objects);
    }

    /// Creates an object that says itself what it is and where.
    ///
    /// # Errors
    /// When it is there, or of no kind that is served.
    pub fn create(&self, object: Value) -> Result<Arc<Value>, Refusal> {
        let name = object["kind"].as_str().unwrap_or_default();
        let kind = served(name)?;
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
        let place = Place::new(kind, text("namespace"), text("name"));
        let now = self.shared.now();
        self.write(|store| store.create(kind, &place, object, now))
    }

    /// Changes an object, its status too. One that nothing holds any more goes.
    ///
    /// # Errors
    /// When it is not there.
    pub fn edit(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        edit: impl FnOnce(&mut Value),
    ) -> Result<Arc<Value>, Refusal> {
        let kind = served(kind)?;
        let place = Place::new(kind, namespace, name);
        self.write(|store| {
            store.update(kind, &place, Part::Whole, |old| {
                let mut new = old.clone();
                edit(&mut new);
                Ok(new)
            })
        })
    }

    /// Deletes an object as a user would.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Refusal> {
        self.delete_with(kind, namespace, name, &Value::Null)
    }

    /// Takes an object away whose stop nobody waits for any more.
    ///
    /// # Errors
    /// When it is not there.
    pub fn finish(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Refusal> {
        let now = serde_json::json!({"gracePeriodSeconds": 0});
        self.delete_with(kind, namespace, name, &now)
    }

    fn delete_with(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        options: &Value,
    ) -> Result<(), Refusal> {
        let kind = served(kind)?;
        let place = Place::new(kind, namespace, name);
        let now = self.shared.now();
        self.write(|store| store.delete(kind, &place, options, now))
            .map(drop)
    }

    fn write<T>(&self, work: impl FnOnce(&mut Store) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut store = self.shared.store.lock();
        let before = store.revision();
        let done = work(&mut store);
        let revision = store.revision();
        drop(store);
        if revision != before {
            self.shared.newest.send_replace(revision);
        }
        done
    }

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
            Fate::Answered => {}
        }
        if question.verb == Verb::Watch {
            let lines = lines(&self.shared, question);
            let frames = lines.map(|line| Ok(Frame::data(line)));
            return Ok(response(200, StreamBody::new(frames).boxed_unsync()));
        }
        Ok(match self.work(&question) {
            Ok((code, body)) => response(code, whole(&body)),
            Err(refusal) => refused(&refusal),
        })
    }

    fn decide(&self, question: &Question) -> Fate {
        let asked = question.asked();
        let fate = (self.shared.script.lock())(&asked);
        self.shared.asked.lock().push(asked);
        fate
    }

    fn work(&self, question: &Question) -> Result<(u16, Value), Refusal> {
        let now = self.shared.now();
        self.write(|store| respond(store, question, now))
    }
}

impl Shared {
    fn now(&self) -> Timestamp {
        let age = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.began.saturating_add(age).unwrap_or(self.began)
    }
}

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

fn served(kind: &str) -> Result<&'static Kind, Refusal> {
    Kind::named(kind).ok_or_else(|| Refusal::NotServed {
        path: kind.to_owned(),
    })
}

fn refused(refusal: &Refusal) -> Answer {
    response(refusal.code(), whole(&refusal.status()))
}

fn whole(body: &Value) -> UnsyncBoxBody<Bytes, Infallible> {
    Full::new(Bytes::from(body.to_string())).boxed_unsync()
}

fn response(code: u16, body: UnsyncBoxBody<Bytes, Infallible>) -> Answer {
    Response::builder()
        .status(code)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .expect("the status and the header are legal")
}
