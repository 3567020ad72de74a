//! `millrace up` as a user has it: the program itself, in an empty directory, with files that are edited
//! and applied, stopped and killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod ends;
mod kit;
mod mistakes;
mod refusals;
mod story;
