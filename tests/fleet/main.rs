//! Tests that run broker processes: how they start and end, what is left after a crash, and what
//! clients with bad manners can do to them.
//!
//! Protocol semantics are judged by foreign clients; here it is the process that matters.

mod absurd;
mod abuse;
mod answers;
mod bystander;
mod connections;
mod crash;
mod creation;
mod disk_full;
mod failing_disk;
mod hostile_batches;
mod keepsakes;
mod metrics;
mod ownership;
mod peer;
mod process;
mod workload;
