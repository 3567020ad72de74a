//! The binding to the Raft library. Nothing outside this module and the handle names it.

pub(crate) mod log_store;
pub(crate) mod machine;
pub(crate) mod network;
pub(crate) mod rpc;
pub(crate) mod server;
pub(crate) mod types;

#[cfg(test)]
mod suite_tests;
