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

use crate::fields::Writer;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::request::Question;
use crate::respond::{Reply, respond};
use crate::script::{Asked, Fate, Verb};
use crate::store::{Asking, Deletion, Part, Place, Store, Terms, Unknown};
use crate::watch::lines;

/// Who writes through the side door, in managed fields.
const INSIDER: &str = "millrace-local";

/// The namespace that is there before anybody makes one.
const FIRST_NAMESPACE: &str = "default";

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
    /// An API with nothing but the namespace `default`, whose clock begins at `began`.
    #[must_use]
    pub fn new(began: Timestamp) -> Self {
        let api = Self {
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
        };
        api.write(|store| ensure_namespace(store, FIRST_NAMESPACE, &api.insider(namespaces())))
            .expect("the first namespace is in nobody's way");
        api
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
        let page = store.list(kind, &Asking::default());
        page.map(|page| page.items).unwrap_or_default()
    }

    /// Every object, to be kept beyond this process.
    #[must_use]
    pub fn everything(&self) -> Vec<Arc<Value>> {
        self.shared.store.lock().everything()
    }

    /// Puts objects back that were kept, as they were. To be called before anything else.
    pub fn restore(&self, objects: Vec<Value>) {
        let mut store = self.shared.store.lock();
        store.restore(objects);
        self.shared.newest.send_replace(store.revision());
    }

    /// Creates an object that says itself what it is and where, and its namespace where there is none.
    /// Nothing else of it is checked.
    ///
    /// # Errors
    /// When it is there, or of no kind that is served.
    pub fn create(&self, object: Value) -> Result<Arc<Value>, Refusal> {
        let name = object["kind"].as_str().unwrap_or_default();
        let kind = served(name)?;
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
        let place = Place::new(kind, text("namespace"), text("name"));
        let terms = self.insider(kind);
        self.write(|store| {
            if kind.namespaced && !place.namespace.is_empty() {
                ensure_namespace(store, &place.namespace, &self.insider(namespaces()))?;
            }
            let created = store.create(kind, &place, object, &terms)?;
            Ok(created.object)
        })
    }

    /// Changes an object, its status too, without any check. One that nothing holds any more goes.
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
        let terms = self.insider(kind);
        self.write(|store| {
            let edited = store.update(kind, &place, &terms, |old| {
                let mut new = old.clone();
                edit(&mut new);
                Ok(new)
            })?;
            Ok(edited.object)
        })
    }

    /// Deletes an object as a user would.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Refusal> {
        self.delete_within(kind, namespace, name, None)
    }

    /// Takes an object away whose stop nobody waits for any more.
    ///
    /// # Errors
    /// When it is not there.
    pub fn finish(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Refusal> {
        self.delete_within(kind, namespace, name, Some(0))
    }

    fn delete_within(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        grace: Option<i64>,
    ) -> Result<(), Refusal> {
        let place = Place::new(served(kind)?, namespace, name);
        let deletion = Deletion {
            propagation: None,
            grace,
            preconditions: Value::Null,
            dry_run: false,
            now: self.shared.now(),
        };
        self.write(|store| store.delete(&place, &deletion))
            .map(drop)
    }

    /// On which terms the side door writes.
    fn insider(&self, kind: &Kind) -> Terms {
        Terms {
            by: Writer {
                name: INSIDER.to_owned(),
                api_version: kind.api_version(),
                subresource: "",
            },
            part: Part::Whole,
            now: self.shared.now(),
            dry_run: false,
            unknown: Unknown::Dropped,
            trusted: true,
        }
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
            Ok(reply) => {
                let mut answer = response(reply.code, whole(&reply.body));
                for warning in &reply.warnings {
                    if let Ok(value) = format!("299 - {warning:?}").parse() {
                        answer.headers_mut().append(header::WARNING, value);
                    }
                }
                answer
            }
            Err(refusal) => refused(&refusal),
        })
    }

    fn decide(&self, question: &Question) -> Fate {
        let asked = question.asked();
        let fate = (self.shared.script.lock())(&asked);
        self.shared.asked.lock().push(asked);
        fate
    }

    fn work(&self, question: &Question) -> Result<Reply, Refusal> {
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

fn namespaces() -> &'static Kind {
    Kind::named("Namespace").expect("namespaces are served")
}

fn ensure_namespace(store: &mut Store, name: &str, terms: &Terms) -> Result<(), Refusal> {
    let kind = namespaces();
    let place = Place::new(kind, "", name);
    if store.get(&place).is_err() {
        store.create(kind, &place, Value::Null, terms)?;
    }
    Ok(())
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
