//! Requests as bytes through dispatch to the handlers, and their answers as bytes, against golden
//! files. `MILLRACE_BLESS=1 cargo test -p millrace-server --test handlers` writes those.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of this is tests, though not all of it is a test function"
)]
#![expect(
    clippy::too_many_lines,
    reason = "a list of cases reads from top to bottom, however long it is"
)]

mod book;
mod groups;
mod oracle;
mod pages;
mod records;
mod requests;
mod storage;
mod time;
mod topics;
mod versions;
mod waits;
mod world;
