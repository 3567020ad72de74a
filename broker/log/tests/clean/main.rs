//! Compaction: what is kept and what goes, told in scripts; a model for everything else; and a crash
//! at every point.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod crash;
mod interruptions;
mod model;
mod scenarios;
mod script;
