//! Watches: the changes of a kind as a stream of lines, until the watch's time is over, it is dropped
//! or it asks for what is forgotten.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::refusal::Refusal;
use crate::request::Question;
use crate::revision::Newest;
use crate::shared::Shared;
use crate::store::{Asking, Change, Store};
use crate::views::{METADATA_KIND, METADATA_VERSION, asked};

struct Watch {
    shared: Arc<Shared>,
    question: Question,
    cursor: u64,
    until: Instant,
    newest: Newest,
    dropped: Newest,
    /// What is sent before any change.
    first: Option<String>,
    /// When to tell how far the watch has come.
    bookmark: Instant,
    over: bool,
}

/// How often a watch without changes tells how far it has come.
const BOOKMARKS_EVERY: Duration = Duration::from_secs(60);

/// The lines of a watch.
pub(crate) fn lines(
    shared: &Arc<Shared>,
    question: Question,
) -> impl Stream<Item = Bytes> + Send + use<> {
    let newest = Newest::of(&shared.newest);
    let dropped = Newest::of(&shared.dropped);
    let until = Instant::now() + question.watching.lasts;
    let from_now = question.watching.after.is_none() || question.watching.initial_events;
    let (cursor, first) = {
        let store = shared.store.lock();
        match question.watching.after {
            Some(revision) if !from_now => (revision, None),
            _ => (store.revision(), Some(present(&store, &question))),
        }
    };
    let watch = Watch {
        shared: Arc::clone(shared),
        question,
        cursor,
        until,
        newest,
        dropped,
        first,
        bookmark: Instant::now() + BOOKMARKS_EVERY,
        over: false,
    };
    stream::unfold(watch, |mut watch| async move {
        let lines = watch.next().await?;
        Some((Bytes::from(lines), watch))
    })
}

impl Watch {
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Some(first);
        }
        while !self.over {
            self.newest.mark_unchanged();
            match self.changes() {
                Ok(lines) if lines.is_empty() => {}
                Ok(lines) => return Some(lines),
                Err(expired) => {
                    self.over = true;
                    return Some(line("ERROR", &expired.status()));
                }
            }
            tokio::select! {
                // In one order, so that a seed is one run.
                biased;
                () = self.dropped.changed() => self.over = true,
                () = self.newest.changed() => {
                    let lag = *self.shared.lag.lock();
                    if !lag.is_zero() {
                        sleep(lag).await;
                    }
                }
                () = sleep_until(self.until) => {
                    self.over = true;
                    if self.question.watching.bookmarks {
                        return Some(bookmark(&self.question, self.cursor, false));
                    }
                }
                () = sleep_until(self.bookmark), if self.question.watching.bookmarks => {
                    self.bookmark = Instant::now() + BOOKMARKS_EVERY;
                    return Some(bookmark(&self.question, self.cursor, false));
                }
            }
        }
        None
    }

    fn changes(&mut self) -> Result<String, Refusal> {
        let store = self.shared.store.lock();
        let mut lines = String::new();
        for change in store.changes_after(self.cursor)? {
            if change.place.kind == self.question.kind.kind {
                lines.extend(event(&self.question, change));
            }
        }
        self.cursor = store.revision();
        Ok(lines)
    }
}

/// What is there when a watch begins without a version.
fn present(store: &Store, question: &Question) -> String {
    let asking = Asking {
        selection: question.asking.selection.clone(),
        ..Asking::default()
    };
    let page = store.list(question.kind, &asking).unwrap_or_default();
    let mut lines: String = page
        .items
        .iter()
        .map(|object| {
            let object = asked(question.kind, object, question.metadata_only);
            line("ADDED", &object)
        })
        .collect();
    if question.watching.initial_events && question.watching.bookmarks {
        lines.push_str(&bookmark(question, page.revision, true));
    }
    lines
}

/// A change as who selects sees it: what no longer matches is gone for them.
fn event(question: &Question, change: &Change) -> Option<String> {
    let matching = |object: &Option<Arc<Value>>| {
        let object = object.as_ref()?;
        let matches = question.asking.selection.matches(object);
        matches.then(|| Arc::clone(object))
    };
    let (before, after) = (matching(&change.before), matching(&change.after));
    let (kind, object) = match (before, after) {
        (None, Some(after)) => ("ADDED", after),
        (Some(_), Some(after)) => ("MODIFIED", after),
        (Some(before), None) => ("DELETED", before),
        (None, None) => return None,
    };
    let mut object = asked(question.kind, &object, question.metadata_only);
    if kind == "DELETED" {
        object.to_mut()["metadata"]["resourceVersion"] = change.revision.to_string().into();
    }
    Some(line(kind, &object))
}

fn bookmark(question: &Question, revision: u64, ends_initial: bool) -> String {
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if ends_initial {
        metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
    }
    let kind = question.kind;
    let (version, name) = if question.metadata_only {
        (METADATA_VERSION.to_owned(), METADATA_KIND)
    } else {
        (kind.api_version(), kind.kind)
    };
    let object = json!({"apiVersion": version, "kind": name, "metadata": metadata});
    line("BOOKMARK", &object)
}

fn line(kind: &str, object: &Value) -> String {
    format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
}
