//! Topics: every `KafkaTopic` brought to its cluster, thousands in one request, and kept there.

mod asking;
mod batch;
mod claims;
mod desk;
mod engine;
mod entry;
mod home;
mod status;
mod topics;
mod verdict;
mod writes;

pub(crate) use engine::Engine;
pub(crate) use home::bootstrap;
