//! One data directory: whose it is, which logs it has, and the checkpoints they share. Decides nothing
//! about when: the caller schedules, and says what time it is.

mod checkpoints;
mod data_dir;
mod identity;
mod logs;
mod names;
mod parallel;

pub use self::data_dir::DataDir;
pub use self::identity::{DataDirError, Identity};
pub use self::logs::{CreateResult, NewLog, OpenResult, OpenedLog};
pub use self::names::PartitionDir;
