//! The reconcilers against an API server and brokers that fail, conflict, delay and forget: the
//! operator as it is, a Kubernetes API inside the process, Kafka clusters in memory, and a clock that
//! stands still until everybody waits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alone;
mod brokers;
mod converged;
mod crash;
mod faults;
mod lanes;
mod machines;
mod old_files;
mod ownership;
mod plug;
mod refusals;
mod refused_pods;
mod things;
mod volumes;
mod world;
