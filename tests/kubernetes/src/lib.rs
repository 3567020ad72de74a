//! A real Kubernetes for the tests: a cluster of several nodes on one machine, from published packages only.
//!
//! [`Cluster::from_env`] is what suites ask for, [`scenario`] the frame of a test. [`Lab`] is the cluster that this
//! package brings up itself; its verbs break nodes, cables, disks and pods. Nothing here knows what Millrace is.

mod binaries;
mod cluster;
mod collect;
mod command;
mod footprint;
mod image;
mod kubectl;
mod lab;
mod pods;
mod scenario;
mod skip;
mod template;
mod volumes;

pub use crate::binaries::{BUSYBOX, Binaries, need_binaries};
pub use crate::cluster::Cluster;
pub use crate::collect::collect;
pub use crate::footprint::footprint;
pub use crate::image::Image;
pub use crate::kubectl::Kubectl;
pub use crate::lab::{Change, Changes, Lab, MAX_NODES, Node, Service, Slow, obstacle};
pub use crate::pods::Processes;
pub use crate::scenario::scenario;
pub use crate::skip::{Skip, unless_skipped};
pub use crate::volumes::grow_volume;
