//! The operator on a real Kubernetes: each test in a namespace of its own under the restricted profile, most with a
//! producer and a consumer at work whose history is checked at the end.

mod broker_faults;
mod changes;
mod chart;
mod claims;
mod deletion;
mod install;
mod kafka;
mod names;
mod operator;
mod operator_faults;
mod restarts;
mod specs;
mod stage;
mod storage;
mod topics;
mod traffic;
mod trouble;
