//! One partition on this broker: its log, its leader's view, and the requests that wait at it.
//! Ties the pure parts together; decides nothing that they decide.

mod append;
mod exclusive;
mod flush;
mod flush_state;
mod job;
mod lead;
mod park;
mod read;
mod state;
#[cfg(test)]
mod tests;

pub use append::Appended;
pub use job::Placed;
pub use read::{Isolation, ReadAnswer, ReadAsk};
pub use state::{Partition, TopicShared};
