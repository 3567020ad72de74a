//! The output of containers. Where it is found is told by whoever runs them.

mod joined;
mod output;
mod question;
mod reading;
mod record;
mod start;

pub use output::{ContainerRun, Output, PodLogs};
pub(crate) use question::{Question, container};
pub(crate) use reading::lines;
