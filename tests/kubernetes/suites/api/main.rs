//! The API server itself: it passes every check that the API inside the process must pass, and what
//! that one knows of it is what it says.

mod checks;
mod refusals;
mod schemas;
mod server;
