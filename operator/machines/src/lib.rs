//! What Kubernetes does besides its API server, on one machine: StatefulSets get pods and claims, pods
//! are run and restarted, volumes are bound, Services get ports, and names lead to pods. What runs in a
//! pod is a [`Runner`]'s business: [`Processes`] on the machine, or whatever a test makes of it.

mod addresses;
mod claims;
mod container;
mod events;
mod expansion;
mod json;
mod machines;
mod names;
mod pod;
mod process;
mod runner;
mod services;
mod sets;

pub use addresses::Addresses;
pub use machines::{Machines, Node};
pub use names::Names;
pub use process::{Layout, Logs, Processes, Program, RunLog};
pub use runner::{
    Container, ContainerId, Ended, HttpProbe, Mount, Probed, Report, Reports, Runner, Source,
};
