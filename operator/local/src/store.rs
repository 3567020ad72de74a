//! The objects and the API server's rules for them: versions, generations, preconditions, finalizers,
//! owners. Pure: the time comes in, answers and the history of changes come out.

mod birth;
mod collect;
mod difference;
mod history;
mod index;
mod keep;
mod metadata;
mod naming;
mod place;
mod read;
mod remove;
mod state;
mod terms;
mod write;

pub(crate) use history::Change;
pub(crate) use place::Place;
pub(crate) use read::{Asking, Matching};
pub(crate) use remove::{Deletion, Propagation};
pub(crate) use state::Store;
pub(crate) use terms::{Outcome, Part, Terms, Unknown};
