//! The planners, by examples in tables; and the roll, against a fleet that fails as it likes and a
//! checker that knows nothing of how the planner thinks.

mod configs;
mod endings;
mod fleet;
mod roll;
mod rolls;
mod scale;
mod storage;
mod topic;
mod topics;
mod world;
