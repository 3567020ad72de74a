//! Clusters: each `KafkaCluster` made into Kubernetes objects, and its brokers kept as it says.

mod apply;
mod caches;
mod census;
mod controller;
mod difference;
mod fleet;
mod objects;
mod pass;
mod pods;
mod properties;
mod racks;
mod refusals;
mod restarts;
mod standing;
mod status;
mod volumes;

pub(crate) use controller::run;
