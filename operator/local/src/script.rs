//! What was asked, and what a test lets become of it.

use std::time::Duration;

/// What is done with an object or with all of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Replace,
    Patch,
    Delete,
    /// All that a list would show.
    DeleteAll,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub verb: Verb,
    pub kind: &'static str,
    /// Empty for all namespaces, and for kinds that have none.
    pub namespace: String,
    /// Empty for all names.
    pub name: String,
    /// Whether only the status is concerned.
    pub status: bool,
    pub manager: Option<String>,
}

impl Asked {
    /// Whether it changes the store.
    #[must_use]
    pub const fn writes(&self) -> bool {
        matches!(
            self.verb,
            Verb::Create | Verb::Replace | Verb::Patch | Verb::Delete | Verb::DeleteAll
        )
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Answered,
    AnsweredAfter(Duration),
    /// It is answered, and every watch ends.
    WatchesDropped,
    /// Nothing was done; a `Status` with this code says so.
    Failed(u16),
    /// Nothing was done, and the connection breaks.
    Broken,
    /// Nothing was done, and nobody ever hears of it.
    Unanswered,
    /// It was done, and nobody ever hears of it.
    AnswerLost,
}
