//! Lists: of what is there now, or was at a version that is still remembered, in pages.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde_json::Value;

use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::selector::Selection;
use crate::store::place::Place;
use crate::store::state::Store;

/// How a version that a list names is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    NotOlder,
    Exact,
}

/// What a list asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asking {
    pub(crate) selection: Selection,
    pub(crate) limit: Option<usize>,
    /// The version, and how it is meant.
    pub(crate) revision: Option<(u64, Matching)>,
    /// Where the page before ended.
    pub(crate) token: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) items: Vec<Arc<Value>>,
    pub(crate) revision: u64,
    /// How to get the next page, when more follow.
    pub(crate) token: Option<String>,
    pub(crate) remaining: Option<usize>,
}

/// Where a page ended: the version of the list (0: whatever is there), namespace and name.
struct Cut {
    revision: u64,
    namespace: String,
    name: String,
}

impl Cut {
    fn read(token: &str) -> Option<Self> {
        let mut parts = token.splitn(3, '/');
        Some(Self {
            revision: parts.next()?.parse().ok()?,
            namespace: parts.next()?.to_owned(),
            name: parts.next()?.to_owned(),
        })
    }

    fn written(&self) -> String {
        format!("{}/{}/{}", self.revision, self.namespace, self.name)
    }
}

impl Store {
    /// Objects in the order of their namespaces and names.
    pub(crate) fn list(&self, kind: &'static Kind, asking: &Asking) -> Result<Page, Refusal> {
        let newest = self.revision();
        if let Some((asked, _)) = asking.revision.filter(|(asked, _)| *asked > newest) {
            return Err(Refusal::TooLarge { asked, newest });
        }
        let cut = match &asking.token {
            None => None,
            Some(token) => {
                let cut = Cut::read(token).ok_or_else(|| {
                    Refusal::BadRequest(format!("continue key is not valid: {token}"))
                })?;
                Some(cut)
            }
        };
        let wanted = match (&cut, asking.revision) {
            (Some(cut), _) => Some(cut.revision).filter(|revision| *revision > 0),
            (None, Some((revision, Matching::Exact))) => Some(revision),
            (None, _) => None,
        };
        let revision = wanted.unwrap_or(newest);
        let first = match &cut {
            Some(cut) => Bound::Excluded(Place::new(kind, &cut.namespace, &cut.name)),
            None => Bound::Included(Place::new(kind, "", "")),
        };
        let past = self
            .changed_since(kind, revision)
            .map_err(|refusal| match cut {
                // The rest can be listed as it is now.
                Some(cut) => Refusal::ExpiredContinue {
                    token: Cut { revision: 0, ..cut }.written(),
                },
                None => refusal,
            })?;
        Ok(self.page(kind, asking, first, past, revision))
    }

    /// What objects were at `revision` that have changed since; `None`: they were not there.
    fn changed_since(
        &self,
        kind: &Kind,
        revision: u64,
    ) -> Result<BTreeMap<Place, Option<Arc<Value>>>, Refusal> {
        let mut past = BTreeMap::new();
        for change in self.changes_after(revision)?.rev() {
            if change.place.kind == kind.kind {
                past.insert(change.place.clone(), change.before.clone());
            }
        }
        Ok(past)
    }

    fn page(
        &self,
        kind: &Kind,
        asking: &Asking,
        first: Bound<Place>,
        past: BTreeMap<Place, Option<Arc<Value>>>,
        revision: u64,
    ) -> Page {
        let mut page = Page {
            revision,
            ..Page::default()
        };
        let bounds = (first, Bound::Unbounded);
        let now = self.objects.range(bounds.clone());
        let now = now.take_while(|(place, _)| place.kind == kind.kind);
        let now = now.filter(|(place, _)| !past.contains_key(*place));
        let gone = past.range(bounds);
        let gone = gone.filter_map(|(place, object)| Some((place, object.as_ref()?)));
        let mut all: Vec<(&Place, &Arc<Value>)> = now.chain(gone).collect();
        if !past.is_empty() {
            all.sort_by_key(|(place, _)| *place);
        }
        all.retain(|(_, object)| asking.selection.matches(object));
        let limit = asking
            .limit
            .filter(|limit| *limit > 0 && *limit < all.len());
        if let Some(limit) = limit {
            let (last, _) = all[limit - 1];
            let cut = Cut {
                revision,
                namespace: last.namespace.clone(),
                name: last.name.clone(),
            };
            page.token = Some(cut.written());
            page.remaining = asking.selection.takes_all().then(|| all.len() - limit);
            all.truncate(limit);
        }
        page.items = all
            .into_iter()
            .map(|(_, object)| Arc::clone(object))
            .collect();
        page
    }
}
