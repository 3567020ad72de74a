//! Planners: what is wanted and what was observed in, what to do now and why not more out. Each is a
//! function of its arguments alone, so an operator that was killed goes on from what it reads.
//! Nothing here asks, waits or writes.

pub mod configs;
pub mod roll;
pub mod scale;
pub mod storage;
pub mod topics;
mod value;
