//! The operator on a real Kubernetes: each test in a namespace of its own under the restricted profile, most with a
//! producer and a consumer at work whose history is checked at the end.

mod broker_faults;
mod changes;
mod chart;
mod claims;
mod crashes;
mod deletion;
mod disk_faults;
mod fields;
mod http;
mod install;
mod kafka;
mod leader;
mod load;
mod monitoring;
mod names;
mod node_faults;
mod operator;
mod operator_faults;
mod prometheus;
mod racks;
mod restarts;
mod specs;
mod stage;
mod storage;
mod topics;
mod traffic;
mod trouble;
