//! One request from its head to its answer: guarded, read within limits, given to whoever knows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::ready;
use futures::{Stream, StreamExt};
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;
use kube::client::Body;
use millrace_local::{Kind, LocalApi};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::answer::{Answer, document, refusal, stream, text};
use crate::logs::{ContainerRun, PodLogs, Question, container, lines};
use crate::negotiate::{Form, form};
use crate::resource::{DEFINITIONS, resources};
use crate::route::{Route, route};
use crate::table::{Include, Table};
use crate::{access, definitions, discovery, guard, openapi, stop, warnings, watch as tables};

/// As the API server's: nothing larger could be stored in one.
const BODY_LIMIT: usize = 3 << 20;
/// From the end of the head to the end of the body.
const BODY_DEADLINE: Duration = Duration::from_secs(30);
/// From the request to the head of its answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);
/// A watch that does not say how long.
const WATCH_LASTS: Duration = Duration::from_secs(1_800);
/// Why what a row is to carry makes no sense.
const INCLUDED: &str = "includeObject is None, Metadata or Object";
/// The Kubernetes whose behaviour is kept to.
const MINOR: u32 = 34;

/// What connections ask.
pub(crate) struct Served {
    api: LocalApi,
    logs: Arc<dyn PodLogs>,
    stopped: watch::Receiver<bool>,
    /// When it began, and with it what is always there.
    began: Timestamp,
}

impl Served {
    pub(crate) fn new(
        api: LocalApi,
        logs: Arc<dyn PodLogs>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            api,
            logs,
            stopped,
            began: now(),
        }
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
        let answer = timeout(ANSWER_DEADLINE, self.routed(head, body)).await;
        answer.unwrap_or_else(|_| {
            let why = format!("there was no answer after {ANSWER_DEADLINE:?}");
            refusal(StatusCode::GATEWAY_TIMEOUT, "Timeout", &why)
        })
    }

    async fn routed(&self, head: Parts, body: Bytes) -> Answer {
        let uri = head.uri.clone();
        match (route(uri.path()), form(&head.headers)) {
            (Route::Objects(Some(_)), None) => {
                let why = "only JSON is served: accept application/json";
                refusal(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", why)
            }
            (Route::Objects(Some(kind)), Some(Form::Table)) => self.table(kind, head, body).await,
            (Route::Objects(Some(kind)), _) if warnings::concern(kind, &head.method) => {
                warnings::with_warnings(self.ask(head, body).await).await
            }
            (Route::Objects(_), _) => self.ask(head, body).await,
            (Route::MayI, _) if head.method == Method::POST => match access::read(&body) {
                Ok(review) => document(StatusCode::CREATED, &access::reviewed(review)),
                Err(why) => bad_request(&why),
            },
            (Route::NeedsContainers(part), _) => {
                let why = format!(
                    "{part} is not served: pods are processes of this machine, without containers"
                );
                refusal(StatusCode::NOT_FOUND, "NotFound", &why)
            }
            _ if head.method != Method::GET => {
                let why = format!("{} is not served at {}", head.method, uri.path());
                refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", &why)
            }
            (Route::Log { namespace, pod }, _) => {
                self.log(namespace, pod, uri.query().unwrap_or_default())
                    .await
            }
            (Route::Definitions(name), form) => self.definitions(name, &uri, form),
            (route, form) => {
                let aggregated = form == Some(Form::Discovery);
                told(route, aggregated).unwrap_or_else(|| not_served(uri.path()))
            }
        }
    }

    /// The API's own answer, which ends when the server stops.
    async fn ask(&self, head: Parts, body: Bytes) -> Answer {
        let request = Request::from_parts(head, Body::from(body.to_vec()));
        match self.api.clone().oneshot(request).await {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                let data = body.into_data_stream().filter_map(|data| ready(data.ok()));
                Answer::from_parts(head, stream(self.until_stopped(data)))
            }
            Err(error) => {
                let code = StatusCode::INTERNAL_SERVER_ERROR;
                refusal(code, "InternalError", &error.to_string())
            }
        }
    }

    /// Definitions of the project's own kinds, as they are or as rows.
    fn definitions(&self, name: Option<&str>, uri: &Uri, form: Option<Form>) -> Answer {
        let query = uri.query().unwrap_or_default();
        let found = match name {
            None => definitions::list(query, self.began),
            Some(name) => match definitions::one(name, self.began) {
                Some(definition) => Ok(definition),
                None => {
                    return not_found(
                        &format!("{}.{}", DEFINITIONS.plural, DEFINITIONS.group),
                        name,
                    );
                }
            },
        };
        let found = match found {
            Ok(found) => found,
            Err(why) => return bad_request(&why),
        };
        let table = match (form, included(uri)) {
            (Some(Form::Table), None) => return bad_request(INCLUDED),
            (Some(Form::Table), Some(include)) => Some(Table::of_definitions(include)),
            _ => None,
        };
        if name.is_none() && is_watch(uri) {
            return self.watched(definitions::events(&found, query), uri, table);
        }
        match table {
            Some(table) => document(StatusCode::OK, &table.of(&found, now())),
            None => document(StatusCode::OK, &found),
        }
    }

    /// A watch of what does not change: everything that it will ever tell, and then silence.
    fn watched(&self, events: String, uri: &Uri, table: Option<Table>) -> Answer {
        let limit = parameter(uri, "timeoutSeconds").and_then(|seconds| seconds.parse().ok());
        let limit = limit.map_or(WATCH_LASTS, Duration::from_secs);
        let first = (!events.is_empty()).then(|| Bytes::from(events));
        let lines = futures::stream::iter(first)
            .chain(futures::stream::pending())
            .take_until(sleep(limit));
        let lines = self.until_stopped(lines);
        let mut answer = document(StatusCode::OK, &Value::Null);
        *answer.body_mut() = match table {
            Some(table) => stream(tables::tables(lines, table, now)),
            None => stream(lines),
        };
        answer
    }

    /// The API's answer with rows in the place of objects.
    async fn table(&self, kind: &Kind, head: Parts, body: Bytes) -> Answer {
        let Some(include) = included(&head.uri) else {
            return bad_request(INCLUDED);
        };
        let watches = is_watch(&head.uri);
        let table = Table::new(kind, include);
        let answer = self.ask(head, body).await;
        if !answer.status().is_success() {
            return answer;
        }
        let (mut head, body) = answer.into_parts();
        head.headers.remove(header::CONTENT_LENGTH);
        if watches {
            let data = body.into_data_stream().filter_map(|data| ready(data.ok()));
            return Answer::from_parts(head, stream(tables::tables(data, table, now)));
        }
        let Ok(body) = body.collect().await;
        let body = match serde_json::from_slice::<Value>(&body.to_bytes()) {
            Ok(object) if object["kind"] != "Status" => table.of(&object, now()),
            Ok(status) => status,
            Err(error) => {
                let code = StatusCode::INTERNAL_SERVER_ERROR;
                return refusal(code, "InternalError", &error.to_string());
            }
        };
        Answer::from_parts(head, document(StatusCode::OK, &body).into_body())
    }

    async fn log(&self, namespace: &str, pod: &str, query: &str) -> Answer {
        let question = match Question::read(query, now()) {
            Ok(question) => question,
            Err(why) => return bad_request(&why),
        };
        let Some(found) = self.api.object("Pod", namespace, pod) else {
            return not_found("pods", pod);
        };
        let container = match container(&found, question.container.as_deref()) {
            Ok(container) => container,
            Err(why) => return bad_request(&why),
        };
        let run = ContainerRun {
            namespace: namespace.to_owned(),
            pod: pod.to_owned(),
            container,
            previous: question.previous,
        };
        let Some(output) = self.logs.output(&run) else {
            let which = if run.previous {
                "no earlier run"
            } else {
                "not run yet"
            };
            return bad_request(&format!(
                "container {} of pod {pod} has {which}",
                run.container
            ));
        };
        match lines(output, &question).await {
            Ok(lines) => {
                let mut answer = text(StatusCode::OK, "");
                *answer.body_mut() = stream(self.until_stopped(lines));
                answer
            }
            Err(error) => {
                let why = format!("the output of pod {pod} cannot be read: {error}");
                refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", &why)
            }
        }
    }

    fn until_stopped(
        &self,
        data: impl Stream<Item = Bytes> + Send + 'static,
    ) -> impl Stream<Item = Bytes> + Send + 'static {
        data.take_until(stop::told(self.stopped.clone()))
    }
}

/// What is the same as long as the program runs; `None` for what is not served.
fn told(route: Route<'_>, aggregated: bool) -> Option<Answer> {
    let found = |value: Value| Some(document(StatusCode::OK, &value));
    match route {
        Route::Health => Some(text(StatusCode::OK, "ok")),
        Route::Version => found(json!({
            "major": "1", "minor": MINOR.to_string(),
            "gitVersion": format!("v1.{MINOR}.0+millrace.{}", env!("CARGO_PKG_VERSION")),
            "gitCommit": "", "gitTreeState": "", "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "", "compiler": "rustc",
            "platform": format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
        })),
        Route::Core | Route::Groups if aggregated => {
            let all = discovery::aggregated(resources(), route == Route::Core);
            let mut answer = document(StatusCode::OK, &all);
            let form = HeaderValue::from_static(discovery::AGGREGATED);
            answer.headers_mut().insert(header::CONTENT_TYPE, form);
            Some(answer)
        }
        Route::Core => found(discovery::core_versions(resources())),
        Route::Groups => found(discovery::group_list(resources())),
        Route::Group(group) => discovery::group(resources(), group).and_then(found),
        Route::Resources { group, version } => {
            discovery::resource_list(resources(), group, version).and_then(found)
        }
        Route::SchemaIndex => found(openapi::index()),
        Route::Schemas(path) => {
            let mut documents = openapi::documents().iter();
            let schemas = documents.find(|document| document.path == path)?;
            let mut answer = text(StatusCode::OK, schemas.body.clone());
            let headers = answer.headers_mut();
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
            Some(answer)
        }
        _ => None,
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

fn bad_request(why: &str) -> Answer {
    refusal(StatusCode::BAD_REQUEST, "BadRequest", why)
}

fn not_found(resource: &str, name: &str) -> Answer {
    let why = format!("{resource} \"{name}\" not found");
    refusal(StatusCode::NOT_FOUND, "NotFound", &why)
}

/// What a parameter says.
fn parameter(uri: &Uri, wanted: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let mut said = form_urlencoded::parse(query.as_bytes());
    said.find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

fn is_watch(uri: &Uri) -> bool {
    matches!(parameter(uri, "watch").as_deref(), Some("true" | "1"))
}

/// What of its object a row is to carry.
fn included(uri: &Uri) -> Option<Include> {
    Include::named(parameter(uri, "includeObject").as_deref())
}

fn not_served(path: &str) -> Answer {
    let why = format!("the server could not find the requested resource: {path}");
    refusal(StatusCode::NOT_FOUND, "NotFound", &why)
}

async fn whole(body: Incoming) -> Result<Bytes, Answer> {
    let too_large = || {
        let why = format!("the body is larger than {BODY_LIMIT} bytes");
        refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &why)
    };
    // Who says how much is coming need not send it.
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(too_large());
    }
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(read) => Ok(read.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => Err(bad_request(&format!("reading the body: {error}"))),
    }
}
