//! The log from outside, on disks in memory.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop"
)]

mod append_and_read;
mod crash;
mod data_dir;
mod offsets;
mod producers;
mod regressions;
mod support;
mod threads;
mod transactions;
