//! Requests as bytes through dispatch to the handlers, and their answers as bytes, against golden
//! files. `MILLRACE_BLESS=1 cargo test -p millrace-server --test handlers` writes those.

mod book;
mod groups;
mod oracle;
mod records;
mod requests;
mod topics;
mod versions;
mod world;
