//! A fleet on this machine, without Kubernetes: the resources that `kubectl` takes, the operator that
//! works on a cluster, brokers as processes.

pub(crate) mod apply;
pub(crate) mod boot;
pub(crate) mod directory;
pub(crate) mod kept;
pub(crate) mod lifeline;
pub(crate) mod logs;
pub(crate) mod manifests;
pub(crate) mod progress;
pub(crate) mod running;
pub(crate) mod screen;
pub(crate) mod standing;
pub(crate) mod telemetry;
