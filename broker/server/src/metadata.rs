//! How decisions become facts: the controller decides, the quorum commits, the machine replays, the
//! publisher lets the rest of the broker act on what changed.

mod controller;
mod machine;
mod meters;
mod publisher;
mod registration;
mod subscribers;

pub(crate) use controller::patience;
pub use controller::{Controller, ControllerError};
pub use machine::{Committed, MetadataMachine};
pub use meters::MetadataMeters;
pub use publisher::{Publisher, Subscriber};
pub use registration::{Registration, register};
pub use subscribers::{ImageKeeper, ReplicaKeeper, current_config, topic_config};
