//! One file per command.

pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod consume;
pub(crate) mod group;
pub(crate) mod produce;
pub(crate) mod topic;
