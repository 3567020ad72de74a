//! Reference pages that need more than one crate or a built program to be written: errors, the protocol, the
//! command line. `MILLRACE_BLESS=1` writes them.

mod command_line;
mod errors;
mod protocol;
