//! Tests that run broker processes: how they start and end, and what is left after a crash.
//!
//! Protocol semantics are judged by foreign clients; here it is the process that matters.

mod crash;
mod process;
mod workload;
