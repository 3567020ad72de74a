//! Harness for tests that judge a broker from outside: processes, ports, deadlines, histories.
//!
//! Nothing here knows how a broker works inside; it starts one, watches it and stops it.

pub mod broker;
pub mod built;
pub mod control;
pub mod deadline;
pub mod history;
pub mod pages;
pub mod ports;
pub mod probe;
pub mod properties;
pub mod target;
pub mod tree;
