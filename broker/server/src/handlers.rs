//! One file per API, named after it: what a request means and how it is answered. What is decided
//! elsewhere (controller, coordinator, log) is only asked for and translated here.

pub mod api_versions;
pub mod describe_log_dirs;
pub mod describe_producers;
pub mod fetch;
pub mod offset_for_leader_epoch;
pub mod produce;
