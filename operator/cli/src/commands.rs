//! One file per command.

pub(crate) mod apply;
pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod consume;
pub(crate) mod down;
pub(crate) mod group;
pub(crate) mod produce;
pub(crate) mod status;
pub(crate) mod topic;
pub(crate) mod up;
