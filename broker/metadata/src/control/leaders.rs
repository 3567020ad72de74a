//! Who leads: elections that clients ask for, in-sync sets that leaders report, and everything
//! that follows for partitions when brokers or settings change.

mod alter_partition;
mod consequences;
mod elect;
mod elections;

pub use alter_partition::alter_partition;
pub(crate) use consequences::{leaderless, leaving, losing, unsettled, with_consequences};
pub use elect::{balance_leaders, elect_leaders};
pub(crate) use elections::ELECTION_SETTINGS;
